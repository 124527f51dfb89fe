"""The agent's console in a real browser: from the offer to the end of wrap-up, by keyboard, through lost lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.support.desk_script import XSS
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving, open_desk
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
WORDS = {
    "ja": {"available": "受付中", "close": "「返金を確認・督促」で終了する", "closed": "対応を終了しました。"},
    "en": {"available": "Available", "close": "Finish as “Refund chased”", "closed": "Contact closed."},
}


@pytest_asyncio.fixture(loop_scope="module")
async def floor() -> ScriptedFloor:
    return ScriptedFloor()


@pytest_asyncio.fixture(loop_scope="module")
async def address(floor: ScriptedFloor) -> AsyncIterator[str]:
    async with desk_serving(floor) as running:
        yield running


async def serving_chat(browser: Browser, address: str, floor: ScriptedFloor, **options: object) -> tuple[Page, str]:
    """A console with one chat in progress."""
    page = await open_desk(browser, address, floor, **options)
    id = await floor.offer()
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator("#reply")).to_be_focused()
    return page, id


def said(floor: ScriptedFloor) -> list[str]:
    return floor.texts_said()


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_from_offer_to_the_end_by_keyboard_alone(browser: Browser, lang: str) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page = await open_desk(browser, address, floor)
        await page.keyboard.press("Alt+p")
        await expect(page.locator(".presence")).to_contain_text(WORDS[lang]["available"])
        id = await floor.offer()
        await expect(page.locator(".offer .who-line")).to_be_visible()
        await page.keyboard.press("Alt+y")
        await expect(page.locator("#reply")).to_be_focused()
        await floor.customer_says(id, "まだですか")
        await page.keyboard.type("お待たせいたしました。")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("お調べします。")
        await page.keyboard.press("Enter")
        await expect(page.locator(".turn.mine:not(.pending) .words")).to_have_text(
            "お待たせいたしました。\nお調べします。"
        )
        await floor.customer_reads(id)
        await expect(page.locator(".read")).to_be_visible()
        await page.keyboard.press("Alt+w")
        await expect(page.locator("#disposition")).to_be_focused()
        await expect(page.locator("#disposition")).to_have_value("refund_chased")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.type("経理へ依頼済み")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name=WORDS[lang]["close"])).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator(".contact")).to_have_count(0)
        await expect(page.locator(".toast")).to_have_text(WORDS[lang]["closed"])
        await expect(page.locator("#contacts-title")).to_be_focused()
        closed = [body for path, body in floor.posted if path == f"{id}/close"]
        assert closed == [{"code": "refund_chased", "resolved": False, "note": "経理へ依頼済み"}]
        reads = [frame["seq"] for frame in floor.received if frame["type"] == "read"]
        assert reads == sorted(set(reads)) and reads


async def test_the_headline_is_on_screen_before_it_rings(browser: Browser, address: str, floor: ScriptedFloor) -> None:
    page = await open_desk(browser, address, floor)
    await page.evaluate(
        """() => {
          const desk = document.querySelector("voicebot-desk");
          const ring = desk.work.ring;
          const start = ring.start.bind(ring);
          window.rangWith = [];
          ring.start = (medium) => {
            const box = desk.renderRoot.querySelector(".offer .who-line")?.getBoundingClientRect();
            window.rangWith.push([medium, Boolean(box && box.height > 0 && box.bottom <= innerHeight)]);
            start(medium);
          };
        }"""
    )
    id = await floor.offer("voice", lease_s=20)
    await expect(page.locator(".offer .alert.grave")).to_have_text("緊急")
    await eventually(lambda: page.evaluate("window.rangWith.length > 0"))
    assert (await page.evaluate("window.rangWith"))[0] == ["voice", True]
    assert await page.evaluate("document.querySelector('voicebot-desk').work.ring.ringing")
    await expect(page.locator("[aria-live=assertive]")).to_contain_text("電話の着信, 緊急")
    await floor.withdraw(id)
    await expect(page.locator(".offer")).to_have_count(0)
    assert not await page.evaluate("document.querySelector('voicebot-desk').work.ring.ringing")


async def test_an_offer_can_be_declined_and_a_lost_race_is_told(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page = await open_desk(browser, address, floor)
    await floor.offer()
    await expect(page.locator(".offer")).to_be_visible()
    await page.keyboard.press("Alt+n")
    await expect(page.locator(".offer")).to_have_count(0)
    id = await floor.offer()
    await expect(page.locator(".offer")).to_be_visible()
    del floor.contacts[id]
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".offer")).to_have_count(0)
    await expect(page.locator(".toast")).to_contain_text("gone")


async def test_a_contact_that_left_and_comes_back_opens_again_however_late_its_facts_came(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page = await open_desk(browser, address, floor)
    late, asked = asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        asked.set()
        await late.wait()
        await route.continue_()

    await page.route("**/packet?*", answer)
    id = await floor.offer()
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await asyncio.wait_for(asked.wait(), 10)
    await floor.goes_and_comes_back(id)
    await expect(page.locator(".talk")).to_have_count(0)
    late.set()
    path = f"/contacts/{id}/packet?language=ja"
    await page.evaluate("path => document.querySelector('voicebot-desk').work.rest.get(path)", path)
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".talk")).to_be_visible()


async def test_an_answer_that_comes_late_does_not_bring_a_closed_contact_back(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page, id = await serving_chat(browser, address, floor)
    late = asyncio.Event()

    async def answer(route: Route) -> None:
        told = await route.fetch()
        await late.wait()
        await route.fulfill(response=told)

    await page.route("**/wrap_up", answer)
    await page.keyboard.press("Alt+w")
    await page.locator("#disposition").select_option("refund_chased")
    await page.locator(".wrapup .primary").click()
    await expect(page.locator(".contact")).to_have_count(0)
    async with page.expect_response("**/wrap_up"):
        late.set()
    path = f"/contacts/{id}/packet?language=ja"
    await page.evaluate("path => document.querySelector('voicebot-desk').work.rest.get(path)", path)
    await expect(page.locator(".contact")).to_have_count(0)


async def test_what_people_write_is_text_and_never_markup(browser: Browser, address: str, floor: ScriptedFloor) -> None:
    page = await open_desk(browser, address, floor)
    id = await floor.offer(who=XSS)
    await expect(page.locator(".offer .who-line")).to_have_text(XSS)
    await page.keyboard.press("Alt+y")
    await floor.customer_says(id, XSS)
    await expect(page.locator(".turn.customer .words").last).to_have_text(XSS)
    await page.locator("#reply").fill(XSS)
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.mine:not(.pending) .words")).to_have_text(XSS)
    await floor.happens(id, {"type": "NoteWritten", "agent": "S02", "text": XSS})
    await expect(page.locator(".notes li")).to_contain_text(XSS)
    found = "document.querySelector('voicebot-desk').renderRoot.querySelectorAll('img, script').length"
    assert await page.evaluate(found) == 0
    assert await page.title() == "オペレーターデスク"


async def test_choosing_a_word_of_an_input_method_sends_nothing(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page, _ = await serving_chat(browser, address, floor)
    keyboard = await page.context.new_cdp_session(page)
    await keyboard.send("Input.imeSetComposition", {"text": "しょうしょう", "selectionStart": 6, "selectionEnd": 6})
    await page.keyboard.press("Enter")
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    await keyboard.send("Input.dispatchKeyEvent", enter)
    assert said(floor) == []
    assert await page.locator(".pending").count() == 0
    await keyboard.send("Input.insertText", {"text": "少々お待ちください"})
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.mine:not(.pending) .words")).to_have_text("少々お待ちください")


async def test_a_lost_line_comes_back_with_everything_and_says_each_message_once(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page, id = await serving_chat(browser, address, floor)
    floor.deaf = True
    await page.locator("#reply").fill("お調べします。")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-pending]")).to_have_count(1)
    await page.locator("#reply").fill("少々お待ち")
    number = await page.locator("[data-pending]").get_attribute("data-pending")
    await page.context.set_offline(True)
    await expect(page.locator(".banner")).to_be_visible()
    await expect(page.locator(".banner")).to_contain_text("未送信 1件")
    floor.deaf = False
    await page.context.set_offline(False)
    await expect(page.locator(".banner")).to_have_count(0)
    await expect(page.locator(".turn.mine:not(.pending) .words")).to_have_text("お調べします。")
    await expect(page.locator("#reply")).to_have_value("少々お待ち")
    sent = [frame["id"] for frame in floor.received if frame["type"] == "say"]
    assert len(sent) >= 2 and set(sent) == {number}
    assert said(floor) == ["お調べします。"]
    hello = [frame for frame in floor.received if frame["type"] == "hello"]
    assert hello[-1]["seen"] == {floor.contacts[id].conversation: 9}


async def test_a_server_that_restarts_is_found_again(browser: Browser) -> None:
    floor = ScriptedFloor()
    async with desk_serving(floor) as address:
        page, _ = await serving_chat(browser, address, floor)
    await expect(page.locator(".banner")).to_contain_text("自動で再接続します")
    await page.locator("#reply").fill("接続が戻ったら送ります")
    await page.keyboard.press("Enter")
    await expect(page.locator(".pending .byline")).to_contain_text("未送信")
    async with desk_serving(floor, port=int(address.rsplit(":", 1)[1])):
        await expect(page.locator(".banner")).to_have_count(0)
        await expect(page.locator(".turn.mine:not(.pending) .words")).to_have_text("接続が戻ったら送ります")
        assert said(floor) == ["接続が戻ったら送ります"]


async def test_half_written_words_outlive_a_reload(browser: Browser, address: str, floor: ScriptedFloor) -> None:
    page, _ = await serving_chat(browser, address, floor)
    await page.locator("#reply").press_sequentially("お名前を")
    await page.locator("#note").press_sequentially("急ぎ")
    await page.reload()
    await expect(page.locator("#reply")).to_have_value("お名前を")
    await expect(page.locator("#note")).to_have_value("急ぎ")


async def test_several_chats_count_what_is_unread(browser: Browser, address: str, floor: ScriptedFloor) -> None:
    page, first = await serving_chat(browser, address, floor)
    await page.locator("#reply").fill("一人目への返信")
    second = await floor.offer(who="二人目さま")
    await expect(page.locator(".offer")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".talk-head h2")).to_have_text("二人目さま")
    await expect(page.locator("#reply")).to_have_value("")
    await floor.customer_says(first, "もしもし")
    await floor.customer_says(first, "まだですか")
    await expect(page.locator(f"[data-contact='{first}'] .badge")).to_have_text("新着2件")
    await expect(page.locator(f"[data-contact='{first}']")).to_contain_text("返信待ち")
    await floor.customer_types(second)
    await expect(page.locator(".typing")).to_be_visible()
    await page.reload()
    await expect(page.locator(f"[data-contact='{second}']")).to_be_visible()
    await expect(page.locator(f"[data-contact='{second}'] .badge")).to_have_count(0)
    await page.locator(f"[data-contact='{second}']").click()
    await floor.customer_says(first, "返事をください")
    await expect(page.locator(f"[data-contact='{first}'] .badge")).to_be_visible()
    await page.keyboard.press("Alt+j")
    await expect(page.locator(f"[data-contact='{first}']")).to_have_attribute("aria-current", "true")
    await expect(page.locator(f"[data-contact='{first}'] .badge")).to_have_count(0)
    await expect(page.locator("#reply")).to_have_value("一人目への返信")


async def test_canned_answers_fill_in_facts_and_gaps_are_not_sent(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page, _ = await serving_chat(browser, address, floor)
    await expect(page.locator(".slots")).to_be_visible()
    await page.keyboard.type("/返金")
    await expect(page.locator(".canned-one")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#reply")).to_have_value("ご注文 A55670021 の返金は、あと4日ほどで完了する予定です。")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.mine:not(.pending)")).to_have_count(1)
    await page.keyboard.type("/ありがとう")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast")).to_have_text("定型文に埋まっていない項目があります。")
    await page.keyboard.type("大河内")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.mine:not(.pending) .words").last).to_have_text(
        "大河内さま、ありがとうございます。"
    )
    assert len(said(floor)) == 2


async def test_the_packet_tells_what_each_fact_is_worth_and_where_it_was_said(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page, _ = await serving_chat(browser, address, floor)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await expect(page.locator(".slot-group.confirmed")).to_contain_text("A55670021")
    await expect(page.locator(".slot-group.heard")).to_contain_text("空気清浄機")
    await expect(page.locator(".slot-group.refused")).to_contain_text("回答なし")
    await expect(page.locator(".slot-group.missing")).to_contain_text("不明")
    assert await page.locator(".slot-group:not(.confirmed) .mini").count() == 0
    await page.get_by_role("button", name="注文番号をコピー").click()
    await expect(page.locator(".toast")).to_have_text("コピーしました。")
    assert await page.evaluate("navigator.clipboard.readText()") == "A55670021"
    await page.locator("[data-turn='2']").last.click()
    line = page.locator(".turn[data-seq='2']")
    await expect(line).to_be_focused()
    await expect(line).to_contain_text("空気清浄機の返金がね")
    await expect(page.locator(".turn[data-seq='5'] .mark")).to_contain_text("割り込み")
    await page.get_by_text("電話番号で履歴を調べる").click()
    await page.get_by_label("電話番号", exact=True).fill("03-1234-3333")
    await page.get_by_role("button", name="調べる", exact=True).click()
    await expect(page.locator(".right")).to_contain_text("配送日の変更")


async def test_the_language_changes_while_working(browser: Browser, address: str, floor: ScriptedFloor) -> None:
    page, _ = await serving_chat(browser, address, floor)
    await page.locator("#reply").fill("途中の文章")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("button", name="End and wrap up")).to_be_visible()
    await expect(page.locator(".slots dt").first).to_have_text("Order number")
    await expect(page.locator(".turn.customer .words").first).to_have_text("あのー、空気清浄機の返金がね、まだなんだよ")
    await expect(page.locator("#reply")).to_have_value("途中の文章")
    assert await page.evaluate("document.documentElement.lang") == "en"


async def test_promises_and_notes(browser: Browser, address: str, floor: ScriptedFloor) -> None:
    page, id = await serving_chat(browser, address, floor)
    await page.locator("#note").fill("折り返し希望")
    await page.get_by_role("button", name="メモを保存").click()
    await expect(page.locator(".notes li")).to_contain_text("折り返し希望")
    await expect(page.locator("#note")).to_have_value("")
    await page.locator(".tasks").get_by_role("button", name="タスクを追加").click()
    await page.get_by_label("種類").select_option("callback")
    await page.get_by_label("内容").fill("在庫を確認して折り返す")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator(".task")).to_contain_text("在庫を確認して折り返す")
    await expect(page.locator(".task")).to_contain_text("自分")
    assert floor.tasks["t-1"].contact == id
    await page.get_by_role("button", name="完了").click()
    await expect(page.locator(".task")).to_have_count(0)


async def test_sessions_that_end_and_windows_that_take_over_are_told(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page, _ = await serving_chat(browser, address, floor)
    await floor.drop(4002)
    await expect(page.locator(".banner")).to_contain_text("別のウィンドウ")
    await page.get_by_role("button", name="こちらで続ける").click()
    await expect(page.locator(".banner")).to_have_count(0)
    floor.sessions.living = False
    await floor.drop(4401)
    await expect(page.locator(".banner").get_by_role("link", name="ログイン")).to_be_visible()
    await page.goto(f"{address}/desk")
    await expect(page).to_have_url(f"{address}/login?next=%2Fdesk")


async def test_advice_for_a_colleague_stays_between_colleagues(
    browser: Browser, address: str, floor: ScriptedFloor
) -> None:
    page = await open_desk(browser, address, floor)
    id = await floor.invite()
    await expect(page.locator("[data-invite]")).to_contain_text("堂本 亮からの相談")
    await page.get_by_role("button", name="会話を見る").click()
    await expect(page.locator(".guest .turn.customer").first).to_be_visible()
    await page.get_by_label("担当者にだけ見える助言").fill("前倒しできます")
    await page.get_by_role("button", name="助言を送る").click()

    async def whispered() -> bool:
        return (f"{id}/whisper", {"text": "前倒しできます", "invite": "signed"}) in floor.posted

    await eventually(whispered)
    await page.get_by_role("button", name="退出する").click()
    await expect(page.locator(".guest")).to_have_count(0)
