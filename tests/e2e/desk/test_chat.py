"""D23: a visitor of the widget and an agent at the console, in two browsers; D09 in writing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.desk.talks import Case
from tests.support.agent_browser import agent
from tests.support.browser import chromium, new_page
from tests.support.product import RunningProduct

XSS = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
LOST = {"en": "My order A20481137 has not come", "ja": "注文番号A20481137がまだ届きません"}
PERSON = {"en": "agent", "ja": "オペレーター"}
NOW = {"en": "just get me someone", "ja": "すぐに"}
WHO = {"en": "s03", "ja": "s01"}


async def write(page: Page, text: str) -> None:
    field = page.locator("textarea")
    await field.fill(text)
    await field.press("Enter")


async def waits_for_a_person(page: Page, case: Case, lang: str) -> None:
    """The word, and at most one question, lead to the queue."""
    await write(page, PERSON[lang])
    await case.until(lambda one: one.said() and answered(one, PERSON[lang]), "an answer")
    if not case.changes():
        await write(page, NOW[lang])
    await case.until(lambda one: "queued" in one.changes(), "queued after one question at most")


def answered(case: Case, text: str) -> bool:
    lines = [(event["type"], event["text"]) for event in case.events() if event["type"] in ("Heard", "Said")]
    return ("Heard", text) in lines and lines[-1][0] == "Said"


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_a_visitor_and_an_agent(desk_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    case = Case(desk_product, "shop")
    async with (
        agent(desk_product.http, WHO[lang], lang=lang) as seat,
        chromium() as browser,
    ):
        page = await new_page(browser, lang=lang)
        await page.goto(f"{desk_product.http}/chat/shop?lang={lang}")
        await expect(page.locator(".line.bot").first).to_be_visible()
        await write(page, LOST[lang])
        await case.until(lambda one: one.events("SlotSet"), "the bot has understood the order")
        await waits_for_a_person(page, case, lang)
        headline = await seat.offered()
        await seat.shot(f"d23_offer_{lang}")
        assert headline.strip()
        await seat.accept()
        await seat.active()
        await expect(seat.page.locator(".slots, .slot-group").first).to_be_visible()
        missing = await seat.page.locator(".slot-group.missing dt").all_inner_texts()
        status, packet = await seat.call("GET", f"/api/desk/contacts/{case.contact}/packet")
        assert status == 200
        confirmed = [slot["name"] for slot in packet["slots"] if slot["status"] == "confirmed"]
        absent = [slot["name"] for slot in packet["slots"] if slot["status"] == "missing"]
        assert not set(confirmed) & set(absent) and len(missing) == len(absent)

        await page.locator("textarea").press_sequentially("hm")
        await expect(seat.page.locator(".log")).to_contain_text(seat.texts["typing"])
        await write(page, XSS)
        await expect(seat.page.locator(".turn.customer .words").last).to_have_text(XSS)
        await seat.reply(XSS)
        await expect(page.locator(".line.agent .text").last).to_have_text(XSS)
        await expect(page.locator(".seen")).to_be_visible()
        await expect(seat.page.locator(".read")).to_be_visible()
        await seat.page.locator("#reply").press_sequentially("/")
        await seat.page.locator(".canned-one").first.click()
        canned = await seat.page.locator("#reply").input_value()
        assert canned and "{" not in canned
        await seat.page.locator("#reply").press("Enter")
        await expect(page.locator(".line.agent .text").last).to_have_text(canned)
        await seat.shot(f"d23_talk_{lang}")
        if seat.shots is not None:
            await page.screenshot(path=seat.shots / f"d23_widget_{lang}.png")
        before = await page.locator(".line .text").all_inner_texts()
        await page.reload()
        await expect(page.locator(".line.agent .text").last).to_have_text(canned)
        assert await page.locator(".line .text").all_inner_texts() == before
        assert "broken" not in (await page.title(), await seat.page.title())

        await seat.press("wrap_up")
        await seat.wrapped("order_answered")
        await seat.shot(f"d23_after_{lang}")
        await case.until(lambda one: one.changes()[-1] == "closed", "closed")
        await case.until(lambda one: one.events("Ended"), "the conversation is over")
    assert case.events("Ended")[-1]["disposition"] == "handled_by_agent"
