"""What strangers send and what dies inside, while others talk: they go on, and the fault has a name.

Everything runs against the whole product. The callers are Debian's baresip, the visitors real WebSockets.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import urllib.error
import urllib.request
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.e2e.phone.clients import loud_spans, phone, until
from tests.e2e.phone.raw import RawCaller
from tests.e2e.phone.test_malformed import bad_packets, junk
from tests.e2e.phone.voices import english
from tests.e2e.talks import (
    ASKS,
    faults,
    heard_in,
    leave_properly,
    newest_call,
    of_type,
    order_status,
    over,
    restarts_of,
)
from tests.support.product import RunningProduct
from tests.support.visitor import visitor
from voicebot.web.serving import TRANSPORT_FRAME_BYTES


def sockets_of(product: RunningProduct) -> list[int]:
    """Local UDP ports of the server."""
    links = {os.readlink(one) for one in Path(f"/proc/{product.pid}/fd").iterdir() if one.is_symlink()}
    rows = (row.split() for row in Path("/proc/net/udp").read_text().splitlines()[1:])
    return [int(row[1].split(":")[1], 16) for row in rows if f"socket:[{row[9]}]" in links]


async def test_malformed_sip_and_sound_disturb_neither_a_call_nor_a_chat(
    running_product: RunningProduct, tmp_path: Path
) -> None:
    product = running_product
    host, _, port = product.sip.partition(":")
    async with AsyncExitStack() as stack:
        caller = await stack.enter_async_context(phone(tmp_path / "phone"))
        chat = await stack.enter_async_context(visitor(product))
        stranger = stack.enter_context(closing(RawCaller((host, int(port)), "shop-en")))
        await caller.dial(f"sip:shop-en@{product.sip}")
        conversation = newest_call(product)
        await until(lambda: loud_spans(caller.heard()), "the greeting")
        await caller.say(english(ASKS))
        await chat.say("where is my order", "order number")
        for message in junk(stranger):
            stranger.send(message)
        for own in sockets_of(product):
            for packet in bad_packets():
                stranger.rtp.sendto(packet, (host, own))
        for refusal in ("488 Not Acceptable", "481 ", "501 Not Implemented"):
            await stranger.until(f"SIP/2.0 {refusal}")
        await heard_in(product, conversation, 1)
        await chat.say("A20481137", "last four digits")
        log = await leave_properly(caller, product, conversation)
    assert not [event for event in log if event["type"] == "Faulted"]
    assert (log[-1]["type"], log[-1]["by"]) == ("Ended", "bot")
    with closing(RawCaller((host, int(port)), "shop-ja")) as late:
        await late.call()
        await late.bye()
    assert product.get("/readyz", token="")["ready"]


@pytest.mark.parametrize("body", [b"x" * 10_000_000, b'{"sender": "s", "message": "' + b"a" * 10_000_000 + b'"}'])
async def test_ten_megabytes_by_post_are_refused_with_a_reason(running_product: RunningProduct, body: bytes) -> None:
    product = running_product
    async with visitor(product) as chat:
        await chat.say("where is my order", "order number")

        def post() -> tuple[int, str, dict[str, Any]]:
            request = urllib.request.Request(f"{product.http}/t/shop/webhooks/rest/webhook", data=body)
            request.add_header("Content-Type", "application/json")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=60)
            with refused.value as answer:
                return answer.code, answer.headers["Content-Type"], json.load(answer)

        (status, kind, problem), _ = await asyncio.gather(
            asyncio.to_thread(post), chat.say("A20481137", "last four digits")
        )
        assert (status, kind) == (413, "application/problem+json")
        assert problem["code"] == "body_too_large" and "Send less" in problem["detail"]
        await chat.say("1111", "on its way")


async def test_frames_that_cannot_be_used_end_no_chat_but_their_own(running_product: RunningProduct) -> None:
    product = running_product
    address = product.http.replace("http", "ws", 1) + "/ws/chat/shop?lang=en"
    too_much = json.dumps({"type": "message", "id": "big", "text": "a" * 10_000_000})
    assert len(too_much) > TRANSPORT_FRAME_BYTES
    async with visitor(product) as chat:
        await chat.say("where is my order", "order number")
        for frame in (
            "{",
            "[]",
            '{"type": "message"}',
            '{"type": "nonsense"}',
            '{"type": "message", "id": "e", "text": ""}',
        ):
            await chat.socket.send(frame)
        for code in ("malformed", "unknown_type", "empty"):
            assert (await chat.frame("error", code=code))["message"]
        for frame, closes in ((b"\0\xff", 1003), (too_much, 1009), ("x" * 100_000, 1009)):
            async with connect(address) as bad:
                with pytest.raises(ConnectionClosed):
                    await bad.send(frame)
                    while True:
                        await asyncio.wait_for(bad.recv(), 20)
                assert bad.close_code == closes
        await chat.say("A20481137", "last four digits")
        await chat.say("1111", "on its way")
        await chat.say("no that's all thanks", "goodbye")
    assert not of_type(product, chat.conversation, "Faulted")


async def test_a_recogniser_that_dies_in_the_middle_of_a_turn_is_replaced(
    running_product: RunningProduct, tmp_path: Path
) -> None:
    product = running_product
    before, restarts = faults(product, "SpeechError"), restarts_of(product, "recognition")
    async with phone(tmp_path / "phone") as caller, visitor(product) as chat:
        await caller.dial(f"sip:shop-en@{product.sip}")
        conversation = newest_call(product)
        await until(lambda: loud_spans(caller.heard()), "the greeting")
        (recogniser,) = product.workers("whisper_engine")
        os.kill(recogniser, signal.SIGSTOP)
        await caller.say(english(ASKS))
        await until(lambda: over(caller), "the caller has spoken")
        os.kill(recogniser, signal.SIGKILL)
        await until(lambda: of_type(product, conversation, "Faulted"), "the fault is in the log")
        await order_status(chat)
        await heard_in(product, conversation, 1)
        log = await leave_properly(caller, product, conversation)
    assert {(e["code"], e["where"]) for e in log if e["type"] == "Faulted"} == {("SpeechError", "recogniser")}
    assert next(e["intent"] for e in log if e["type"] == "Understood") == "order_status"
    assert (log[-1]["type"], log[-1]["by"]) == ("Ended", "bot")
    assert faults(product, "SpeechError") == before + 1
    assert restarts_of(product, "recognition") == restarts + 1
    assert not of_type(product, chat.conversation, "Faulted")


async def test_an_understanding_worker_that_dies_costs_one_message(running_product: RunningProduct) -> None:
    product = running_product
    async with visitor(product) as chat, visitor(product) as other:
        await other.say("where is my order", "order number")
        (worker,) = product.workers("multiprocessing.spawn")
        os.kill(worker, signal.SIGSTOP)
        seq = await chat.send("where is my order")
        os.kill(worker, signal.SIGKILL)
        await chat.told("sorry", after=seq)
        await asyncio.gather(other.say("A20481137", "last four digits"), order_status(chat))
        await other.say("1111", "on its way")
    faulted = of_type(product, chat.conversation, "Faulted")
    assert [(event["code"], event["where"]) for event in faulted] == [("UnderstandingError", "understanding")]
    assert not of_type(product, other.conversation, "Faulted")
    assert product.workers("multiprocessing.spawn") not in ([], [worker])
