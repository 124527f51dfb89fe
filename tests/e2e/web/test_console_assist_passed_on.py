"""The guided script of a contact that came from a colleague, and what is still to be asked."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.web.console_with_assist import CARD, FOCUSED, posted, with_assist
from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGS = pytest.mark.parametrize("lang", ["ja", "en"])
LIVE = "(one) => one.closest('[aria-live], [role=status], [role=alert], [aria-hidden=true]') !== null"
WORDS = {
    "ja": {
        "on": "堂本 亮 から引き継いだスクリプトの続きです。", "by": "実施: 堂本 亮", "again": "最初からやり直す",
        "skipped": "注文番号を確認", "tick": "返品の理由を聞く",
        "ask": "これから伺うこと: ご注文番号、電話番号", "one": "これから伺うこと: 電話番号",
        "card": "これから伺うこと: 比べている商品", "after": "伺えなかったこと: 電話番号",
    },
    "en": {
        "on": "Begun by 堂本 亮. It goes on here.", "by": "by 堂本 亮", "again": "Start again",
        "skipped": "Confirm the order number", "tick": "Ask for the reason",
        "ask": "Still to ask: the order number, the telephone number", "one": "Still to ask: the telephone number",
        "card": "Still to ask: what they compare with", "after": "Not known in the end: the telephone number",
    },
}  # fmt: skip


@LANGS
async def test_a_colleagues_script_goes_on_and_can_be_begun_again(browser: Browser, lang: str) -> None:
    floor, words = ScriptedFloor(lang), WORDS[lang]
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor, "voice")
        for change, step, by in (
            ("started", "", "clicked"), ("entered", "greet", "script"), ("done", "greet", "clicked"),
            ("entered", "order", "script"), ("skipped", "order", "clicked"), ("entered", "reason", "script"),
        ):  # fmt: skip
            await assist.script(change, step, by, agent="S02")
        greet, reason = page.locator("[data-step=greet]"), page.locator("[data-step=reason]")
        await expect(reason).to_have_attribute("aria-current", "step")
        await expect(greet).to_have_attribute("data-state", "done")
        await expect(greet.locator(".ticked-by")).to_have_text(words["by"])
        await expect(page.locator("[data-step=order]")).to_have_attribute("data-state", "skipped")
        await expect(page.locator(".passed-on p")).to_have_text(words["on"])
        await reason.get_by_role("checkbox", name=words["tick"]).click()
        await expect(reason).to_have_attribute("data-state", "done")
        await expect(reason.locator(".ticked-by")).to_have_count(0)
        assert posted(floor, f"{id}/steps/reason") == [{"change": "done"}]
        await axe_finds_nothing(page)
        await page.keyboard.press("Alt+w")
        await expect(page.locator("dialog li").first).to_contain_text(words["skipped"])
        await page.keyboard.press("Escape")
        await page.locator(".passed-on").get_by_role("button", name=words["again"]).click()
        await expect(page.locator(".passed-on")).to_have_count(0)
        await expect(greet).to_have_attribute("data-state", "open")
        await expect(page.locator(".ticked-by")).to_have_count(0)
        await expect(page.locator(".script details button", has_text=words["again"])).to_be_attached()


async def test_a_contact_that_was_finished_leaves_no_script_to_the_next(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor)
        await assist.script("started", agent="S02")
        await expect(page.locator("#script-title")).to_be_visible()
        await floor.happens(id, {"type": "ContactChanged", "handoff": "ho-before", "change": "closed"})
        await expect(page.locator("#script-title")).to_have_count(0)
        await expect(page.get_by_role("button", name="Taking a return")).to_be_visible()


async def is_read_but_never_told(line: Locator, text: str) -> None:
    """A screen reader finds it in its place; nothing announces it."""
    await expect(line).to_have_text(text)
    assert text in await line.locator("xpath=..").aria_snapshot()
    assert not await line.evaluate(LIVE)


@LANGS
async def test_what_is_still_to_be_asked_is_shown_until_it_is_known(browser: Browser, lang: str) -> None:
    floor, words = ScriptedFloor(lang), WORDS[lang]
    async with desk_serving(floor) as address:
        page, id, assist = await with_assist(browser, address, floor)
        lacks = page.locator(".script .lacks")
        await expect(lacks).to_have_count(0)
        await assist.script("started")
        await assist.script("entered", "order")
        await is_read_but_never_told(lacks, words["ask"])
        assert await page.evaluate(FOCUSED) == "reply"
        told = {"type": "SlotSet", "flow": "return_product", "status": "confirmed"}
        await floor.happens(id, {**told, "slot": "order_id", "value": "A20481137"})
        await is_read_but_never_told(lacks, words["one"])
        await axe_finds_nothing(page)
        await assist.script("done", "greet", "heard")
        await expect(lacks).to_have_count(0)
        await assist.script("undone", "greet", "clicked")
        await expect(lacks).to_have_text(words["one"])
        await floor.happens(id, {**told, "slot": "phone", "value": "", "sensitive": True})
        await expect(lacks).to_have_count(0)
        await assist.show("price")
        await expect(page.locator(f"{CARD} .cue-talk")).to_be_visible()
        await expect(page.locator(".lacks")).to_have_count(0)
        await assist.show("price", values={"saving": None})
        await is_read_but_never_told(page.locator(f"{CARD} .lacks"), words["card"])
        await page.keyboard.press("Alt+w")
        await page.locator("dialog[open] .stop").click()
        await expect(page.locator(".after .lacks")).to_have_text(words["after"])
