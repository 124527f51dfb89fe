"""The widget in a real browser, against a desk that answers from a script."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.web.visitors_page import ASKED, GREETING, chat_page, said, say, site_with_widget
from tests.support.serve import Running, serving
from tests.support.web import ScriptedDesk, make_ports

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    chat = "const chat = log.getRootNode().host; chat.requestUpdate(); return chat.updateComplete"
    await log.evaluate(f"log => {{ log.scrollTop = 0; {chat} }}")  # drawn again before the event of the scroll
    assert await log.evaluate("log => log.scrollTop") == 0
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
