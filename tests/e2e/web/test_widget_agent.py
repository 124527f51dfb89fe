"""The widget while a person writes with the visitor, in a real browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.web.visitors_page import chat_page, say
from tests.support.serve import Running
from tests.support.waiting import eventually
from tests.support.web import ScriptedDesk
from voicebot.channels.chat import From, Read, Typing

pytestmark = pytest.mark.asyncio(loop_scope="module")


def shown(holds: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def now() -> bool:
        return holds()

    return now


@pytest.mark.parametrize(
    ("lang", "joined", "notice", "writes", "seen", "left"),
    [
        (
            "en",
            "Mina has joined the chat",
            "You're chatting with Mina",
            "Mina is writing",
            "Seen",
            "The agent has left",
        ),
        ("ja", "担当のMinaがチャットに入りました", "担当のMinaがご対応", "Minaが入力しています", "既読", "離れました"),
    ],
)
async def test_the_visitor_sees_whom_they_write_with(
    browser: Browser,
    server: Running,
    desk: ScriptedDesk,
    lang: str,
    joined: str,
    notice: str,
    writes: str,
    seen: str,
    left: str,
) -> None:
    page = await chat_page(browser, server, lang)
    await page.locator(".person").click()
    await say(page, "Mina comes")
    (kept,) = desk.kept.values()
    await expect(page.locator("[data-kind=joined]")).to_contain_text(joined)
    await expect(page.locator(".notice")).to_contain_text(notice)
    await expect(page.locator(".person")).to_be_hidden()
    await kept.show(Typing(From.AGENT))
    await expect(page.locator(".typing")).to_have_attribute("aria-label", writes)
    await kept.show(Typing(From.AGENT, 0))
    await expect(page.locator(".typing")).to_have_count(0)
    await say(page, "Mina:<b>hello</b> <script>alert(1)</script>")
    line = page.locator(".line.agent")
    await expect(line).to_contain_text("<b>hello</b> <script>alert(1)</script>")
    await expect(line.locator(".meta")).to_contain_text("Mina")
    await eventually(shown(lambda: f"read {len(kept.lines)}" in kept.signs))
    await expect(page.locator(".seen")).to_have_count(0)
    await kept.show(Read(len(kept.lines)))
    await expect(page.locator(".seen")).to_have_text(seen)
    await page.locator("textarea").press_sequentially("hm")
    await eventually(shown(lambda: "typing" in kept.signs))
    await say(page, "Mina goes")
    await expect(page.locator("[data-kind=left]")).to_contain_text(left)
    await expect(page.locator(".notice")).to_contain_text("AI")
    await expect(page.locator(".person")).to_be_visible()
