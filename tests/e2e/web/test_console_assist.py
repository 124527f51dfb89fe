"""The assist beside the conversation: cards, script, knowledge, live words, after the call, alone in a frame."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.e2e.web.test_console import serving_chat
from tests.e2e.web.test_console_accessible import WAYS, nothing_sticks_out, targets_are_large_enough
from tests.support.browser import new_page
from tests.support.desk_assist import XSS, ScriptedAssist
from tests.support.desk_server import Medium, ScriptedFloor
from tests.support.desk_serving import desk_serving, open_desk, sign_in
from tests.support.serve import site
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
TALK = (
    "お値段は大切なところですね。AirPure 300は電気代まで含めると、年間6,800円お得です。本体の価格でお比べでしょうか。"
)
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at.id || at.tagName;
}"""
CARD, TOLD = "article.cue:not(.beside)", "#card-told"


def posted(floor: ScriptedFloor, end: str) -> list[dict[str, Any]]:
    return [body for path, body in floor.posted if path.endswith(end)]


async def with_assist(
    browser: Browser, address: str, floor: ScriptedFloor, medium: Medium = "chat", **options: Any
) -> tuple[Page, str, ScriptedAssist]:
    """A console with one contact in progress."""
    if medium == "chat":
        page, id = await serving_chat(browser, address, floor, **options)
        return page, id, ScriptedAssist(floor, id)
    page = await open_desk(browser, address, floor, **options)
    id = await floor.offer(medium)
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".talk")).to_be_attached()
    return page, id, ScriptedAssist(floor, id)


async def everything(assist: ScriptedAssist) -> None:
    """Two cards, a script on its way with a warning, and knowledge."""
    await assist.show("terms")
    await assist.show("price")
    for change, step in (("started", ""), ("entered", "greet"), ("entered", "order"), ("entered", "fault")):
        await assist.script(change, step)
    await assist.script("done", "greet", "heard", "c1")
    await assist.script("skipped", "order", "clicked")
    await assist.script("warned", "deadline")
    await assist.know("refund_days")


@WAYS
async def test_axe_finds_nothing_in_any_state(browser: Browser, lang: str, width: int, height: int, dark: bool) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor, "voice", width=width, height=height, dark=dark)

        async def clean() -> None:
            await axe_finds_nothing(page)
            await nothing_sticks_out(page, width)
            await targets_are_large_enough(page)

        await page.keyboard.press("Alt+a")
        await clean()
        await everything(assist)
        await assist.speech("u1", "いつになりますか", 1000, 16000)
        await assist.speech("u2", "お調べいたします", 13000, 30000, "agent")
        await expect(page.locator(".overlap")).to_be_visible()
        await clean()
        await page.locator(".cue.beside summary").click()
        await page.locator(".cue:not(.beside) summary").click()
        await page.keyboard.press("Alt+x")
        await expect(page.locator("#cue-why-moment")).to_be_focused()
        await clean()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Alt+Comma")
        await expect(page.locator(CARD)).to_have_attribute("data-card", "terms")
        await clean()
        await page.keyboard.press("Alt+s")
        await page.keyboard.type("返金")
        await page.keyboard.press("Enter")
        await page.locator(".found summary").first.click()
        await clean()
        await page.keyboard.press("Alt+r")
        await assist.hears("u9", "あと何日くらい")
        await expect(page.locator(".interim .words")).to_be_visible()
        await page.locator("[data-mend=u1]").click()
        await clean()
        await page.locator("#mending").press("Escape")
        await page.keyboard.press("Alt+w")
        await expect(page.locator("dialog li")).to_have_count(3)
        await axe_finds_nothing(page)
        await page.locator("dialog .stop").click()
        await page.keyboard.press("Alt+a")
        await page.locator(".after summary").click()
        await clean()


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_small_screens_at_twice_the_size_show_the_card_and_lose_nothing(browser: Browser, lang: str) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor, width=320, height=568, zoom=2.0)
        await everything(assist)
        await expect(page.locator(".peek")).to_be_visible()
        await expect(page.locator("#reply")).to_be_focused()
        await page.locator(".peek").click()
        await expect(page.locator("#pane-assist")).to_be_focused()
        await expect(page.locator(".cue-talk").first).to_have_text(TALK)
        await nothing_sticks_out(page, 320)
        sticking = """() => [...document.querySelector('voicebot-desk').renderRoot
          .querySelectorAll('#pane-assist :not(q)')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1).length"""
        assert await page.evaluate(sticking) == 0
        await page.locator(f"{CARD} .primary").click()
        await expect(page.locator("#reply")).to_be_focused()
        await expect(page.locator("#reply")).to_have_value(TALK)


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
        assert posted(floor, f"{id}/cards/price") == [{"how": "useful", "why": ""}, {"how": "used", "why": ""}]
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
        assert posted(floor, f"{id}/cards/price") == [{"how": "used", "why": ""}]


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
        assert posted(floor, f"{id}/cards/price") == [{"how": "dismissed", "why": "topic"}]
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
        assert len(posted(floor, f"{id}/cards/price")) == 2


