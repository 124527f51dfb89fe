"""The assist beside the conversation on every screen, on a lost line, and alone in a frame."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect

from tests.e2e.web.console_with_assist import CARD, TALK, TOLD, everything, with_assist
from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.e2e.web.test_console_accessible import WAYS, nothing_sticks_out, targets_are_large_enough
from tests.support.browser import new_page
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving, sign_in
from tests.support.serve import site
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@WAYS
async def test_axe_finds_nothing_in_any_state(browser: Browser, lang: str, width: int, height: int, dark: bool) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor, "voice", width=width, height=height, dark=dark)

        async def clean() -> None:
            await axe_finds_nothing(page)
            await nothing_sticks_out(page, width)
            await targets_are_large_enough(page)

        await page.keyboard.press("Alt+a")
        await clean()
        await everything(assist)
        await assist.speech("u1", "いつになりますか", 1000, 16000)
        await assist.speech("u2", "お調べいたします", 13000, 30000, "agent")
        await expect(page.locator(".overlap")).to_be_visible()
        await clean()
        await page.locator(".cue.beside summary").click()
        await page.locator(".cue:not(.beside) summary").click()
        await page.keyboard.press("Alt+x")
        await expect(page.locator("#cue-why-moment")).to_be_focused()
        await clean()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Alt+Comma")
        await expect(page.locator(CARD)).to_have_attribute("data-card", "terms")
        await clean()
        await page.keyboard.press("Alt+s")
        await page.keyboard.type("返金")
        await page.keyboard.press("Enter")
        await page.locator(".found summary").first.click()
        await clean()
        await page.keyboard.press("Alt+r")
        await assist.hears("u9", "あと何日くらい")
        await expect(page.locator(".interim .words")).to_be_visible()
        await page.locator("[data-mend=u1]").click()
        await clean()
        await page.locator("#mending").press("Escape")
        await page.keyboard.press("Alt+w")
        await expect(page.locator("dialog li")).to_have_count(3)
        await axe_finds_nothing(page)
        await page.locator("dialog .stop").click()
        await page.keyboard.press("Alt+a")
        await page.locator(".after summary").click()
        await clean()


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_small_screens_at_twice_the_size_show_the_card_and_lose_nothing(browser: Browser, lang: str) -> None:
    floor = ScriptedFloor(lang)
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor, width=320, height=568, zoom=2.0)
        await everything(assist)
        await expect(page.locator(".peek")).to_be_visible()
        await expect(page.locator("#reply")).to_be_focused()
        await page.locator(".peek").click()
        await expect(page.locator("#pane-assist")).to_be_focused()
        await expect(page.locator(".cue-talk").first).to_have_text(TALK)
        await nothing_sticks_out(page, 320)
        sticking = """() => [...document.querySelector('voicebot-desk').renderRoot
          .querySelectorAll('#pane-assist :not(q)')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1).length"""
        assert await page.evaluate(sticking) == 0
        await page.locator(f"{CARD} .primary").click()
        await expect(page.locator("#reply")).to_be_focused()
        await expect(page.locator("#reply")).to_have_value(TALK)


async def test_a_lost_line_keeps_the_screen_and_tells_nothing_twice(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        page, _, assist = await with_assist(browser, address, floor)
        await everything(assist)
        await expect(page.locator(TOLD)).to_have_text("価格がネックのとき")
        heard = """() => { window.told = []; new MutationObserver(() => window.told.push(1)).observe(
          document.querySelector('voicebot-desk').renderRoot.querySelector('#card-told'),
          { childList: true, characterData: true, subtree: true }); }"""
        await page.evaluate(heard)
        await page.context.set_offline(True)
        await expect(page.locator(".banner")).to_be_visible()
        await expect(page.locator(CARD)).to_have_attribute("data-card", "price")
        await page.context.set_offline(False)
        await expect(page.locator(".banner")).to_have_count(0)
        await expect(page.locator(CARD)).to_have_attribute("data-card", "price")
        await expect(page.locator(".cue.beside")).to_have_attribute("data-card", "terms")
        await expect(page.locator("[data-step=greet]")).to_have_attribute("data-state", "done")
        assert await page.evaluate("window.told.length") == 0


_AROUND = (
    """<!doctype html><html lang=en><title>CRM</title><iframe title=Assist width=380 height=700></iframe></html>"""
)
_FRAME = """(address) => {
  window.heard = [];
  addEventListener("message", (event) => window.heard.push(event.data));
  document.querySelector("iframe").src = address;
}"""
_SEND = """([message, origin]) => document.querySelector("iframe").contentWindow.postMessage(message, origin)"""


async def test_the_assist_alone_follows_a_named_contact_and_tells_ids_only(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with site(_AROUND) as crm, desk_serving(floor, (crm.rstrip("/"),)) as address:
        console, id, assist = await with_assist(browser, address, floor, "voice")
        page = await new_page(browser)
        await sign_in(page, address)
        await page.goto(crm)
        await page.evaluate(_FRAME, f"{address}/desk?embed=assist")
        frame = page.frame_locator("iframe")
        await expect(frame.locator("#pane-assist")).to_be_visible()
        await page.evaluate(_SEND, [{"type": "open", "contact": "ho-of-somebody-else"}, address])
        await page.evaluate(_SEND, [{"type": "open", "contact": id}, address])
        await eventually(lambda: page.evaluate("window.heard.length >= 3"))
        await assist.show("price")
        await expect(frame.locator(CARD)).to_be_visible()
        await expect(frame.locator("#reply")).to_have_count(0)
        await frame.locator(f"{CARD} .primary").click()
        await expect(frame.locator(CARD)).to_have_count(0)
        await expect(console.locator(CARD)).to_have_count(0)
        await eventually(lambda: page.evaluate("window.heard.length >= 5"))
        about = {"contact": id, "conversation": floor.contacts[id].conversation, "card": "price"}
        assert await page.evaluate("window.heard") == [
            {"type": "desk.ready"},
            {"type": "contact.opened", "contact": "ho-of-somebody-else", "opened": False},
            {"type": "contact.opened", "contact": id, "opened": True},
            {"type": "card.shown", **about},
            {"type": "card.used", **about},
        ]
        looking = [frame for frame in floor.received if frame["type"] == "hello" and not frame["takes_contacts"]]
        assert len(looking) == 1
        await assist.show("terms")
        await floor.drop()
        await expect(frame.locator(CARD)).to_have_attribute("data-card", "terms")
        assert await page.frames[1].evaluate("document.documentElement.scrollWidth") <= 380


async def test_of_two_contacts_named_at_once_the_last_is_followed(browser: Browser) -> None:
    floor = ScriptedFloor("en")
    async with site(_AROUND) as crm, desk_serving(floor, (crm.rstrip("/"),)) as address:
        console, first, _ = await with_assist(browser, address, floor)
        second = await floor.offer(who="Second")
        await expect(console.locator(".offer .who-line")).to_be_visible()
        await console.keyboard.press("Alt+y")
        await expect(console.locator(".talk-head h2")).to_have_text("Second")
        page = await new_page(browser)
        await sign_in(page, address)
        asked, late = asyncio.Event(), asyncio.Event()

        async def answer(route: Route) -> None:
            asked.set()
            await late.wait()
            await route.continue_()

        await page.route(f"**/api/desk/contacts/{first}", answer)
        await page.goto(crm)
        await page.evaluate(_FRAME, f"{address}/desk?embed=assist")
        frame = page.frame_locator("iframe")
        await expect(frame.locator("#pane-assist")).to_be_visible()
        for id in (first, second):
            await page.evaluate(_SEND, [{"type": "open", "contact": id}, address])
        await asyncio.wait_for(asked.wait(), 20)
        path = f"/contacts/{second}"
        await page.frames[1].evaluate("path => document.querySelector('voicebot-desk').work.rest.get(path)", path)
        late.set()
        await eventually(lambda: page.evaluate("window.heard.length >= 3"))
        opened = [{"type": "contact.opened", "contact": id, "opened": True} for id in (first, second)]
        assert await page.evaluate("window.heard") == [{"type": "desk.ready"}, *opened]
        await expect(frame.locator("h1")).to_have_text("Second")


async def test_the_assist_alone_follows_the_console_of_the_same_browser(browser: Browser) -> None:
    floor = ScriptedFloor("ja")
    async with desk_serving(floor) as address:
        console, _, assist = await with_assist(browser, address, floor)
        alone = await console.context.new_page()
        await alone.goto(f"{address}/desk?embed=assist")
        await assist.show("price")
        await expect(alone.locator(CARD)).to_be_visible()
        await axe_finds_nothing(alone)
