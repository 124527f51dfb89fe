"""A console with a contact in progress and the assist beside it."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.e2e.web.test_console import serving_chat
from tests.support.desk_assist import ScriptedAssist
from tests.support.desk_server import Medium, ScriptedFloor
from tests.support.desk_serving import open_desk
from tests.support.waiting import eventually

TALK = (
    "お値段は大切なところですね。AirPure 300は電気代まで含めると、年間6,800円お得です。本体の価格でお比べでしょうか。"
)
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at.id || at.tagName;
}"""
CARD, TOLD = "article.cue:not(.beside)", "#card-told"


def posted(floor: ScriptedFloor, end: str) -> list[dict[str, Any]]:
    return [body for path, body in floor.posted if path.endswith(end)]


async def are_posted(floor: ScriptedFloor, end: str, *bodies: dict[str, Any]) -> None:
    """The page shows what an agent does at once and tells the server after: wait for just these requests."""

    async def they_are() -> bool:
        return len(posted(floor, end)) >= len(bodies)

    await eventually(they_are)
    assert posted(floor, end) == [*bodies]


async def with_assist(
    browser: Browser, address: str, floor: ScriptedFloor, medium: Medium = "chat", **options: Any
) -> tuple[Page, str, ScriptedAssist]:
    """A console with one contact in progress."""
    if medium == "chat":
        page, id = await serving_chat(browser, address, floor, **options)
        return page, id, ScriptedAssist(floor, id)
    page = await open_desk(browser, address, floor, **options)
    id = await floor.offer(medium)
    await expect(page.locator(".offer .who-line")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".talk")).to_be_attached()
    return page, id, ScriptedAssist(floor, id)


async def everything(assist: ScriptedAssist) -> None:
    """Two cards, a script on its way with a warning, and knowledge."""
    await assist.show("terms")
    await assist.show("price")
    for change, step in (("started", ""), ("entered", "greet"), ("entered", "order"), ("entered", "fault")):
        await assist.script(change, step)
    await assist.script("done", "greet", "heard", "c1")
    await assist.script("skipped", "order", "clicked")
    await assist.script("warned", "deadline")
    await assist.know("refund_days")
