"""D13: a real telephone dies in the middle of a task; its owner goes on in a browser by the link that was texted."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.phone import voices
from tests.e2e.phone.clients import phone, until
from tests.support.browser import chromium, new_page
from tests.support.product import RunningProduct
from voicebot.audio import Pcm

MOBILE = "+819012345678"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/c/[\w-]{22}")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


def texted(product: RunningProduct) -> list[dict[str, Any]]:
    """Messages that have left the house."""
    outbox = product.data / "messages.jsonl"
    return [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.is_file() else []


@pytest.mark.parametrize(
    ("did", "voice", "wish", "question", "label", "button", "by_phone", "part", "hold", "by"),
    [
        (
            "shop-en", voices.english, "I want to change my delivery to Sunday", "time", "the delivery change",
            "Go on by chat", "by phone", "morning", "just a moment please", "system",
        ),
        (
            "shop-ja", voices.japanese, "配達日を日曜日に変更したいです。", "時間", "お届けの変更",
            "チャットで続ける", "電話", "午前中", "", "bot",
        ),
    ],
)  # fmt: skip
async def test_a_call_that_breaks_goes_on_in_the_chat(
    running_product: RunningProduct,
    browser: Browser,
    tmp_path: Path,
    did: str,
    voice: Callable[[str], Pcm],
    wish: str,
    question: str,
    label: str,
    button: str,
    by_phone: str,
    part: str,
    hold: str,
    by: str,
) -> None:
    """Somebody the bot waits for is gone when the network says so; anybody else when they do not answer any more."""
    product, number = running_product, "A20481137"
    sound, later = voice(wish), voice(hold) if hold else None
    known, sent = {row["id"] for row in product.conversations("shop")}, len(texted(product))
    async with phone(tmp_path / "phone", user=MOBILE) as caller:
        await caller.dial(f"sip:{did}@{product.sip}")
        await caller.prompt(0)
        before_ms = caller.heard().ms

        def asked() -> str:
            rows = [row for row in product.conversations("shop") if row["id"] not in known]
            return [event["text"] for event in product.events(rows[0]["id"]) if event["type"] == "Said"][-1]

        for _ in range(3):  # who is not understood says it again
            await caller.say(sound)
            await caller.prompt(before_ms)
            if question in asked():
                break
            before_ms = caller.heard().ms
        assert question in asked(), asked()
        (row,) = [row for row in product.conversations("shop") if row["id"] not in known]
        name = row["id"]
        if later is not None:
            before_ms = caller.heard().ms
            await caller.say(later)
            await caller.prompt(before_ms)
        await caller.die()
        await until(lambda: len(texted(product)) > sent, "the text message with the link", timeout_s=120)
    (message,) = texted(product)[sent:]
    assert message["to"] == MOBILE
    found = LINK.search(message["text"])
    assert found is not None
    link = found.group()
    over = product.events(name)
    assert [event["by"] for event in over if event["type"] == "Ended"] == [by]
    assert [event["kind"] for event in over if event["type"] == "LinkSent"] == ["resume"]

    page = await new_page(browser, lang=did[-2:])
    seen = await page.goto(link)
    assert seen is not None and seen.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in seen.headers["x-robots-tag"]
    await page.reload()  # looking at the page does not use the link up
    await page.get_by_role("button", name=button).click()
    await page.wait_for_url("**/chat/shop**")
    spoken = page.locator(".line[data-via=voice]")
    await expect(spoken.filter(has_text=by_phone).first).to_be_visible()
    fresh = page.locator(".line.bot[data-via=chat]")
    await expect(fresh.filter(has_text=label).first).to_be_visible(timeout=30_000)
    await expect(fresh.last).to_contain_text(question)
    assert "resume" not in page.url and "#" not in page.url

    async def say(text: str) -> None:
        lines = await fresh.count()
        await page.locator("textarea").fill(text)
        await page.locator("textarea").press("Enter")
        await expect(fresh.nth(lines)).to_be_visible(timeout=30_000)

    await say(part)
    await say(number)
    events = await asyncio.to_thread(product.events, name)
    slots = {event["slot"]: event["value"] for event in events if event["type"] == "SlotSet"}
    assert slots["order_number"] == number and slots["time_window"] and slots["delivery_date"]
    days = [e for e in events if e["type"] == "SlotSet" and e["slot"] == "delivery_date" and e["status"] == "heard"]
    moved = [event["seq"] for event in events if event["type"] == "ChannelChanged"]
    assert len(moved) == 1 and days and all(e["seq"] < moved[0] for e in days), "the day is not asked for again"
    heard = [(event["source"], event["seq"]) for event in events if event["type"] == "Heard"]
    assert {source for source, seq in heard if seq < moved[0]} == {"speech"}
    assert {source for source, seq in heard if seq > moved[0]} == {"text"}
    order = [int(seq or 0) for seq in await page.locator(".line").evaluate_all("all => all.map(x => x.dataset.seq)")]
    assert order == sorted(order)
    row = next(row for row in product.conversations("shop") if row["id"] == name)
    assert (row["channel"], row["ended_at"], row["disposition"]) == ("web_chat", None, None)

    other = await new_page(browser, lang="en")
    for address in (link, f"{link[:-4]}abcd"):
        again = await other.goto(address)
        assert again is not None and again.status == 410
        await expect(other.get_by_role("link", name="Start a new chat").first).to_be_visible()
        refused = await other.request.post(address)
        assert refused.status == 410