async def test_a_lost_line_keeps_the_screen_and_tells_nothing_twice(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor)
        await everything(assist)
        await expect(page.locator(TOLD)).to_have_text("価格がネックのとき")
        heard = """() => { window.told = []; new MutationObserver(() => window.told.push(1)).observe(
          document.querySelector('voicebot-desk').renderRoot.querySelector('#card-told'),
          { childList: true, characterData: true, subtree: true }); }"""
        await page.evaluate(heard)
        await floor.drop()
        await expect(page.locator(".banner")).to_be_visible()
        await expect(page.locator(CARD)).to_have_attribute("data-card", "price")
        await expect(page.locator(".banner")).to_have_count(0)
        await expect(page.locator(CARD)).to_have_attribute("data-card", "price")
        await expect(page.locator(".cue.beside")).to_have_attribute("data-card", "terms")
        await expect(page.locator("[data-step=greet]")).to_have_attribute("data-state", "done")
        assert await page.evaluate("window.told.length") == 0


async def test_a_script_ticks_by_ear_and_by_hand_and_names_what_is_missing_before_the_end(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor, "voice")
        await page.get_by_role("button", name="返品の受付").click()
        await expect(page.locator("[data-step=greet]")).to_have_attribute("aria-current", "step")
        await assist.speech("a1", "申し訳ございません。お名前をお願いします", 0, 3000, "agent")
        await assist.script("done", "greet", "heard", "a1")
        await assist.script("entered", "order")
        await expect(page.locator("[data-step=greet] .because")).to_have_text(
            "申し訳ございません。お名前をお願いします"
        )
        await expect(page.locator("[data-step=order] .step-say")).to_have_text("ご注文番号をお伺いできますか。")
        await expect(page.locator("[data-step=fault]")).to_have_count(0)
        await page.keyboard.press("Alt+q")
        await expect(page.locator("[data-step=order]")).to_have_attribute("data-state", "done")
        await assist.script("entered", "fault")
        await expect(page.locator("[data-step=fault] .branch")).to_contain_text("不具合があるとき")
        await page.locator("[data-step=fault]").get_by_role("button", name="省略").click()
        await expect(page.locator("[data-step=fault]")).to_have_attribute("data-state", "skipped")
        tick = page.locator("[data-step=order]").get_by_role("checkbox")
        await expect(tick).to_be_checked()
        await tick.click()
        await expect(tick).not_to_be_checked()
        await tick.click()
        await expect(tick).to_be_checked()
        await page.get_by_role("button", name="電話を切る").click()
        await expect(page.locator("dialog li")).to_have_text(["症状を詳しく聞く 省略しました", "返金の時期を案内"])
        await expect(page.get_by_role("button", name="会話に戻る")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("dialog")).to_be_hidden()
        assert posted(floor, f"{id}/wrap_up") == []
        for step in ("fault", "deadline"):
            await assist.script("done", step, "heard", "a1")
        await expect(page.locator("[data-step=deadline]")).to_have_attribute("data-state", "done")
        await page.keyboard.press("Alt+w")
        await expect(page.locator("#disposition")).to_be_visible()
        moves = [(path.rpartition("/")[2], body["change"]) for path, body in floor.posted if "/steps/" in path]
        assert moves == [("order", "done"), ("fault", "skipped"), ("order", "undone"), ("order", "done")]


async def test_knowledge_comes_by_itself_and_by_search_and_goes_into_the_reply(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor)
        await assist.know("refund_days")
        entry = page.locator("article.entry")
        await expect(entry).to_contain_text("出典: 返品ガイド 3章")
        assert await page.evaluate(FOCUSED) == "reply"
        await entry.get_by_role("button", name="返信に入れる").click()
        await expect(page.locator("#reply")).to_have_value(
            "返品の到着から7営業日以内に、お支払いに使われた方法へ返金します。"
        )
        await page.keyboard.press("Alt+s")
        await expect(page.locator("#knowledge-q")).to_be_focused()
        await page.keyboard.type("カード")
        await page.keyboard.press("Enter")
        await expect(page.locator(".found [data-entry]")).to_have_count(1)
        await expect(page.locator(".knowledge [role=status]")).to_have_text("1件見つかりました。")
        await page.locator("#knowledge-q").fill("ありません")
        await page.keyboard.press("Enter")
        await expect(page.locator(".knowledge [role=status]")).to_contain_text("見つかりませんでした")


async def test_words_appear_while_they_are_said_and_can_be_mended(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor, "voice")
        await assist.hears("u1", "変金が")
        await expect(page.locator(".turn.interim.customer .words")).to_have_text("変金が")
        await assist.hears("u2", "はい", "agent")
        await expect(page.locator(".turn.interim")).to_have_count(2)
        await assist.speech("u1", "変金がまだです", 0, 2000)
        await expect(page.locator(".turn.interim")).to_have_count(1)
        assert "変金" not in (await page.locator("[aria-live=polite]").text_content() or "")
        line = page.locator(".turn.customer", has_text="変金がまだです")
        await line.get_by_role("button", name="直す").click()
        await expect(page.locator("#mending")).to_be_focused()
        await page.locator("#mending").fill("返金がまだです")
        await page.keyboard.press("Enter")
        mended = page.locator(".turn.customer", has=page.locator("[data-mend=u1]"))
        await expect(mended.locator(".words")).to_have_text("返金がまだです")
        await expect(page.locator("[data-mend=u1]")).to_be_focused()
        await mended.locator(".original summary").click()
        await expect(mended.locator(".original p")).to_have_text("変金がまだです")
        assert posted(floor, f"{id}/corrections") == [{"utterance": "u1", "text": "返金がまだです"}]


