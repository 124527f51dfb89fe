"""The assist beside the conversation: its cards."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.web.console_with_assist import CARD, FOCUSED, TALK, TOLD, are_posted, with_assist
from tests.support.desk_assist import XSS
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_card_is_used_by_keyboard_alone_and_its_words_are_sent(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor)
        await assist.show("price")
        await expect(page.locator(f"{CARD} .cue-talk")).to_have_text(TALK)
        await expect(page.locator(f"{CARD} mark")).to_have_text(["AirPure 300", "6,800円"])
        await page.keyboard.press("Alt+g")
        await expect(page.locator(f"{CARD} [aria-pressed=true]")).to_be_visible()
        await page.keyboard.type("お待たせしました。")
        await page.keyboard.press("Alt+u")
        await expect(page.locator(CARD)).to_have_count(0)
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.press("Enter")
        await eventually(lambda: _is(bool(floor.texts_said())))
        assert floor.texts_said() == [f"お待たせしました。 {TALK}"]
        await are_posted(floor, f"{id}/cards/price", {"how": "useful", "why": ""}, {"how": "used", "why": ""})
        await page.keyboard.press("?")
        await page.keyboard.press("Backspace")
        await page.keyboard.press("Alt+/")
        await expect(page.locator("dialog")).to_contain_text("カードを使う")


async def test_on_a_call_using_marks_the_card_as_said(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor, "voice")
        await assist.show("price")
        await expect(page.locator(f"{CARD} h3")).to_have_text("Price is the sticking point")
        await expect(page.locator(f"{CARD} .cue-talk")).to_have_attribute("lang", "ja")
        await page.keyboard.press("Alt+u")
        await expect(page.locator(CARD)).to_have_count(0)
        await are_posted(floor, f"{id}/cards/price", {"how": "used", "why": ""})


async def test_the_focus_stays_where_it_is_when_cards_come_and_go(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor)
        await page.keyboard.type("少々")
        for card in ("price", "terms"):
            await assist.show(card)
            await expect(page.locator(f"{CARD}[data-card={card}]")).to_be_visible()
            assert await page.evaluate(FOCUSED) == "reply"
        await page.keyboard.type("お待ちください")
        await expect(page.locator("#reply")).to_have_value("少々お待ちください")
        await page.locator("#cue-dismiss").focus()
        await assist.end("terms", "expired")
        await assist.end("price", "expired")
        await expect(page.locator(".cue.beside")).to_have_count(0)
        assert await page.evaluate(FOCUSED) == "cue-dismiss"
        await page.locator("#reply").focus()
        await expect(page.locator(".cue")).to_have_count(0)


async def test_nothing_is_announced_while_the_agent_writes_or_somebody_speaks(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor)
        keyboard = await page.context.new_cdp_session(page)
        await keyboard.send("Input.imeSetComposition", {"text": "おまち", "selectionStart": 3, "selectionEnd": 3})
        await assist.show("price")
        await expect(page.locator(CARD)).to_be_visible()
        await assist.hears("u1", "高い")
        for number in range(4):
            await assist.hears("u1", f"高いです{number}")
            await expect(page.locator(TOLD)).to_have_text("")
            await page.evaluate("new Promise((done) => setTimeout(done, 600))")
        await expect(page.locator(TOLD)).to_have_text("")
        await keyboard.send("Input.insertText", {"text": "お待ち"})
        await expect(page.locator(TOLD)).to_have_text("価格がネックのとき")
        assert await page.locator(TOLD).get_attribute("role") == "status"
        await assist.end("price", "expired")
        await expect(page.locator(TOLD)).to_have_text("")


async def test_values_of_cards_and_words_of_customers_are_text_and_never_markup(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor)
        title = await page.title()
        await assist.speech("u1", XSS, 0, 900)
        await assist.show("evil", values={"name": XSS}, utterance="u1")
        await expect(page.locator(f"{CARD} h3")).to_have_text(f"{XSS}さま")
        await expect(page.locator(f"{CARD} .cue-talk mark")).to_have_text(XSS)
        await expect(page.locator(f"{CARD} .because")).to_have_text(XSS)
        await expect(page.locator(TOLD)).to_have_text(f"{XSS}さま")
        await assist.hears("u2", XSS)
        found = "document.querySelector('voicebot-desk').renderRoot.querySelectorAll('img, script').length"
        assert await page.evaluate(found) == 0
        assert await page.title() == title


async def test_sentences_whose_value_is_not_known_are_left_out(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor)
        await floor.happens(
            id,
            {"type": "CardShown", "card": "price", "version": "v1", "agent": "S01", "reason": "slot", "values": {}},
        )
        talk = "お値段は大切なところですね。本体の価格でお比べでしょうか。"
        await expect(page.locator(f"{CARD} .cue-talk")).to_have_text(talk)
        await assist.show("price", agent="S02")
        await expect(page.locator(f"{CARD} .cue-talk")).to_have_text(talk)


async def test_dismissing_takes_a_reason_and_is_told_once(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor)
        await assist.show("price")
        await expect(page.locator(CARD)).to_be_visible()
        await page.keyboard.press("Alt+x")
        await expect(page.locator("#cue-why-moment")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.press("Alt+x")
        await page.keyboard.press("Tab")
        reason = page.locator("#cue-why-topic")
        await expect(reason).to_be_focused()
        await reason.evaluate("(button) => { button.click(); button.click(); }")
        await expect(page.locator(CARD)).to_have_count(0)
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.press("Alt+x")
        await are_posted(floor, f"{id}/cards/price", {"how": "dismissed", "why": "topic"})
        await page.keyboard.press("Alt+Comma")
        await expect(page.locator(f"{CARD} .cue-kind")).to_contain_text("非表示にしたカード")
        await page.get_by_role("button", name="もう一度表示").click()
        await expect(page.locator("#cue-dismiss")).to_be_visible()


async def test_feedback_the_server_refuses_brings_the_card_back(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor, "voice")
        await assist.show("price")
        await expect(page.locator(CARD)).to_be_visible()
        floor.refuse_assist = True
        await page.keyboard.press("Alt+u")
        await expect(page.locator(".toast")).to_contain_text("Try again in a moment.")
        await expect(page.locator(CARD)).to_be_visible()
        floor.refuse_assist = False
        await page.keyboard.press("Alt+u")
        await expect(page.locator(CARD)).to_have_count(0)
        await are_posted(floor, f"{id}/cards/price", *[{"how": "used", "why": ""}] * 2)


async def _is(what: bool) -> bool:
    return what
