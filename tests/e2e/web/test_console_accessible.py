"""WCAG 2.2 AA of the desk's pages: axe in every state, both languages, small screens, zoom, targets, motion."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.web.test_accessible import axe_finds_nothing, sizes_of
from tests.e2e.web.test_console import serving_chat
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving, open_desk
from voicebot.people import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")
WAYS = pytest.mark.parametrize(
    ("lang", "width", "height", "dark"),
    [("ja", 320, 640, False), ("ja", 1360, 820, True), ("en", 320, 640, True), ("en", 1360, 820, False)],
    ids=["ja-320-light", "ja-wide-dark", "en-320-dark", "en-wide-light"],
)
PANES = ("list", "talk", "packet")


async def nothing_sticks_out(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def targets_are_large_enough(page: Page) -> None:
    sizes = await sizes_of(page.locator("button:visible, select:visible"))
    assert len(sizes) >= 4
    assert all(width >= 24 and height >= 24 for width, height in sizes)


async def every_pane(page: Page, width: int) -> None:
    for pane in PANES if width < 980 else PANES[:1]:
        if width < 980:
            await page.locator(f"#tab-{pane}").click()
        await axe_finds_nothing(page)
        await nothing_sticks_out(page, width)
        await targets_are_large_enough(page)


@WAYS
async def test_axe_finds_nothing_from_offer_to_wrap_up(
    browser: Browser, lang: str, width: int, height: int, dark: bool
) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page = await open_desk(browser, address, floor, width=width, height=height, dark=dark)
        await every_pane(page, width)
        id = await floor.offer()
        await expect(page.locator(".offer .who-line")).to_be_visible()
        await every_pane(page, width)
        await page.keyboard.press("Alt+y")
        await expect(page.locator("#reply")).to_be_focused()
        await floor.customer_says(id, "まだですか")
        await floor.happens(id, {"type": "NoteWritten", "agent": "S02", "text": "急ぎ"})
        await floor.happens(id, {"type": "DangerSeen", "hazard": "fire_electric", "phrase": "焦げくさい"})
        await page.keyboard.type("お待たせいたしました。")
        await page.keyboard.press("Enter")
        await every_pane(page, width)
        await page.keyboard.press("Alt+r")
        await page.keyboard.type("/")
        await expect(page.locator(".canned")).to_be_visible()
        await axe_finds_nothing(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Alt+w")
        await expect(page.locator("#disposition")).to_be_focused()
        await every_pane(page, width)


@WAYS
async def test_axe_finds_nothing_in_dialogs_and_while_the_line_is_lost(
    browser: Browser, lang: str, width: int, height: int, dark: bool
) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page, _ = await serving_chat(browser, address, floor, width=width, height=height, dark=dark)
        for keys in ("Alt+t", "Alt+/"):
            await page.keyboard.press(keys)
            await expect(page.locator("dialog")).to_be_visible()
            await axe_finds_nothing(page)
            await nothing_sticks_out(page, width)
            await page.keyboard.press("Escape")
            await expect(page.locator("dialog")).to_be_hidden()
        if width < 980:
            await page.locator("#tab-list").click()
        await page.locator(".tasks button").click()
        await axe_finds_nothing(page)
        await page.keyboard.press("Escape")
        await page.locator(".top button").first.click()
        await expect(page.locator("dialog [role=alert]")).to_be_visible()
        await axe_finds_nothing(page)
        await page.keyboard.press("Escape")
        await page.context.set_offline(True)
        await expect(page.locator(".banner")).to_be_visible()
        await axe_finds_nothing(page)


@WAYS
async def test_axe_finds_nothing_on_the_pages_of_leaders(
    browser: Browser, lang: str, width: int, height: int, dark: bool
) -> None:
    floor = ScriptedFloor(lang, (Role.AGENT, Role.LEADER))
    async with desk_serving(floor) as address:
        desk, id = await serving_chat(browser, address, floor)
        await floor.customer_says(id, "まだですか")
        page = await open_desk(browser, address, floor, "/desk/floor", width=width, height=height, dark=dark)
        await expect(page.locator("[data-agent]")).to_have_count(4)
        await axe_finds_nothing(page)
        await page.locator("[data-contact] button").click()
        await expect(page.locator(".watch .turn.customer").last).to_be_visible()
        await axe_finds_nothing(page)
        await nothing_sticks_out(page, width)
        await page.locator("[data-agent='S02'] button").click()
        await expect(page.locator("dialog")).to_be_visible()
        await axe_finds_nothing(page)
        await page.goto(f"{address}/desk/staffing")
        await page.locator("button.primary").click()
        await expect(page.locator("tr.needed")).to_be_visible()
        await axe_finds_nothing(page)
        await nothing_sticks_out(page, width)
        await desk.close()


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 400)])
async def test_small_screens_and_zoom_lose_nothing(browser: Browser, lang: str, width: int, height: int) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page = await open_desk(browser, address, floor, width=width, height=height, zoom=2.0)
        await floor.offer()
        for selector in (".offer .alert >> nth=0", ".offer .who-line", ".offer dd >> nth=0"):
            await expect(page.locator(selector)).to_be_in_viewport(ratio=0.95)
        await nothing_sticks_out(page, width)
        await page.locator(".offer .go").click()
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.type("お待たせいたしました。")
        await page.keyboard.press("Enter")
        await expect(page.locator(".turn.mine:not(.pending)")).to_be_in_viewport()
        await nothing_sticks_out(page, width)
        await page.keyboard.press("Alt+w")
        await expect(page.locator("#disposition")).to_have_value("refund_chased")
        await page.locator(".wrapup .primary").click()
        await expect(page.locator(".contact")).to_have_count(0)


async def test_dialogs_keep_focus_and_give_it_back(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page, _ = await serving_chat(browser, address, floor)
        await page.get_by_role("button", name="Transfer").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("radio").first).to_be_focused()
        inside = "document.activeElement?.renderRoot?.activeElement?.closest('dialog') !== null"
        for _ in range(15):
            await page.keyboard.press("Tab")
            assert await page.evaluate(f"document.activeElement === document.body || {inside}")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Transfer")).to_be_focused()


async def test_shortcuts_can_be_moved_and_turned_off(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page = await open_desk(browser, address, floor)
        await page.keyboard.press("?")
        await page.get_by_label("Modifier of the shortcuts").select_option("off")
        await page.keyboard.press("Escape")
        await floor.offer()
        await page.keyboard.press("Alt+y")
        await page.keyboard.press("?")
        await expect(page.locator("dialog")).to_be_hidden()
        await expect(page.locator(".offer")).to_be_visible()
        await page.get_by_role("button", name="Help").click()
        await page.get_by_label("Modifier of the shortcuts").select_option("alt+shift")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Alt+Shift+Y")
        await expect(page.locator("#reply")).to_be_focused()


async def test_no_motion_for_those_who_want_none(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with desk_serving(floor) as address:
        page, _ = await serving_chat(browser, address, floor)
        await page.emulate_media(reduced_motion="reduce")
        moving = """[...document.querySelector('voicebot-desk').renderRoot.querySelectorAll('*')].filter((one) =>
          getComputedStyle(one).animationName !== 'none' || getComputedStyle(one).transitionDuration !== '0s').length"""
        assert await page.evaluate(moving) == 0