async def test_after_the_call_what_is_proposed_is_taken_with_one_press(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, id, _ = await with_assist(browser, address, floor)
        await page.keyboard.press("Alt+w")
        await expect(page.locator(".after-summary li")).to_have_count(2)
        await page.locator(".after-summary [data-seq='6']").click()
        await expect(page.locator(".log [data-seq='6']")).to_be_focused()
        add = page.get_by_role("button", name="タスクに追加")
        await add.evaluate("(button) => { button.click(); button.click(); }")
        await expect(page.locator(".task .task-text")).to_have_text("返金予定日を電話で連絡")
        assert [(task.kind, task.contact) for task in floor.tasks.values()] == [("callback", id)]
        await page.locator("#after-note").fill("経理へ依頼済み")
        await page.get_by_role("button", name="最後のメモに入れる").click()
        await expect(page.locator("#wrapup-note")).to_be_focused()
        await expect(page.locator("#wrapup-note")).to_have_value("経理へ依頼済み")
        await page.locator(".after summary").click()
        await page.get_by_role("button", name="提案を送る").click()
        await expect(page.get_by_role("button", name="提案済み")).to_be_disabled()
        assert [body["turns"] for body in posted(floor, f"{id}/faq")] == [[2, 6]]


async def test_the_share_of_the_talk_is_the_agents_own_and_names_no_mood(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor, "voice")
        await assist.speech("u1", "あの", 0, 10_000)
        await expect(page.locator(".turn.customer").last).to_contain_text("あの")
        await expect(page.locator(".shared")).to_have_count(0)
        await assist.speech("a1", "はい", 8_000, 38_000, "agent")
        await expect(page.locator(".shared")).to_contain_text("You 75%, customer 25%")
        await expect(page.locator(".overlap")).to_contain_text("A short pause may help.")


_AROUND = (
    """<!doctype html><html lang=en><title>CRM</title><iframe title=Assist width=380 height=700></iframe></html>"""
)
_FRAME = """(address) => {
  window.heard = [];
  addEventListener("message", (event) => window.heard.push(event.data));
  document.querySelector("iframe").src = address;
}"""
_SEND = """([message, origin]) => document.querySelector("iframe").contentWindow.postMessage(message, origin)"""


async def test_the_assist_alone_follows_a_named_contact_and_tells_ids_only(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with site(_AROUND) as crm, desk_serving(floor, (crm.rstrip("/"),)) as address:
        console, id, assist = await with_assist(browser, address, floor, "voice")
        page = await new_page(browser)
        await sign_in(page, address)
        await page.goto(crm)
        await page.evaluate(_FRAME, f"{address}/desk?embed=assist")
        frame = page.frame_locator("iframe")
        await expect(frame.locator("#pane-assist")).to_be_visible()
        await page.evaluate(_SEND, [{"type": "open", "contact": "ho-of-somebody-else"}, address])
        await page.evaluate(_SEND, [{"type": "open", "contact": id}, address])
        await page.wait_for_function("window.heard.length >= 3")
        await assist.show("price")
        await expect(frame.locator(CARD)).to_be_visible()
        await expect(frame.locator("#reply")).to_have_count(0)
        await frame.locator(f"{CARD} .primary").click()
        await expect(frame.locator(CARD)).to_have_count(0)
        await expect(console.locator(CARD)).to_have_count(0)
        about = {"contact": id, "conversation": floor.contacts[id].conversation, "card": "price"}
        assert await page.evaluate("window.heard") == [
            {"type": "desk.ready"},
            {"type": "contact.opened", "contact": "ho-of-somebody-else", "opened": False},
            {"type": "contact.opened", "contact": id, "opened": True},
            {"type": "card.shown", **about},
            {"type": "card.used", **about},
        ]
        looking = [frame for frame in floor.received if frame["type"] == "hello" and not frame["takes_contacts"]]
        assert len(looking) == 1
        await assist.show("terms")
        await floor.drop()
        await expect(frame.locator(CARD)).to_have_attribute("data-card", "terms")
        assert await page.frames[1].evaluate("document.documentElement.scrollWidth") <= 380


async def test_the_assist_alone_follows_the_console_of_the_same_browser(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        console, _, assist = await with_assist(browser, address, floor)
        alone = await console.context.new_page()
        await alone.goto(f"{address}/desk?embed=assist")
        await assist.show("price")
        await expect(alone.locator(CARD)).to_be_visible()
        await axe_finds_nothing(alone)


async def _is(what: bool) -> bool:
    return what
