"""The widget through reloads, lost lines and other tabs, until the chat ends and nothing is left of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import Browser, Route, expect

from tests.e2e.web.visitors_page import ASKED, GREETING, chat_page, said, say
from tests.support.serve import Running, serving
from tests.support.waiting import eventually
from tests.support.web import ScriptedDesk, make_ports
from voicebot.web.ports import WebSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_a_reload_keeps_the_history(browser: Browser, server: Running, desk: ScriptedDesk, lang: str) -> None:
    page = await chat_page(browser, server, lang)
    await say(page, "hello")
    await expect(page.locator(".line.bot .text").nth(1)).to_have_text(ASKED[lang])
    before = await page.locator(".line .text").all_inner_texts()
    await page.reload()
    await expect(page.locator(".line")).to_have_count(3)
    assert await page.locator(".line .text").all_inner_texts() == before
    await say(page, "A20481137")
    await expect(page.locator(".choices")).to_be_visible()
    assert len(desk.kept) == 1


async def test_a_message_written_while_the_server_is_down_is_sent_once(browser: Browser, desk: ScriptedDesk) -> None:
    async with serving(make_ports(desk=desk)) as server:
        page = await chat_page(browser, server, "ja")
        port = server.port
    await expect(page.locator(".banner")).to_contain_text("再")
    await say(page, "hello")
    await say(page, "A20481137")
    await expect(page.locator(".pending .meta").first).to_contain_text("未送信")
    async with serving(make_ports(desk=desk), port=port):
        await expect(page.locator(".choices button")).to_have_count(2, timeout=40_000)
        await expect(page.locator(".banner")).to_have_count(0)
        await expect(page.locator(".pending")).to_have_count(0)
        assert await said(page, "customer") == ["hello", "A20481137"]
    (kept,) = desk.kept.values()
    assert [line.text for line in kept.lines if line.sender == "customer"] == ["hello", "A20481137"]


async def test_unsent_messages_survive_a_reload(browser: Browser, server: Running, desk: ScriptedDesk) -> None:
    page = await chat_page(browser, server)
    key = await page.evaluate("Object.keys(sessionStorage)[0]")
    kept = json.loads(await page.evaluate("key => sessionStorage.getItem(key)", key))
    kept["outbox"] = [{"id": "m-1", "text": "hello"}]
    await page.evaluate("([key, value]) => sessionStorage.setItem(key, value)", [key, json.dumps(kept)])
    await page.reload()
    await expect(page.locator(".line.bot .text").nth(1)).to_have_text(ASKED["en"])
    await page.evaluate("([key, value]) => sessionStorage.setItem(key, value)", [key, json.dumps(kept)])
    await page.reload()
    await expect(page.locator(".line.bot")).to_have_count(2)
    await expect(page.locator(".pending")).to_have_count(0)
    assert await said(page, "customer") == ["hello"]
    (conversation,) = desk.kept.values()
    assert set(conversation.ids) == {"m-1"}


async def test_offline_is_said_and_mended(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await page.context.set_offline(True)
    await expect(page.locator(".banner")).to_contain_text("You are offline")
    await say(page, "hello")
    await expect(page.locator(".pending .meta")).to_contain_text("Not sent yet")
    await page.context.set_offline(False)
    await expect(page.locator(".line.bot .text").nth(1)).to_have_text(ASKED["en"])
    assert await said(page, "customer") == ["hello"]


_FIRST = """setInterval(() => {
  const log = document.querySelector('voicebot-chat')?.shadowRoot?.querySelector('.log');
  if (log?.querySelector('.line') && !window.first) window.first = log.getAttribute('aria-live');
}, 1)"""


async def test_history_is_not_read_out_again_after_a_reload(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await page.add_init_script(_FIRST)
    await page.reload()
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert await page.evaluate("window.first") == "off"


async def test_history_that_is_drawn_late_is_not_read_out_either(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await page.add_init_script(_FIRST)
    texts = asyncio.Event()

    async def late(route: Route) -> None:
        await texts.wait()
        await route.continue_()

    await page.route("**/texts/en.json", late)
    await page.reload()
    await eventually(lambda: page.evaluate("document.querySelector('voicebot-chat').chat.lines.length > 0"))
    await page.evaluate("new Promise((done) => setTimeout(done, 700))")
    texts.set()
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert await page.evaluate("window.first") == "off"


async def test_a_burst_is_slowed_down_and_nothing_is_lost(browser: Browser, desk: ScriptedDesk) -> None:
    async with serving(make_ports(WebSettings(message_burst=2, messages_per_s=20.0), desk=desk)) as server:
        page = await chat_page(browser, server)
        for number in range(6):
            await say(page, f"m{number}")
        await expect(page.locator(".line.bot")).to_have_count(7)
        assert await said(page, "customer") == [f"m{number}" for number in range(6)]


async def test_the_end_and_a_new_chat(browser: Browser, server: Running, desk: ScriptedDesk) -> None:
    page = await chat_page(browser, server)
    await say(page, "bye")
    again = page.get_by_role("button", name="Start a new chat")
    await expect(again).to_be_visible()
    await page.reload()
    await expect(page.locator(".line.bot .text").last).to_have_text("Goodbye.")
    await again.click()
    await expect(page.locator(".line")).to_have_count(1)
    await expect(page.locator("textarea")).to_be_focused()
    await say(page, "hello")
    await expect(page.locator(".line.bot")).to_have_count(2)
    assert len(desk.kept) == 2


async def test_ending_a_chat_leaves_nothing_in_the_browser(
    browser: Browser, server: Running, desk: ScriptedDesk
) -> None:
    page = await chat_page(browser, server)
    await page.locator(".menu-button").click()
    await page.get_by_role("button", name="End chat").click()
    await expect(page.get_by_role("button", name="Start a new chat")).to_be_visible()
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    await eventually(lambda: asyncio.sleep(0, next(iter(desk.kept.values())).ended))


async def test_a_chat_the_server_no_longer_knows_begins_anew(
    browser: Browser, server: Running, desk: ScriptedDesk
) -> None:
    page = await chat_page(browser, server)
    await say(page, "hello")
    await expect(page.locator(".line.bot")).to_have_count(2)
    desk.kept.clear()
    await page.reload()
    await expect(page.locator(".problem")).to_contain_text("expired")
    await expect(page.locator(".line")).to_have_count(1)
    await say(page, "hello")
    await expect(page.locator(".line.bot")).to_have_count(2)


async def test_two_tabs_show_the_same_chat(browser: Browser, server: Running) -> None:
    first = await chat_page(browser, server)
    kept = await first.evaluate("({...sessionStorage})")
    second = await first.context.new_page()
    await second.add_init_script(
        f"for (const [k, v] of Object.entries({json.dumps(kept)})) sessionStorage.setItem(k, v)"
    )
    await second.goto(first.url)
    await expect(second.locator(".line")).to_have_count(1)
    await say(first, "hello")
    for page in (first, second):
        await expect(page.locator(".line")).to_have_count(3)
    assert await second.locator(".line .text").all_inner_texts() == await first.locator(".line .text").all_inner_texts()


async def test_each_language_of_the_chat_page_has_a_chat_of_its_own(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server, "ja")
    await page.goto(f"{server.http}/chat/shop?lang=en")
    await expect(page.locator(".line.bot")).to_contain_text(GREETING["en"])
    await page.goto(f"{server.http}/chat/shop?lang=ja")
    await expect(page.locator(".line.bot")).to_contain_text(GREETING["ja"])
