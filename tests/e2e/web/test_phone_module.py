"""The reusable telephone of pages against real lines in this process: captions, keys both ways, mute, both ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from playwright.async_api import Page, expect

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.browser import chromium, new_page, speaking
from tests.support.serve import serving, site
from tests.support.waiting import eventually
from tests.support.web import make_ports
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, LineEvent
from voicebot.channels.webrtc import WebRtcLine, WebRtcServer
from voicebot.domain import Json, Language, TenantId
from voicebot.web.ports import WebSettings

_START = """async () => {
  const { Softphone } = await import("/static/phone/softphone.js");
  window.seen = { states: [], captions: [], stats: [], levels: [] };
  window.phone = new Softphone({
    exchange: async (sdp) => {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch("/api/call/shop", { method: "POST", headers, body: JSON.stringify({ sdp }) });
      return (await answer.json()).sdp;
    },
    onState: (state, detail) => seen.states.push([state, detail.reason ?? ""]),
    onCaption: (caption) => seen.captions.push(caption),
    onStats: (stats) => seen.stats.push(stats),
    onLevel: (level) => seen.levels.push(level),
  });
  await phone.start();
}"""


class Switchboard:
    """Keeps the lines of the pages that call."""

    ice: Sequence[Mapping[str, Json]] = ()
    unavailable = ""

    def __init__(self) -> None:
        self.server = WebRtcServer()
        self.lines: list[WebRtcLine] = []

    async def call(self, tenant: TenantId, language: Language, sdp: str) -> str:
        line, answer = await self.server.answer(sdp, CallDetails(None, f"web-{tenant}", transport="webrtc"))
        self.lines.append(line)
        return answer

    async def check(self, sdp: str) -> str:
        raise AssertionError("nobody checks here")


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Page, WebRtcLine, list[LineEvent]]]:
    """A page on the line, and what comes from it."""
    switchboard = Switchboard()
    async with serving(replace(make_ports(), calls=switchboard)) as server, chromium(*speaking(None)) as browser:
        page = await new_page(browser)
        await page.goto(f"{server.http}/chat/shop?lang=en")
        await page.evaluate(_START)
        line = switchboard.lines[0]
        await line.answer()
        events: list[LineEvent] = []

        async def read() -> None:
            async for event in line.frames():
                events.append(event)

        reading = asyncio.create_task(read())
        await reaches(page, "phone.state === 'talking' && phone.channel.readyState === 'open'")
        yield page, line, events
        await switchboard.server.close()
        await reading


async def reaches(page: Page, condition: str) -> None:
    async def holds() -> bool:
        return bool(await page.evaluate(condition))

    await eventually(holds)


async def has(condition: object) -> bool:
    return bool(condition)


def loud(events: list[LineEvent], last: int = 25) -> bool:
    frames = [event for event in events if isinstance(event, Frame)][-last:]
    return any(np.abs(frame.samples.astype(np.int32)).max() > 1500 for frame in frames)


async def test_sound_words_keys_and_figures_go_both_ways() -> None:
    async with talking() as (page, line, events):
        await eventually(lambda: has(loud(events)), 15)
        line.play((8000 * np.sin(np.arange(80000) / 6)).astype(np.int16))
        await reaches(
            page, "seen.levels.some((level) => level.far > 0.1) && seen.levels.some((level) => level.mic > 0.05)"
        )
        line.caption({"from": "bot", "text": "少々お待ちください。", "final": True, "seq": 4})
        await reaches(page, "seen.captions.length === 1")
        assert await page.evaluate("seen.captions[0].text") == "少々お待ちください。"
        await page.evaluate("phone.press('4#')")
        assert await page.evaluate("phone.connection.getSenders()[0].dtmf.canInsertDTMF")
        await page.evaluate("phone.connection.getSenders()[0].dtmf.insertDTMF('7')")
        await eventually(lambda: has(len([1 for event in events if isinstance(event, Dtmf)]) == 3))
        assert sorted(event.digit for event in events if isinstance(event, Dtmf)) == ["#", "4", "7"]
        await reaches(page, "seen.stats.length > 1 && seen.stats.at(-1).pingMs !== null")
        stats = await page.evaluate("seen.stats.at(-1)")
        assert stats["codec"] == "audio/opus" and stats["local"] and stats["packetsIn"] > 20


async def test_muting_is_silence_and_not_an_end() -> None:
    async with talking() as (page, _, events):
        await eventually(lambda: has(loud(events)), 15)
        await page.evaluate("phone.mute(true)")
        count = len(events)
        await eventually(lambda: has(len(events) > count + 150 and not loud(events, 100)), 30)
        await page.evaluate("phone.mute(false)")
        await eventually(lambda: has(loud(events)), 15)


async def test_either_side_may_hang_up_and_both_know() -> None:
    async with talking() as (page, line, _):
        await page.evaluate("phone.hangUp()")
        await eventually(lambda: has(line.ended))
        assert line.ended == LineEnded("caller", "hung up") and await page.evaluate("phone.state") == "ended"
    async with talking() as (page, line, _):
        await line.hang_up("done")
        await reaches(page, "phone.state === 'ended'")
        assert await page.evaluate("seen.states.at(-1)") == ["ended", "far_end"]
        assert await page.evaluate("phone.microphone") is None


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_the_widget_calls_from_a_page_of_another_site(lang: str) -> None:
    switchboard = Switchboard()
    origins = WebSettings(origins=("*",))
    async with serving(replace(make_ports(origins), calls=switchboard)) as server, chromium(*speaking(None)) as browser:
        page = await new_page(browser, lang=lang)
        widget = f"<script src='{server.http}/widget.js' data-tenant=shop data-lang={lang} async></script>"
        async with site(
            f"<!doctype html><html lang={lang}><title>Shop</title><main><h1>Shop</h1></main>{widget}"
        ) as address:
            await page.goto(address)
            await page.locator(".launch").click()
            await page.locator(".start-call").click()
            await eventually(lambda: has(switchboard.lines))
            line = switchboard.lines[0]
            await line.answer()
            line.caption({"from": "bot", "kind": "message", "text": "ようこそ", "lang": "ja", "seq": 2, "final": True})
            await expect(page.locator(".line.bot .text").last).to_have_text("ようこそ")
            await page.locator(".keypad-button").click()
            await expect(page.locator(".keypad button")).to_have_count(12)
            await axe_finds_nothing(page)
            await page.keyboard.press("Escape")
            await expect(page.locator(".keypad-button")).to_be_focused()
            await line.hang_up("done")
            await expect(page.locator(".start-call")).to_be_visible()
    await switchboard.server.close()
