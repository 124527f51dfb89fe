"""The assist beside the conversation: script, knowledge, live words, after the call."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.web.console_with_assist import FOCUSED, are_posted, posted, with_assist
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
        say = page.locator("[data-step=order] .step-say")
        await expect(say).to_have_text("ご注文番号は…ですね。")
        told = {"flow": "return_product", "slot": "order_id", "value": "A20481137", "status": "confirmed"}
        await floor.happens(id, {"type": "SlotSet", **told})
        await expect(say).to_have_text("ご注文番号はA20481137ですね。")
        await expect(page.locator("[data-step=fault]")).to_have_count(0)
        await page.keyboard.press("Alt+q")
        await expect(page.locator("[data-step=order]")).to_have_attribute("data-state", "done")
        await assist.script("entered", "fault")
        await expect(page.locator("[data-step=fault] .branch")).to_contain_text("返品の理由を聞く")
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
        await are_posted(floor, f"{id}/corrections", {"utterance": "u1", "text": "返金がまだです"})


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
        await expect(page.locator(".toast")).to_have_text("FAQ の提案を送りました。")
        assert [body["turns"] for body in posted(floor, f"{id}/proposals")] == [[2, 6]]


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
