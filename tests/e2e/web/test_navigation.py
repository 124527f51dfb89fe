"""From the desk to the pages beside it: whoever may use one gets there without a mouse, in both languages."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving, open_desk
from voicebot.people import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEADER, TRAINER, AUDITOR, AGENT = (Role.AGENT, Role.LEADER), (Role.TRAINER,), (Role.AUDITOR,), (Role.AGENT,)
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.textContent.trim() ?? "";
}"""


async def pressed(page: Page, name: str) -> None:
    """Enter on a link, found by Tab alone."""
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate(FOCUSED) == name:
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


@pytest.mark.parametrize(
    ("lang", "roles", "names"),
    [
        ("en", LEADER, ["Desk", "Floor", "Staffing", "Analysis", "Cards and scripts"]),
        ("ja", LEADER, ["デスク", "フロア", "要員計算", "応対分析", "カードとスクリプト"]),
        ("ja", TRAINER, ["応対分析", "カードとスクリプト"]),
        ("en", AUDITOR, ["Analysis"]),
        ("en", AGENT, []),
    ],
)
async def test_everybody_is_shown_the_pages_they_may_use(
    browser: Browser, lang: str, roles: tuple[Role, ...], names: list[str]
) -> None:
    floor = ScriptedFloor(lang, roles)
    async with desk_serving(floor) as address:
        page = await open_desk(browser, address, floor)
        await expect(page.locator("header.top .who")).not_to_be_empty()
        await expect(page.locator("header.top nav a")).to_have_text(names)
        await axe_finds_nothing(page)


@pytest.mark.parametrize(("lang", "roles"), [("en", LEADER), ("ja", TRAINER)])
async def test_analysis_and_editor_are_reached_by_keyboard_and_lead_to_each_other(
    browser: Browser, lang: str, roles: tuple[Role, ...]
) -> None:
    floor = ScriptedFloor(lang, roles)
    analysis, editor = ("応対分析", "カードとスクリプト") if lang == "ja" else ("Analysis", "Cards and scripts")
    async with desk_serving(floor) as address:
        page = await open_desk(browser, address, floor)
        await expect(page.locator("header.top nav a").last).to_have_text(editor)
        await pressed(page, analysis)
        await expect(page).to_have_url(f"{address}/assist/analysis")
        await expect(page.locator("header.top nav a[aria-current=page]")).to_have_text(analysis)
        await pressed(page, editor)
        await expect(page).to_have_url(f"{address}/assist/edit")
        await expect(page.locator("header.top nav a[aria-current=page]")).to_have_text(editor)
        await pressed(page, analysis)
        await expect(page).to_have_url(f"{address}/assist/analysis")
