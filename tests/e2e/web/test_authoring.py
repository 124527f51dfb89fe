"""The authors' page in a browser: edit, try, publish, be overtaken, roll back; both languages, small screens, axe."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.authoring import PRICE, ROOT, WORD, Site, authoring_site, served, talked
from tests.support.browser import new_page
from tests.support.waiting import eventually
from voicebot.assist.authoring import Body
from voicebot.assist.preview import Talk
from voicebot.assist.workbench import Workbench
from voicebot.domain import TenantId
from voicebot.web.assist.previewing import AT_ONCE

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    made = Workbench(ROOT)
    yield made
    made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path, bench: Workbench) -> AsyncIterator[Site]:
    async with authoring_site(tmp_path, bench) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def address(site: Site) -> AsyncIterator[str]:
    async with served(site) as running:
        yield running


async def opened(
    browser: Browser,
    address: str,
    login: str = "leader",
    query: str = f"?card={PRICE}",
    lang: str = "en",
    **look: object,
) -> Page:
    page = await new_page(browser, lang=lang, **look)  # type: ignore[arg-type]
    answer = await page.request.post(f"{address}/api/session", data={"login": login, "password": WORD})
    assert answer.ok
    await page.add_init_script(f"localStorage.setItem('voicebot.desk.language', '{lang}')")
    await page.goto(f"{address}/assist/edit{query}")
    await expect(page.locator("[data-item]").first).to_be_visible(timeout=30_000)
    return page


async def test_a_card_is_edited_checked_published_and_rolled_back(browser: Browser, address: str) -> None:
    page = await opened(browser, address)
    await expect(page.locator("#editor-title")).to_be_focused()
    field = page.get_by_label("Title (English)")
    await field.fill("Too dear for them")
    await expect(page.locator(".saved")).to_contain_text("Saved in your draft.", timeout=15_000)
    await expect(page.locator(f"[data-item={PRICE}]")).to_contain_text("changed")
    cooldown = page.get_by_label("Not again for, seconds")
    await cooldown.fill("1")
    await expect(page.locator(".mistake").first).to_contain_text("Write a number from 30 to 3600.", timeout=15_000)
    await expect(cooldown).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    await cooldown.fill("90")
    await expect(page.locator(".mistake")).to_have_count(0, timeout=15_000)
    await page.get_by_role("button", name="What changes").click()
    await expect(page.get_by_role("region", name="Differences")).to_contain_text("Too dear for them")
    await page.get_by_label("Note: what and why").fill("plainer")
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.locator("[data-version]").first).to_contain_text("plainer", timeout=15_000)
    await expect(page.locator("[data-version]").first).to_contain_text("live")
    page.on("dialog", lambda dialog: dialog.accept())
    files = page.locator("[data-version^=files-]").last
    await files.get_by_role("button", name="Compare with live").click()
    await expect(files.get_by_role("region", name="Differences")).to_contain_text("en.title")
    await files.get_by_role("button", name="Make live again").click()
    await expect(field).not_to_have_value("Too dear for them", timeout=15_000)


async def test_what_is_typed_while_it_is_published_is_kept(browser: Browser, address: str) -> None:
    page = await opened(browser, address)
    field = page.get_by_label("Title (English)")
    await field.fill("Too dear for them")
    await expect(page.locator(".saved")).to_contain_text("Saved in your draft.")
    asked, late = asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        told = await route.fetch()
        asked.set()
        await late.wait()
        await route.fulfill(response=told)

    await page.route("**/drafts", answer)
    await page.get_by_role("button", name="Publish", exact=True).click()
    await asyncio.wait_for(asked.wait(), 30)
    await field.fill("Much too dear for them")
    late.set()
    await expect(page.locator("[data-version]")).to_have_count(2)
    await expect(field).to_have_value("Much too dear for them")
    await expect(page.locator(".saved")).to_contain_text("Saved in your draft.")
    await page.reload()
    await expect(field).to_have_value("Much too dear for them")


async def test_words_are_added_and_taken_away_by_keyboard(browser: Browser, address: str) -> None:
    page = await opened(browser, address)
    field = page.get_by_label("Phrases (English)", exact=True).last
    await field.focus()
    await page.keyboard.type("beyond my purse")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Remove beyond my purse")).to_be_visible()
    await expect(field).to_be_focused()
    await expect(page.locator("[role=status].hidden")).to_have_text("Added beyond my purse")
    await page.get_by_role("button", name="Remove beyond my purse").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Remove beyond my purse")).to_have_count(0)
    await expect(field).to_be_focused()


async def test_a_draft_is_tried_on_past_conversations(browser: Browser, site: Site, address: str) -> None:
    await talked(site.store, "past")
    page = await opened(browser, address)
    await page.get_by_role("button", name="Try").click()
    await expect(page.locator(".places li")).to_have_count(2, timeout=30_000)
    await expect(page.locator(".places li").first).to_contain_text("ちょっと高いですね。")
    await expect(page.locator(".places li").first).to_contain_text("used")
    await expect(page.locator(".places li").last).to_contain_text("held back")
    await expect(
        page.get_by_text("Would have come up 2 times, 1 of them on screen, in 1 conversations.")
    ).to_be_visible()
    await axe_finds_nothing(page)


async def _so_many(given_up: list[str], times: int) -> bool:
    return len(given_up) == times


async def test_trying_can_be_stopped(
    browser: Browser, site: Site, address: str, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(3):
        await talked(site.store, f"past-{at}")
    places, given_up = bench.places, list[str]()

    async def stuck_after_the_first(tenant: TenantId, body: Body, cards: frozenset[str], talk: Talk) -> object:
        if talk.id == "past-0":
            return await places(tenant, body, cards, talk)
        try:
            return await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append(talk.id)
            raise

    page = await opened(browser, address)
    with monkeypatch.context() as patched:
        patched.setattr(bench, "places", stuck_after_the_first)
        for time in range(1, AT_ONCE + 2):
            await page.get_by_role("button", name="Try").click()
            await expect(page.get_by_text("Stopped by you.")).to_have_count(0)
            await expect(page.locator(".places li")).to_have_count(2, timeout=30_000)
            await page.get_by_role("button", name="Stop").click()
            await expect(page.get_by_text("Stopped by you.")).to_be_visible()
            await eventually(partial(_so_many, given_up, time))
    await page.get_by_role("button", name="Try").click()
    await expect(page.locator(".places li")).to_have_count(6, timeout=30_000)


async def test_the_second_to_publish_sees_what_changed_and_goes_on_from_there(browser: Browser, address: str) -> None:
    first = await opened(browser, address)
    second = await opened(browser, address, "second", "?card=card_repair_cost")
    for page, words in ((first, "First of all"), (second, "Second of all")):
        await page.get_by_label("Title (English)").fill(words)
        await expect(page.locator(".saved")).to_contain_text("Saved in your draft.", timeout=15_000)
    await first.get_by_role("button", name="Publish", exact=True).click()
    await expect(first.locator("[data-version]")).to_have_count(2, timeout=15_000)
    await second.get_by_role("button", name="Publish", exact=True).click()
    await expect(second.locator(".warn")).to_contain_text("First of all", timeout=15_000)
    await expect(second.locator(".warn")).to_contain_text("Leader has changed what is live")
    await second.get_by_role("button", name="Put my changes upon it").click()
    await expect(second.locator(".warn")).to_have_count(0, timeout=15_000)
    await second.get_by_role("button", name="Publish", exact=True).click()
    await expect(second.locator(f"[data-item={PRICE}]")).to_have_text("First of all", timeout=15_000)
    first.on("dialog", lambda dialog: dialog.accept())
    await first.locator("[data-version^=files-]").last.get_by_role("button", name="Make live again").click()
    await expect(first.locator(".banner")).to_contain_text("Second changed what is live meanwhile", timeout=15_000)
    await expect(first.locator("[data-version]")).to_have_count(3)


async def test_a_script_opens_at_its_step_and_its_steps_move(browser: Browser, address: str) -> None:
    page = await opened(browser, address, query="?script=shop_order&step=quantity")
    summary = page.locator("[data-step=quantity] summary")
    await expect(summary).to_be_focused()
    await page.get_by_label("Name in the list (English)").fill("How many of them")
    await page.get_by_role("button", name="Move quantity up").click()
    await expect(page.locator("[data-step]").first).to_contain_text("How many of them")
    await expect(summary).to_be_focused()
    await expect(page.locator(".saved")).to_contain_text("Saved in your draft.", timeout=15_000)
    await page.get_by_role("button", name="Add a step").click()
    await expect(page.locator("[data-step^=step_] summary")).to_be_focused()
    await expect(page.locator("[data-step^=step_]")).to_contain_text("has no label", timeout=15_000)
    await page.get_by_text("As YAML (to read)").click()
    await expect(page.locator("pre")).to_contain_text("How many of them")


_EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


async def test_words_are_never_markup(browser: Browser, site: Site, address: str) -> None:
    await talked(site.store, "past", words=f"ちょっと高いですね。{_EVIL}")
    page = await opened(browser, address)
    await page.get_by_label("Title (English)").fill(_EVIL)
    await expect(page.locator("#editor-title")).to_have_text(_EVIL)
    await expect(page.locator(".saved")).to_contain_text("Saved", timeout=15_000)
    await page.get_by_role("button", name="What changes").click()
    await expect(page.get_by_role("region", name="Differences")).to_contain_text("onerror")
    await page.get_by_role("button", name="Try").click()
    await expect(page.locator(".places li").first).to_contain_text("onerror", timeout=30_000)
    assert await page.locator("img").count() == 0
    await expect(page).to_have_title("Cards and scripts")


async def test_agents_are_refused_and_strangers_sign_in_first(browser: Browser, site: Site, address: str) -> None:
    agent = await site.browser("agent")
    assert (await agent.get("/assist/edit")).status_code == 403
    page = await new_page(browser, lang="en")
    await page.route(re.compile("/login"), lambda route: route.fulfill(status=200, body="login"))
    await page.goto(f"{address}/assist/edit?card={PRICE}")
    assert "/login?next=%2Fassist%2Fedit%3Fcard%3D" in page.url


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(
    ("width", "height", "zoom", "dark"), [(320, 640, 1.0, False), (640, 400, 2.0, True), (1360, 820, 1.0, True)]
)
async def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser, address: str, lang: str, width: int, height: int, zoom: float, dark: bool
) -> None:
    for query in (f"?card={PRICE}", "?script=shop_order&step=quantity"):
        page = await opened(browser, address, query=query, lang=lang, width=width, height=height, dark=dark, zoom=zoom)
        await axe_finds_nothing(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        inner = "document.querySelector('voicebot-authoring').renderRoot.querySelector('.root')"
        wide = f"""[...{inner}.querySelectorAll('*')].filter((one) => !one.closest('.scroll, pre, .hidden') &&
          one.getBoundingClientRect().right > {inner}.clientWidth + 1).map((one) => one.outerHTML.slice(0, 80))"""
        assert await page.evaluate(wide) == []
        await page.context.close()
