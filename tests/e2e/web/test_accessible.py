"""WCAG 2.2 AA of the chat: axe, target sizes, reflow, motion, small screens."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.web.visitors_page import chat_page, say, site_with_widget
from tests.support.browser import new_page
from tests.support.serve import Running, serving
from tests.support.web import ScriptedDesk, make_ports

pytestmark = pytest.mark.asyncio(loop_scope="module")
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
SIZES = [(320, 640), (1280, 800)]


async def axe_finds_nothing(page: Page) -> None:
    """Look without motion: a line that is fading in has less contrast for a moment."""
    await page.emulate_media(reduced_motion="reduce")
    found = await Axe().run(page, options=_RULES)
    violations = [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
    assert violations == []


async def sizes_of(all: Locator) -> list[tuple[float, float]]:
    """Width and height of each, all at one moment: they come and go while one after the other is measured."""
    boxes = "all => all.map(one => one.getBoundingClientRect()).map(box => [box.width, box.height])"
    return [(width, height) for width, height in await all.evaluate_all(boxes)]


@pytest.mark.parametrize(
    ("lang", "size", "dark"),
    [("ja", SIZES[0], False), ("ja", SIZES[1], True), ("en", SIZES[0], True), ("en", SIZES[1], False)],
    ids=["ja-320-light", "ja-desktop-dark", "en-320-dark", "en-desktop-light"],
)
async def test_axe_finds_nothing(
    browser: Browser, server: Running, lang: str, size: tuple[int, int], dark: bool
) -> None:
    page = await chat_page(browser, server, lang, width=size[0], height=size[1], dark=dark)
    await axe_finds_nothing(page)
    await say(page, "hello")
    await say(page, "A20481137")
    await expect(page.locator(".choices")).to_be_visible()
    await page.locator(".menu-button").click()
    await axe_finds_nothing(page)
    await page.keyboard.press("Escape")
    await say(page, "Yes" if lang == "en" else "はい")
    await expect(page.locator(".text a")).to_be_visible()
    await page.locator(".person").click()
    await expect(page.locator("[data-kind=handoff]")).to_be_visible()
    await say(page, "x" * 9000)
    await expect(page.locator(".problem")).to_be_visible()
    await axe_finds_nothing(page)
    await say(page, "bye")
    await expect(page.locator(".again")).to_be_visible()
    await axe_finds_nothing(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_nothing_while_reconnecting(browser: Browser, desk: ScriptedDesk, dark: bool) -> None:
    async with serving(make_ports(desk=desk)) as server:
        page = await chat_page(browser, server, dark=dark)
    await expect(page.locator(".banner")).to_be_visible()
    await say(page, "hello")
    await expect(page.locator(".pending")).to_be_visible()
    await axe_finds_nothing(page)


@pytest.mark.parametrize(("lang", "size"), [("ja", SIZES[0]), ("en", SIZES[1])], ids=["ja-320", "en-desktop"])
async def test_axe_finds_nothing_in_the_embedded_widget(
    browser: Browser, server: Running, lang: str, size: tuple[int, int]
) -> None:
    page = await site_with_widget(browser, server, lang, width=size[0], height=size[1])
    await axe_finds_nothing(page)
    await page.locator(".launch").click()
    await expect(page.locator(".line.bot")).to_have_count(1)
    await axe_finds_nothing(page)


@pytest.mark.parametrize(("path", "dark"), [("/?lang=ja", False), ("/?lang=en", True), ("/chat/nosuch?lang=ja", False)])
async def test_axe_finds_nothing_on_other_pages(browser: Browser, server: Running, path: str, dark: bool) -> None:
    page = await new_page(browser, width=320, height=640, dark=dark)
    await page.goto(server.http + path)
    await axe_finds_nothing(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("size", SIZES, ids=["320", "desktop"])
async def test_targets_are_large_enough(browser: Browser, server: Running, size: tuple[int, int]) -> None:
    page = await chat_page(browser, server, width=size[0], height=size[1])
    await say(page, "A20481137")
    await expect(page.locator(".choices")).to_be_visible()
    await page.locator(".menu-button").click()
    await expect(page.locator(".menu")).to_be_visible()
    sizes = await sizes_of(page.locator("button:visible"))
    assert len(sizes) >= 9
    assert all(width >= 24 and height >= 24 for width, height in sizes)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("width", "height", "zoom"), [(320, 568, 2.0), (640, 360, 2.0)])
async def test_small_screens_and_zoom_lose_nothing(
    browser: Browser, server: Running, lang: str, width: int, height: int, zoom: float
) -> None:
    page = await chat_page(browser, server, lang, width=width, height=height, zoom=zoom)
    await say(page, "A20481137")
    await expect(page.locator(".choices button")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    log = page.locator(".log")
    assert await log.evaluate("log => log.scrollWidth <= log.clientWidth")
    for selector in (".notice", ".menu-button", ".choices button >> nth=0", "textarea", ".send", ".person"):
        await expect(page.locator(selector)).to_be_in_viewport(ratio=0.95)


async def test_a_small_screen_chat_keeps_focus_inside(browser: Browser, server: Running) -> None:
    page = await site_with_widget(browser, server, width=320, height=568)
    await page.locator(".launch").click()
    await expect(page.locator("textarea")).to_be_focused()
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.localName") in ("voicebot-launcher", "body")
    await page.locator("textarea").focus()
    await page.keyboard.press("Escape")
    await expect(page.locator(".launch")).to_be_focused()


async def test_no_motion_for_those_who_want_none(browser: Browser, server: Running, desk: ScriptedDesk) -> None:
    page = await chat_page(browser, server)
    await page.emulate_media(reduced_motion="reduce")
    desk.gate.clear()
    await say(page, "hello")
    await expect(page.locator(".typing")).to_be_visible()
    assert await page.locator(".typing i").first.evaluate("dot => getComputedStyle(dot).animationName") == "none"
    assert await page.locator(".line").first.evaluate("line => getComputedStyle(line).animationName") == "none"
