"""Visitors call from the chat: real Chromium, real sound, the whole product behind it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.phone import voices
from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.browser import chromium, new_page, speaking
from tests.support.product import RunningProduct
from tests.support.serve import serving
from tests.support.waiting import eventually
from tests.support.web import make_ports
from voicebot.audio import Pcm, wav_bytes
from voicebot.channels.webrtc import WebRtcServer
from voicebot.clock import SystemClock
from voicebot.conversation.call import VoiceServices
from voicebot.errors import ChannelError
from voicebot.web.browser_calls import BrowserCalls

MICROPHONE = Path(__file__).parents[2] / "support" / "microphone.js"


@asynccontextmanager
async def visitor(address: str, lang: str = "en") -> AsyncIterator[Page]:
    """A page whose microphone the test speaks into."""
    async with chromium(*speaking(None)) as browser:
        page = await new_page(browser, lang=lang)
        await page.add_init_script(path=MICROPHONE)
        await page.goto(address)
        await page.locator(".start-call").wait_for()
        yield page


async def say(page: Page, sound: Pcm) -> None:
    await page.evaluate("sound => window.speak(sound)", base64.b64encode(wav_bytes(sound)).decode())


async def bot_is_quiet(page: Page, ms: int = 1500) -> None:
    async def quiet() -> bool:
        return bool(await page.evaluate("ms => window.quietFor() > ms", ms))

    await eventually(quiet, 60)


async def bot_speaks(page: Page) -> None:
    loud = await page.evaluate("window.loud()")

    async def louder() -> bool:
        return bool(await page.evaluate("before => window.loud() > before + 5", loud))

    await eventually(louder, 60)


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == kind]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "voice", "asks", "gives", "expected"),
    [
        (
            "en",
            voices.english,
            "um hi, where is my rice cooker?",
            "A two oh four eight double one three seven",
            "order",
        ),
        (
            "ja",
            voices.japanese,
            "炊飯器がまだ届かないんですけど。",
            "エーの、ニーゼロヨンハチ、イチイチサンナナです。",
            "注文",
        ),
    ],
)
async def test_a_visitor_talks_with_the_bot_interrupts_it_and_hangs_up(
    running_product: RunningProduct, lang: str, voice: Any, asks: str, gives: str, expected: str
) -> None:
    product = running_product
    known = {row["id"] for row in product.conversations("shop")}
    question, number = voice(asks), voice(gives)
    async with visitor(f"{product.http}/chat/shop?lang={lang}", lang) as page:
        chat_lines = await page.locator(".line").count()
        await page.locator(".start-call").click()
        await expect(page.locator(".call-state .dot.open")).to_be_visible()
        await expect(page.locator(".hang-up")).to_be_focused()
        await bot_speaks(page)
        rows = [row for row in product.conversations("shop") if row["id"] not in known and row["channel"] == "voice"]
        assert len(rows) == 1 and rows[0]["language"] == lang
        call = rows[0]["id"]
        said = of(product.events(call), "Said")
        assert said and product.events(call)[0]["entry_point"] == "web-shop"
        await expect(page.locator(".log")).to_contain_text(said[0]["text"].split("\n")[0][:20])
        assert await page.locator(".line").count() > chat_lines

        await bot_is_quiet(page)
        before = len(of(product.events(call), "Said"))
        await say(page, question)
        await bot_speaks(page)
        await say(page, number)  # at once: what it interrupts is only a few seconds long

        async def interrupted() -> bool:
            return any(not event["complete"] for event in of(product.events(call), "Played"))

        await eventually(interrupted)
        heard = of(product.events(call), "Heard")
        assert heard and heard[0]["source"] == "speech"
        await expect(page.locator(".line.customer .text").first).to_have_text(heard[0]["text"])
        assert expected in of(product.events(call), "Said")[before]["text"]
        await bot_is_quiet(page, 400)
        await axe_finds_nothing(page)
        await page.locator(".mute-button").click()
        await expect(page.locator(".mute-button")).to_have_attribute("aria-pressed", "true")
        await page.locator(".hang-up").click()
        await expect(page.locator(".start-call")).to_be_focused()

        async def over() -> bool:
            return bool(of(product.events(call), "Ended"))

        await eventually(over)
        assert of(product.events(call), "Ended")[0]["by"] == "customer"


@pytest.mark.slow
async def test_keys_of_the_keypad_arrive_and_leaving_the_page_ends_the_call(running_product: RunningProduct) -> None:
    product = running_product
    known = {row["id"] for row in product.conversations("shop")}
    async with visitor(f"{product.http}/chat/shop?lang=en") as page:
        await page.locator(".start-call").click()
        await expect(page.locator(".call-state .dot.open")).to_be_visible()
        await bot_speaks(page)
        await bot_is_quiet(page)
        await page.locator(".keypad-button").click()
        await page.keyboard.press("0")
        await expect(page.locator(".keypad output")).to_have_text("0")
        rows = [row for row in product.conversations("shop") if row["id"] not in known and row["channel"] == "voice"]
        call = rows[0]["id"]

        async def pressed() -> bool:
            return bool(of(product.events(call), "KeysPressed"))

        await eventually(pressed)
        await page.goto("about:blank")

        async def over() -> bool:
            return bool(of(product.events(call), "Ended"))

        await eventually(over)


def _no_calls() -> VoiceServices:
    raise ChannelError("No call is expected here.")


@asynccontextmanager
async def broken_call(lang: str = "en") -> AsyncIterator[Page]:
    calls = BrowserCalls(WebRtcServer(), SystemClock(), _no_calls, lambda: "")
    async with (
        serving(replace(make_ports(), calls=calls)) as server,
        visitor(f"{server.http}/chat/shop?lang={lang}") as page,
    ):
        yield page
    await calls.close()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("NotAllowedError", "blocked for this site"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "Close other apps"),
    ],
)
async def test_what_to_do_about_the_microphone_is_said(name: str, told: str) -> None:
    async with broken_call() as page:
        await page.evaluate(
            "name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }", name
        )
        await page.locator(".start-call").click()
        await expect(page.locator(".call [role=alert]")).to_contain_text(told)
        await expect(page.locator(".start-call")).to_be_focused()


@pytest.mark.parametrize(
    ("status", "told"), [(0, "Check your connection"), (500, "could not be started"), (503, "All lines are taken")]
)
async def test_a_server_that_takes_no_call_is_explained(status: int, told: str) -> None:
    async def answer(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
        elif status:
            await route.fulfill(status=status, json={"code": "x"})
        else:
            await route.abort()

    async with broken_call() as page:
        await page.route("**/api/call/shop", answer)
        await page.locator(".start-call").click()
        await expect(page.locator(".call [role=alert]")).to_contain_text(told)


@pytest.mark.slow
async def test_a_network_that_lets_no_sound_through_is_explained() -> None:
    async def without_addresses(route: Route) -> None:
        if route.request.method != "POST":
            return await route.continue_()
        answer = await route.fetch()
        sdp = "".join(
            f"{line}\r\n" for line in (await answer.json())["sdp"].splitlines() if not line.startswith("a=candidate")
        )
        await route.fulfill(json={"sdp": sdp.replace("127.0.0.1", "192.0.2.1")})

    async with broken_call() as page:
        await page.route("**/api/call/shop", without_addresses)
        await page.locator(".start-call").click()
        alert = page.locator(".call [role=alert]")
        await expect(alert).to_contain_text("network did not let the call through", timeout=25_000)


async def test_no_button_is_shown_where_calls_are_switched_off() -> None:
    async with serving(make_ports()) as server, chromium() as browser:
        page = await new_page(browser)
        await page.goto(f"{server.http}/chat/shop?lang=en")
        await expect(page.locator(".line.bot")).to_be_visible()
        assert await page.locator(".start-call").count() == 0
