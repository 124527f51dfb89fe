"""The widget in a real browser, against a desk that answers from a script."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import new_page
from tests.support.serve import Running, serving, site
from tests.support.waiting import eventually
from tests.support.web import ScriptedDesk, make_ports
from voicebot.web.ports import WebSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASKED = {"ja": "ご注文番号をお願いします。", "en": "What's your order number?"}
GREETING = {"ja": "AIの自動応答です", "en": "I'm an automated assistant"}


async def chat_page(browser: Browser, server: Running, lang: str = "en", **options: object) -> Page:
    page = await new_page(browser, lang=lang, **options)  # type: ignore[arg-type]
    await page.goto(f"{server.http}/chat/shop?lang={lang}")
    await expect(page.locator(".line.bot")).to_contain_text(GREETING[lang])
    return page


async def site_with_widget(browser: Browser, server: Running, lang: str = "en", **options: object) -> Page:
    """A page of another origin that has the widget's one line."""
    page = await new_page(browser, lang=lang, **options)  # type: ignore[arg-type]
    html = (
        f"<!doctype html><html lang={lang}><title>Shop</title><style>html{{font-size:40px}}"
        f"*{{color:#700;font-size:40px;letter-spacing:5px;text-transform:uppercase}}</style>"
        f"<main><h1>Shop</h1><a href='#a'>A link</a></main>"
        f"<script src='{server.http}/widget.js' data-tenant=shop data-lang={lang} async></script></html>"
    )
    async with site(html) as address:
        await page.goto(address)
        await expect(page.locator(".launch")).to_be_visible()
    return page


async def say(page: Page, text: str) -> None:
    field = page.locator("textarea")
    await field.fill(text)
    await field.press("Enter")


