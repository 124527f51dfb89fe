"""The console's page on the real server: desk, store, accounts and packets as the product has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.browser import new_page
from tests.support.desk_console import WORD, World, world
from voicebot.domain import AgentSaid, ContactState, ConversationId, Heard, Source, UtteranceId, WrappedUp

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def office(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def at_work(browser: Browser, office: World, login: str, path: str = "/desk") -> Page:
    page = await new_page(browser, lang="ja", width=1280, height=800)
    await page.goto(office.server.http + path)
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(WORD)
    await page.keyboard.press("Enter")
    return page


async def test_a_chat_from_sign_in_to_the_log(browser: Browser, office: World) -> None:
    page = await at_work(browser, office, "S01")
    await expect(page.locator(".presence")).to_contain_text("離席中")
    await page.keyboard.press("Alt+p")
    await expect(page.locator(".presence")).to_contain_text("受付中")
    contact = await office.customer(said=("注文した炊飯器がまだ届きません", "担当者をお願いします"))
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator("#reply")).to_be_focused()
    await expect(page.locator(".turn.customer .words").first).to_have_text("注文した炊飯器がまだ届きません")
    await expect(page.locator(".right .slots, .right h3").first).to_be_visible()
    await page.keyboard.type("お調べいたします。")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.mine:not(.pending) .words")).to_have_text("お調べいたします。")
    conversation = ConversationId(contact.removeprefix("ho-").removesuffix("-1"))
    language = (await office.desk.contact(contact)).language
    reply = Heard(utterance=UtteranceId("late"), text="お願いします", language=language, source=Source.TEXT)
    await office.store.append(conversation, [reply], office.clock.now())
    await expect(page.locator(".turn.customer .words").last).to_have_text("お願いします")
    await expect(page.locator(".part")).to_have_text(["自動応答との会話", "担当者との会話"])
    await page.keyboard.press("Alt+w")
    await expect(page.locator("#disposition")).to_be_focused()
    await page.locator("#disposition").select_option("order_answered")
    await page.locator("#wrapup-note").fill("配送状況を案内")
    await page.locator(".wrapup .primary").click()
    await expect(page.locator(".contact")).to_have_count(0)
    assert (await office.desk.contact(contact)).state is ContactState.CLOSED
    log = [one.event for one in await office.store.events(conversation)]
    assert [one.text for one in log if isinstance(one, AgentSaid)] == ["お調べいたします。"]
    assert [one.code for one in log if isinstance(one, WrappedUp)] == ["order_answered"]


async def test_a_reload_goes_on_where_it_was(browser: Browser, office: World) -> None:
    page = await at_work(browser, office, "S01")
    await expect(page.locator(".presence")).to_contain_text("離席中")
    await page.keyboard.press("Alt+p")
    await expect(page.locator(".presence")).to_contain_text("受付中")
    await office.customer()
    await expect(page.locator(".offer")).to_be_visible()
    await page.reload()
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator("#reply")).to_be_focused()
    await page.keyboard.type("書きかけ")
    await page.reload()
    await expect(page.locator("#reply")).to_have_value("書きかけ")
    await expect(page.locator(".turn.customer")).to_have_count(1)
    await expect(page.locator(".contact-who")).to_contain_text("本人確認なし")


async def test_a_leader_watches_and_plans(browser: Browser, office: World) -> None:
    agent = await at_work(browser, office, "S01")
    await expect(agent.locator(".presence")).to_contain_text("離席中")
    await office.customer(said=("返品したいのですが", "担当者をお願いします"))
    page = await at_work(browser, office, "L01", "/desk/floor")
    await expect(page.locator("[data-agent=S01]")).to_be_visible()
    await page.locator("[data-contact] button").first.click()
    await expect(page.locator(".watch .turn.customer .words").first).to_have_text("返品したいのですが")
    await expect(page.locator(".watch .who-line")).to_contain_text("本人確認なし")
    await page.get_by_role("link", name="要員計算").click()
    await page.get_by_role("button", name="計算する").click()
    await expect(page.locator("tr.needed")).to_contain_text("14")
