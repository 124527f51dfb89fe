"""The diagnosis page in a real browser, against the real sound path."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.browser import chromium, new_page, speaking
from tests.support.serve import Running, serving
from tests.support.web import make_ports
from voicebot.channels.webrtc import WebRtcServer
from voicebot.clock import SystemClock
from voicebot.conversation.call import VoiceServices
from voicebot.errors import ChannelError
from voicebot.web.browser_calls import BrowserCalls


def _no_calls() -> VoiceServices:
    raise ChannelError("Only the check is answered here.")


@pytest_asyncio.fixture
async def calls() -> AsyncIterator[BrowserCalls]:
    calls = BrowserCalls(WebRtcServer(), SystemClock(), _no_calls, lambda: "")
    yield calls
    await calls.close()


@pytest_asyncio.fixture
async def server(calls: BrowserCalls) -> AsyncIterator[Running]:
    async with serving(replace(make_ports(), calls=calls)) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_every_step_is_fine_and_the_result_can_be_copied(server: Running, lang: str) -> None:
    async with chromium(*speaking(None)) as browser:
        page = await new_page(browser, lang=lang)
        await page.goto(f"{server.http}/check?lang={lang}")
        check = page.locator("voicebot-check")
        await check.locator("button").first.click()
        await check.locator("textarea").wait_for(timeout=60_000)
        found = await page.eval_on_selector("voicebot-check", "it => it.findings")
        assert {name: step["ok"] for name, step in found.items()} == dict.fromkeys(found, True)
        assert len(found) == 9
        report = await check.locator("textarea").input_value()
        assert "connection  OK" in report and "host/udp" in report and server.http in report
        await axe_finds_nothing(page)


@pytest.mark.slow
async def test_a_blocked_microphone_is_named_and_the_rest_is_still_checked(server: Running) -> None:
    async with chromium(*speaking(None), "--deny-permission-prompts") as browser:
        page = await new_page(browser)
        await page.add_init_script(
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
        )
        await page.goto(f"{server.http}/check?lang=en")
        check = page.locator("voicebot-check")
        await check.locator("button").first.click()
        await check.locator("textarea").wait_for(timeout=60_000)
        found = await page.eval_on_selector("voicebot-check", "it => it.findings")
        assert found["microphone"]["advice"] == "denied" and found["level"]["advice"] == "skipped"
        assert found["connection"]["ok"] and found["echo"]["ok"]
        assert "There is a problem here: Microphone" in await check.locator(".verdict").inner_text()
