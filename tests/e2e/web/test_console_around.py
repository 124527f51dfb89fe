"""What surrounds the console: the headset on a real line, another program's frame, the pages of leaders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browser import chromium, new_page, speaking
from tests.support.desk_server import ScriptedFloor
from tests.support.desk_serving import desk_serving, open_desk, sign_in
from tests.support.serve import site
from tests.support.waiting import eventually
from voicebot.channels.line import CallDetails
from voicebot.channels.webrtc import WebRtcLine, WebRtcServer
from voicebot.people import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEADER = (Role.AGENT, Role.LEADER)


@pytest_asyncio.fixture(loop_scope="module")
async def floor() -> ScriptedFloor:
    return ScriptedFloor("en", LEADER)


@pytest_asyncio.fixture(loop_scope="module")
async def address(floor: ScriptedFloor) -> AsyncIterator[str]:
    async with desk_serving(floor) as running:
        yield running


def posts(floor: ScriptedFloor, verb: str) -> list[object]:
    return [body for path, body in floor.posted if path.endswith(f"/{verb}")]


async def test_a_call_is_answered_muted_held_and_hung_up_on_a_real_line(floor: ScriptedFloor, address: str) -> None:
    server, lines, answering = WebRtcServer(), list[WebRtcLine](), list[asyncio.Task[None]]()

    async def answer(sdp: str) -> str:
        line, answered = await server.answer(sdp, CallDetails(None, "desk-S01", transport="webrtc"))
        lines.append(line)
        answering.append(asyncio.create_task(line.answer()))
        return answered

    floor.answer = answer
    async with chromium(*speaking(None)) as browser:
        page = await open_desk(browser, address, floor)
        await page.get_by_role("button", name="Headset").click()
        await expect(page.locator("dialog")).to_contain_text("Your voice is heard.")
        await page.get_by_role("button", name="Ready").click()
        id = await floor.offer("voice", lease_s=20)
        await expect(page.locator(".offer .who-line")).to_be_visible()
        await page.keyboard.press("Alt+y")
        await expect(page.locator(".call-status")).to_contain_text("Talking")
        await answering[0]
        lines[0].caption({"from": "customer", "text": "the heater smells", "final": False, "seq": 1})
        await expect(page.locator(".turn.interim .words")).to_have_text("the heater smells")
        await page.keyboard.press("Alt+m")
        await expect(page.get_by_role("button", name="Unmute")).to_have_attribute("aria-pressed", "true")
        await page.keyboard.press("Alt+l")
        await expect(page.get_by_role("button", name="Take off hold")).to_be_visible()
        await page.get_by_role("button", name="Consult").click()
        await page.get_by_role("radio", name="堂本 亮").check()
        await page.get_by_role("textbox", name="Note for the colleague").fill("Is it the plug?")
        await page.locator("dialog").get_by_role("button", name="Consult").click()
        await expect(page.locator(".consult")).to_contain_text("Consulting 堂本 亮")
        await page.get_by_role("button", name="Three-way call").click()
        await page.get_by_role("button", name="End consultation").click()
        await expect(page.locator(".consult")).to_have_count(0)
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.locator("#disposition")).to_be_visible()
        await expect(page.locator(".call-status")).to_have_count(0)
        assert [posts(floor, verb) for verb in ("mute", "hold", "consult")] == [
            [{"on": True}],
            [{"on": True}],
            [{"agent": "S02", "note": "Is it the plug?"}],
        ]
        assert {path for path, _ in floor.posted} >= {f"{id}/conference", f"{id}/consult/end", f"{id}/wrap_up"}


async def test_a_missing_microphone_is_said_clearly_and_can_be_tried_again(
    browser: Browser, floor: ScriptedFloor, address: str
) -> None:
    page = await open_desk(browser, address, floor)
    await page.get_by_role("button", name="Headset").click()
    await expect(page.locator("dialog [role=alert]")).to_contain_text("microphone")
    await page.keyboard.press("Escape")
    await floor.offer("voice")
    await expect(page.locator(".offer")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".call-status")).to_contain_text("could not be connected")
    await expect(page.get_by_role("button", name="Connect the call")).to_be_visible()


_AROUND = """<!doctype html><html lang=en><title>CRM</title><iframe title=Desk width=380 height=700></iframe></html>"""
_FRAME = """(address) => {
  window.heard = [];
  addEventListener("message", (event) => window.heard.push([event.origin, event.data]));
  document.querySelector("iframe").src = address;
}"""
_SEND = """([message, origin]) => document.querySelector("iframe").contentWindow.postMessage(message, origin)"""


async def test_beside_another_program_only_ids_go_out_and_commands_come_in(browser: Browser) -> None:
    async with site(_AROUND) as crm:
        floor = ScriptedFloor("en")
        origin = crm.rstrip("/")
        async with desk_serving(floor, (origin,)) as address:
            page = await framed(browser, crm, address)
            id = await floor.offer()
            frame = page.frame_locator("iframe")
            await expect(frame.locator(".offer .who-line")).to_be_visible()
            await frame.locator(".offer .go").click()
            await expect(frame.locator("#reply")).to_be_focused()
            await frame.locator("#tab-list").click()
            await page.evaluate(_SEND, [{"type": "contact.open", "contact": id}, address])
            await expect(frame.locator("#reply")).to_be_visible()
            await page.evaluate(_SEND, [{"type": "contact.open", "contact": "ho-of-somebody-else"}, address])
            await eventually(lambda: page.evaluate("window.heard.length >= 5"))
            conversation = floor.contacts[id].conversation
            ids = {"contact": id, "conversation": conversation}
            assert await page.evaluate("window.heard") == [
                [address, {"type": "desk.ready"}],
                [address, {"type": "contact.offered", **ids}],
                [address, {"type": "contact.accepted", **ids}],
                [address, {"type": "contact.opened", "contact": id, "opened": True}],
                [address, {"type": "contact.opened", "contact": "ho-of-somebody-else", "opened": False}],
            ]


async def test_a_site_that_is_not_listed_may_not_show_the_desk(browser: Browser) -> None:
    async with site(_AROUND) as crm:
        floor = ScriptedFloor("en")
        async with desk_serving(floor, ("https://elsewhere.example",)) as address:
            page = await framed(browser, crm, address)
            await eventually(lambda: page.evaluate("document.querySelector('iframe').src !== ''"))
            frame = page.frames[1]
            await eventually(lambda: refused(frame.url))
            assert await page.evaluate("window.heard") == []
            assert floor.received == []


async def refused(url: str) -> bool:
    return url.startswith("chrome-error:")


async def framed(browser: Browser, crm: str, address: str) -> Page:
    page = await new_page(browser)
    await sign_in(page, address)
    await page.goto(crm)
    await page.evaluate(_FRAME, f"{address}/desk?embed=1")
    return page


async def test_leaders_see_the_floor_change_skills_and_step_in(
    browser: Browser, floor: ScriptedFloor, address: str
) -> None:
    agent = await open_desk(browser, address, floor)
    await floor.offer()
    await expect(agent.locator(".offer")).to_be_visible()
    await agent.keyboard.press("Alt+y")
    await expect(agent.locator("#reply")).to_be_focused()
    page = await open_desk(browser, address, floor, "/desk/floor")
    await expect(page.locator(".alert-list li").first).to_contain_text("Long wait")
    await expect(page.locator("[data-queue=q_tech]")).to_contain_text("61% (not met)")
    await page.locator("[data-agent=S02]").get_by_role("button", name="Edit skills").click()
    await page.get_by_label("sales").fill("0")
    await page.get_by_label("Skill to add").fill("returns")
    await page.get_by_label("Chats at once").fill("2")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-agent=S02]")).to_contain_text("orders 3, lang:ja 5, returns 1")
    skills = {"orders": 3, "lang:ja": 5, "returns": 1}
    assert ("agents/S02", {"skills": skills, "capacity": {"voice": 1, "chat": 2}}) in floor.posted
    await page.locator("[data-contact] button").click()
    await expect(page.locator("#watch-title")).to_be_focused()
    await expect(page.locator(".watch .turn.customer")).to_have_count(3)
    await page.get_by_label("Words only the agent sees").fill("Offer the voucher")
    await page.get_by_role("button", name="Send to the agent").click()
    await expect(page.get_by_label("Words only the agent sees")).to_have_value("")
    assert posts(floor, "whisper") == [{"text": "Offer the voucher"}]
    await page.get_by_role("button", name="Take over").click()
    assert posts(floor, "take_over") == []
    await page.get_by_role("button", name="Yes").click()
    await expect(page.locator(".toast")).to_contain_text("Taken over")
    assert posts(floor, "take_over") == [{}]


async def test_a_late_look_at_the_floor_does_not_undo_what_a_leader_changed(
    browser: Browser, floor: ScriptedFloor, address: str
) -> None:
    page = await open_desk(browser, address, floor, "/desk/floor")
    row = page.locator("[data-agent=S02]")
    await expect(row).to_contain_text("orders")
    asked, late = asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        told = await route.fetch()
        asked.set()
        await late.wait()
        await route.fulfill(response=told)

    await page.route("**/api/desk/floor", answer, times=1)
    await floor.offer()
    await asyncio.wait_for(asked.wait(), 30)
    await row.get_by_role("button", name="Edit skills").click()
    await page.get_by_label("Skill to add").fill("returns")
    await page.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("returns 1")
    async with page.expect_response("**/api/desk/floor"):
        late.set()
    await page.evaluate("fetch('/api/session').then((answer) => answer.text())")
    await expect(row).to_contain_text("returns 1")


async def test_staffing_explains_what_it_takes(browser: Browser, floor: ScriptedFloor, address: str) -> None:
    page = await open_desk(browser, address, floor, "/desk/staffing")
    await page.get_by_label("Contacts per interval").fill("100")
    await page.get_by_label("Patience (s, optional)").fill("")
    await page.get_by_role("button", name="Calculate").click()
    await expect(page.locator(".result-line")).to_contain_text("Needed at once: 14; to roster: 20")
    await expect(page.locator("tr.needed")).to_contain_text("89%")
    wanted = next(body for path, body in floor.posted if path == "staffing")
    assert (wanted["calls"], wanted["aht_s"], wanted["target"], wanted["patience_s"]) == (100, 180, 0.8, None)
    await expect(page.locator(".terms")).to_contain_text("Erlang")
