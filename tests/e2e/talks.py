"""Conversations with the running product that go to their proper end, and what its log and counters say about them."""

from __future__ import annotations

import re
import urllib.request
from typing import Any

from tests.e2e.phone.clients import Phone, loud_spans, until
from tests.e2e.phone.voices import english
from tests.support.product import RunningProduct
from tests.support.visitor import ChatVisitor

ASKS, LEAVES = "um hi, where is my rice cooker?", "no that's all thanks, goodbye."


def of_type(product: RunningProduct, conversation: str, type: str) -> list[dict[str, Any]]:
    return [event for event in product.events(conversation) if event["type"] == type]


def metric(product: RunningProduct, name: str) -> float:
    """The server's own count of something, 0 when it has not happened yet."""
    with urllib.request.urlopen(f"{product.http}/metrics", timeout=30) as answer:
        found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def faults(product: RunningProduct, code: str) -> float:
    return metric(product, f'voicebot_faults_total{{code="{code}"}}')


def restarts_of(product: RunningProduct, worker: str) -> float:
    return metric(product, f'voicebot_worker_restarts{{worker="{worker}"}}')


def over(caller: Phone) -> bool:
    """The caller has said something and been quiet for longer than a turn takes to end."""
    sound = caller.spoken()
    spans = loud_spans(sound)
    return bool(spans) and sound.ms - spans[-1][1] > 1500


def newest_call(product: RunningProduct) -> str:
    return str(next(row["id"] for row in product.conversations("shop") if row["channel"] == "voice"))


async def heard_in(product: RunningProduct, conversation: str, count: int) -> None:
    """Wait until this many utterances are in the log."""
    await until(lambda: len(of_type(product, conversation, "Heard")) >= count, f"{count} utterances in the log", 30)


async def leave_properly(caller: Phone, product: RunningProduct, conversation: str) -> list[dict[str, Any]]:
    """Say goodbye; the bot ends the call. Returns the log."""
    await caller.prompt(caller.heard().ms - 1500)
    await caller.say(english(LEAVES))
    await caller.event("CALL_CLOSED", timeout_s=40)
    await until(lambda: of_type(product, conversation, "Ended"), "the end in the log")
    return product.events(conversation)


async def order_status(one: ChatVisitor) -> None:
    """A chat to its proper end."""
    await one.say("where is my order", "order number")
    await one.say("A20481137", "last four digits")
    await one.say("1111", "on its way")
    await one.say("no that's all thanks", "goodbye")
    await one.kind("ended")