async def said(page: Page, sender: str) -> list[str]:
    return await page.locator(f".line[data-from={sender}] .text").all_inner_texts()


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_by_keyboard_alone(browser: Browser, server: Running, lang: str) -> None:
    page = await site_with_widget(browser, server, lang)
    await page.locator("a").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    field = page.locator("textarea")
    await expect(field).to_be_focused()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    assert await field.input_value() == "one\ntwo"
    assert await said(page, "customer") == []
    await page.keyboard.press("Enter")
    await expect(page.locator(".line.bot .text").nth(1)).to_have_text(ASKED[lang])
    assert await said(page, "customer") == ["one\ntwo"]
    await expect(field).to_be_focused()
    assert await field.input_value() == ""
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).not_to_be_visible()
    await expect(page.locator(".launch")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(field).to_be_focused()
    assert len(await said(page, "bot")) == 2


async def test_focus_goes_in_reading_order(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await say(page, "A20481137")
    await expect(page.locator(".choices button")).to_have_count(2)
    await page.locator(".menu-button").focus()
    await page.keyboard.press("Shift+Tab")
    names = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        names.append(
            await page.evaluate(
                "(() => { const e = document.activeElement.shadowRoot.activeElement;"
                " return e.getAttribute('aria-label') || e.textContent.trim() || e.id })()"
            )
        )
        outline = await page.evaluate("getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle")
        assert outline == "solid"
    assert names == ["Menu", "Conversation", "Yes", "No", "field", "Send", "Talk to a person"]


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


async def test_choosing_a_word_of_an_input_method_sends_nothing(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server, "ja")
    field = page.locator("textarea")
    await field.focus()
    keyboard = await page.context.new_cdp_session(page)
    await keyboard.send("Input.imeSetComposition", {"text": "すいはんき", "selectionStart": 5, "selectionEnd": 5})
    await page.keyboard.press("Enter")
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    await keyboard.send("Input.dispatchKeyEvent", enter)
    assert await said(page, "customer") == []
    assert await page.locator(".pending").count() == 0
    await keyboard.send("Input.insertText", {"text": "炊飯器"})
    await page.keyboard.press("Enter")
    await expect(page.locator(".line.customer .text")).to_have_text("炊飯器")


async def test_choices_are_buttons_that_answer(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server, "ja")
    await say(page, "A20481137")
    await page.get_by_role("group", name="選択肢").get_by_role("button", name="はい").click()
    await expect(page.locator(".line.bot .text").nth(2)).to_contain_text("発送済み")
    await expect(page.locator(".choices")).to_have_count(0)
    await expect(page.locator("textarea")).to_be_focused()
    link = page.get_by_role("link", name="https://example.com/track")
    assert await link.get_attribute("rel") == "noopener noreferrer"


@pytest.mark.parametrize(("lang", "button"), [("ja", "担当者と話す"), ("en", "Talk to a person")])
async def test_a_person_is_one_press_away_and_the_ai_is_named(
    browser: Browser, server: Running, lang: str, button: str
) -> None:
    page = await chat_page(browser, server, lang)
    await expect(page.locator(".notice")).to_contain_text("AI")
    await page.get_by_role("button", name=button).click()
    asked = {"ja": "引き継ぎを依頼しました", "en": "A person has been asked"}
    await expect(page.locator(".line[data-kind=handoff]")).to_contain_text(asked[lang])


async def test_new_lines_are_announced_and_each_has_its_language(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server, "ja")
    log = page.get_by_role("log", name="会話")
    await expect(log).to_have_attribute("aria-live", "polite")
    assert await log.locator(".line.bot .text").first.get_attribute("lang") == "ja"
    await page.locator(".menu-button").click()
    await page.get_by_role("button", name="Continue in English").click()
    await expect(log).to_have_count(0)
    log = page.get_by_role("log", name="Conversation")
    await expect(log.locator(".line.bot .text").last).to_have_text(ASKED["en"])
    assert await log.locator(".line.bot .text").first.get_attribute("lang") == "ja"
    assert await log.locator(".line.bot .text").last.get_attribute("lang") == "en"
    await expect(page.locator("section.chat")).to_have_attribute("lang", "en")


async def test_history_is_not_read_out_again_after_a_reload(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await page.add_init_script(
        "setInterval(() => {"
        " const log = document.querySelector('voicebot-chat')?.shadowRoot?.querySelector('.log');"
        " if (log?.querySelector('.line') && !window.first) window.first = log.getAttribute('aria-live');"
        "}, 1)"
    )
    await page.reload()
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert await page.evaluate("window.first") == "off"


async def test_writing_is_shown_until_the_answer(browser: Browser, server: Running, desk: ScriptedDesk) -> None:
    page = await chat_page(browser, server)
    desk.gate.clear()
    await say(page, "hello")
    await expect(page.get_by_label("The AI assistant is writing")).to_be_visible()
    desk.gate.set()
    await expect(page.locator(".line.bot .text").nth(1)).to_have_text(ASKED["en"])
    await expect(page.locator(".typing")).to_have_count(0)


async def test_lines_that_come_while_the_chat_is_closed_are_counted_and_marked(
    browser: Browser, server: Running, desk: ScriptedDesk
) -> None:
    page = await site_with_widget(browser, server)
    await page.locator(".launch").click()
    await expect(page.locator(".line.bot")).to_have_count(1)
    desk.gate.clear()
    await say(page, "hello")
    await expect(page.locator(".line.customer:not(.pending)")).to_have_count(1)
    await page.keyboard.press("Escape")
    desk.gate.set()
    await expect(page.get_by_role("button", name="Open chat, 1 new")).to_be_visible()
    await page.locator(".launch").click()
    await expect(page.locator(".new")).to_have_text("New")
    await say(page, "A20481137")
    await expect(page.locator(".new")).to_have_count(0)


async def test_scrolling_back_is_not_disturbed(browser: Browser, server: Running, desk: ScriptedDesk) -> None:
    page = await chat_page(browser, server, height=420)
    for number in range(6):
        await say(page, f"message {number}")
        await expect(page.locator(".line.bot")).to_have_count(number + 2)
    desk.gate.clear()
    await say(page, "last")
    await expect(page.locator(".line.customer:not(.pending)")).to_have_count(7)
    log = page.locator(".log")
    await log.evaluate("log => { log.scrollTop = 0 }")
    await eventually(lambda: page.locator("voicebot-chat").evaluate("chat => !chat.follow"))
    desk.gate.set()
    await expect(page.locator(".jump")).to_be_visible()
    assert await log.evaluate("log => log.scrollTop") == 0
    await page.locator(".jump").click()
    await expect(page.locator(".jump")).to_have_count(0)
    assert await log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 80


async def test_words_are_never_markup(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    evil = "<img src=x onerror=\"document.title='owned'\"> javascript:alert(1) ${1+1}"
    await say(page, evil)
    await expect(page.locator(".line.bot")).to_have_count(2)
    assert await said(page, "customer") == [evil]
    assert await page.locator(".log img").count() == 0
    assert "owned" not in await page.title()


async def test_the_servers_wording_replaces_ours(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await say(page, "my card is 4111 1111 1111 1111")
    await expect(page.locator(".line.bot")).to_have_count(2)
    assert await said(page, "customer") == ["my card is [CARD]"]
    assert "4111" not in await page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


async def test_a_message_that_is_too_long_stays_in_the_field(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await say(page, "あ" * 3000)
    await expect(page.get_by_role("alert").locator(".problem")).to_contain_text("too long")
    assert len(await page.locator("textarea").input_value()) == 3000
    await expect(page.locator("textarea")).to_have_attribute("aria-invalid", "true")


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


async def test_the_transcript_can_be_copied(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await say(page, "hello")
    await expect(page.locator(".line.bot")).to_have_count(2)
    await page.locator(".menu-button").click()
    await page.get_by_role("button", name="Copy transcript").click()
    await expect(page.locator(".state")).to_contain_text("Transcript copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert "You: hello" in copied and f"AI assistant: {ASKED['en']}" in copied


async def test_the_transcript_can_be_printed(browser: Browser, server: Running) -> None:
    page = await chat_page(browser, server)
    await page.context.add_init_script("window.print = () => {}")
    await page.locator(".menu-button").click()
    async with page.expect_popup() as popup:
        await page.get_by_role("button", name="Print transcript").click()
    sheet = await popup.value
    await expect(sheet.locator("h1")).to_have_text("Asanagi chat")
    await expect(sheet.locator("body")).to_contain_text(GREETING["en"])


async def test_a_site_that_is_not_listed_is_told_so(browser: Browser, desk: ScriptedDesk) -> None:
    async with serving(make_ports(desk=desk)) as server:
        page = await site_with_widget(browser, server, "ja")
        await page.locator(".launch").click()
        await expect(page.locator(".banner")).to_contain_text("このサイトでは")
        await expect(page.locator(".state")).to_contain_text("利用できません")


async def test_the_host_page_does_not_leak_into_the_widget(browser: Browser, server: Running) -> None:
    page = await site_with_widget(browser, server)
    await page.locator(".launch").click()
    await expect(page.locator(".line.bot")).to_have_count(1)
    style = await page.locator(".line.bot .text").evaluate(
        "e => { const s = getComputedStyle(e); return [s.fontSize, s.color, s.letterSpacing, s.textTransform] }"
    )
    assert style == ["16px", "rgb(24, 33, 46)", "normal", "none"]


async def test_nothing_is_connected_before_the_chat_is_opened(
    browser: Browser, server: Running, desk: ScriptedDesk
) -> None:
    page = await site_with_widget(browser, server)
    await page.wait_for_load_state("networkidle")
    assert not desk.kept
    await page.locator(".launch").click()
    await expect(page.locator(".line.bot")).to_have_count(1)
