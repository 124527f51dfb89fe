"""The login page in a real browser: keyboard, languages, small screens, errors that are heard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.browser import new_page
from tests.support.serve import Running, serving
from tests.support.waiting import eventually
from tests.support.web import SHOP, make_ports
from voicebot.clock import SystemClock
from voicebot.people import Passwords, People, Role, Wanted
from voicebot.store import SqlStore

pytestmark = pytest.mark.asyncio(loop_scope="module")
WORD = "umi no mieru machi"
TEXTS = {
    "ja": ("ログイン", "ログインIDまたはパスワードが正しくありません。", "パスワードの変更"),
    "en": ("Sign in", "The login or the password is wrong.", "Change your password"),
}


@pytest_asyncio.fixture(loop_scope="module")
async def people(tmp_path: Path) -> AsyncIterator[People]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    made = People.on(store, SystemClock(), passwords=Passwords(memory_kib=64, passes=1))
    for login, must_change in (("sato", False), ("hire", True)):
        await made.accounts.add(
            Wanted(
                login,
                "佐藤 美咲",
                SHOP.tenant,
                frozenset((Role.AGENT,)),
                id=login,
                password=WORD,
                must_change=must_change,
            )
        )
    yield made
    await store.close()


@pytest_asyncio.fixture(loop_scope="module")
async def office(people: People) -> AsyncIterator[Running]:
    async with serving(replace(make_ports(), people=people)) as running:
        yield running


def listened(page: Page) -> list[str]:
    """Everything that goes wrong in the page's scripts."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    return heard


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    ("lang", "width", "dark"), [("ja", 320, False), ("en", 320, True), ("ja", 1100, True), ("en", 1100, False)]
)
async def test_signing_in_by_keyboard(browser: Browser, office: Running, lang: str, width: int, dark: bool) -> None:
    title, wrong, _ = TEXTS[lang]
    page = await new_page(browser, lang=lang, width=width, dark=dark)
    heard = listened(page)
    await page.goto(f"{office.http}/login?next=/api/session")
    await expect(page).to_have_title(title)
    assert await page.get_attribute("html", "lang") == lang
    await axe_finds_nothing(page)
    await fits(page)
    await page.keyboard.type("sato")
    await page.keyboard.press("Tab")
    await page.keyboard.type("not the word")
    assert heard == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text(wrong)
    await expect(page.locator("#login")).to_have_value("sato")
    await expect(page.locator("#password")).to_have_value("")
    await expect(page.locator("#password")).to_be_focused()
    await expect(page.locator("#password")).to_have_attribute("aria-invalid", "true")
    await axe_finds_nothing(page)
    await fits(page)
    await page.keyboard.type(WORD)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(page.locator("#password")).to_have_attribute("type", "text")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/api/session")
    assert '"login":"sato"' in (await page.content())
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    assert cookies["voicebot_session"]["httpOnly"]
    assert cookies["voicebot_session"]["sameSite"] == "Lax"


async def test_an_error_is_put_into_the_live_region_after_loading(browser: Browser, office: Running) -> None:
    page = await new_page(browser)
    await page.add_init_script(
        """window.changes = []; new MutationObserver((changes) => changes.forEach((change) => {
            const target = /** @type {Element} */ (change.target);
            if (target.id !== "problem") return;
            if (change.removedNodes.length) window.changes.push("emptied");
            const added = [...change.addedNodes].map((one) => one.textContent);
            if (added.length) window.changes.push(added.join("").trim());
        })).observe(document, {childList: true, subtree: true});"""
    )
    await page.goto(f"{office.http}/login?problem=expired")
    said = "window.changes.slice(window.changes.indexOf('emptied') + 1)"
    await eventually(lambda: page.evaluate(f"window.changes.includes('emptied') && {said}.length > 0"))
    assert await page.evaluate(said) == ["Your sign-in has ended. Please sign in again."]


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_a_given_password_is_changed_first(browser: Browser, office: Running, lang: str) -> None:
    page = await new_page(browser, lang=lang, width=320)
    await page.goto(f"{office.http}/login?next=/api/session")
    await page.fill("#login", "hire")
    await page.fill("#password", WORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(TEXTS[lang][2])
    await axe_finds_nothing(page)
    await fits(page)
    await page.fill("#old", WORD)
    await page.fill("#new", "short")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("10")
    await page.fill("#old", WORD)
    await page.fill("#new", "kawa no nagare")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/api/session")
    assert '"must_change":false' in (await page.content())


async def test_a_link_sets_a_password(browser: Browser, office: Running, people: People) -> None:
    link = await people.accounts.make_link("hire")
    page = await new_page(browser, lang="ja", width=320)
    await page.goto(f"{office.http}/login?link={link}")
    await axe_finds_nothing(page)
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("h1")).to_have_text("Set your password")
    await page.fill("#new", "kawa no nagare")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk")
    await page.goto(f"{office.http}/api/session")
    assert '"login":"hire"' in (await page.content())


async def test_signing_in_works_without_scripts(browser: Browser, office: Running) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = await context.new_page()
    await page.goto(f"{office.http}/login?next=/api/session")
    await page.fill("#login", "sato")
    await page.fill("#password", "not the word")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text(TEXTS["ja"][1])
    await page.fill("#password", WORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/api/session")
    await context.close()


async def test_large_text_keeps_everything_in_reach(browser: Browser, office: Running) -> None:
    page = await new_page(browser, lang="ja", width=320, height=256, zoom=4)
    await page.goto(f"{office.http}/login")
    await fits(page)
    await page.locator("button").scroll_into_view_if_needed()
    box = await page.locator("button").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
