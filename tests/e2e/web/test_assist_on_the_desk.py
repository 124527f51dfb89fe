"""The assist alone on the real server: who may follow a conversation, beside the agent's own console."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.web.test_console_on_the_desk import at_work, office  # noqa: F401 - the fixture
from tests.support.desk_console import World
from tests.support.waiting import eventually
from voicebot.domain import ConversationId, Heard, Language, Source, UtteranceId

pytestmark = pytest.mark.asyncio(loop_scope="module")
KNOWN = """(conversation) => (document.querySelector("voicebot-desk").work.store.logs.get(conversation) ?? [])
  .some((one) => one.event.text === "高いですね")"""
READY = "document.querySelector('voicebot-desk').work.store.ready"
FOLLOW = """(contact) => document.querySelector("voicebot-desk").following.follow(contact)"""


async def alone(page: Page, office: World) -> Page:  # noqa: F811
    """The assist in another window of the same browser."""
    opened = await page.context.new_page()
    await opened.goto(office.server.http + "/desk?embed=assist")
    await eventually(lambda: opened.evaluate(READY))
    return opened


async def test_the_assist_alone_hears_its_agents_contact_and_leaves_the_console_in_place(
    browser: Browser,
    office: World,  # noqa: F811
) -> None:
    console = await at_work(browser, office, "S01")
    await expect(console.locator(".presence")).to_contain_text("離席中")
    await console.keyboard.press("Alt+p")
    await expect(console.locator(".presence")).to_contain_text("受付中")
    contact = await office.customer()
    await expect(console.locator(".offer .who-line")).to_be_visible()
    await console.keyboard.press("Alt+y")
    await expect(console.locator("#reply")).to_be_focused()
    mine = await alone(console, office)
    assert await mine.evaluate(FOLLOW, contact) is True
    conversation = ConversationId(contact.removeprefix("ho-").removesuffix("-1"))
    said = Heard(utterance=UtteranceId("price"), text="高いですね", language=Language("ja"), source=Source.TEXT)
    await office.store.append(conversation, [said], office.clock.now())
    await eventually(lambda: mine.evaluate(KNOWN, conversation))
    await expect(console.locator(".turn.customer .words").last).to_have_text("高いですね")
    await expect(console.locator(".banner")).to_have_count(0)
    other = await at_work(browser, office, "S02")
    await expect(other.locator(".presence")).to_be_visible()
    theirs = await alone(other, office)
    assert await theirs.evaluate(FOLLOW, contact) is False
    watch = (
        "(conversation) => document.querySelector('voicebot-desk').work.connection.send({type: 'watch', conversation})"
    )
    await theirs.evaluate(watch, conversation)
    await expect(theirs.locator(".toast")).to_be_visible()
    assert not await theirs.evaluate(KNOWN, conversation)
