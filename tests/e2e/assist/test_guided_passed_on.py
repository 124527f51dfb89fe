"""A chat with its guided script goes from one agent to another on the real server: the script goes on where it was."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.e2e.assist.test_guided_chat import SAY, in_chat, is_done, says, step
from tests.e2e.desk.talks import Case
from tests.support.agent_browser import WITHIN_MS, Agent, agent
from tests.support.product import RunningProduct
from tests.support.visitor import visitor

NEXT = {"en": ("h04", "Sofia Marek"), "ja": ("h07", "早瀬 由紀")}


async def passes_on(seat: Agent, to: str) -> None:
    """By the dialog, as an agent does."""
    await seat.press("transfer")
    dialog = seat.page.locator("dialog[open]")
    await dialog.locator(f"input[name=to][value='agent:{to.upper()}']").check()
    await dialog.locator("button[type=submit]").click()


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_a_script_goes_on_with_the_next_agent(desk_product: RunningProduct, lang: str) -> None:
    say, case, (next_one, name) = SAY[lang], Case(desk_product, "telecom"), NEXT[lang]
    async with (
        agent(desk_product.http, say.who, lang=lang) as first,
        visitor(desk_product, lang, tenant="telecom") as chat,
    ):
        await in_chat(first, chat, say)
        await chat.send(say.down)
        await is_done(first, "service", say.down)
        await step(first, "depends").get_by_role("button").last.click()
        await expect(step(first, "depends")).to_have_attribute("data-state", "skipped", timeout=WITHIN_MS)
        async with agent(desk_product.http, next_one, lang=lang) as second:
            texts, page = second.texts, second.page
            await passes_on(first, next_one)
            await second.offered()
            await second.accept()
            await second.active()
            await expect(page.locator("#script-title")).to_contain_text(say.script, timeout=WITHIN_MS)
            await expect(page.locator(".passed-on")).to_contain_text(name)
            await is_done(second, "service", say.down)
            await expect(step(second, "service").locator(".ticked-by")).to_contain_text(name)
            await expect(step(second, "depends")).to_have_attribute("data-state", "skipped")
            await second.shot(f"guided_passed_on_{lang}")
            await says(second, chat, say.restart)
            await is_done(second, "restart", say.restart)
            await expect(step(second, "restart").locator(".ticked-by")).to_have_count(0)
            left = await page.locator("[data-step=depends] .step-label").inner_text()
            await says(second, chat, say.bye)
            await expect(page.locator(".script-warn")).to_contain_text(left, timeout=WITHIN_MS)
            await page.locator(".passed-on").get_by_role("button", name=texts["script_again"]).click()
            await expect(page.locator(".passed-on")).to_have_count(0, timeout=WITHIN_MS)
            await expect(step(second, "depends")).to_have_attribute("data-state", "open")
            started = [(one["agent"], one["by"]) for one in case.events("ScriptMoved") if one["change"] == "started"]
            assert started == [(say.who.upper(), "heard"), (next_one.upper(), "clicked")]
            await second.press("wrap_up")
            await page.get_by_role("button", name=texts["missing_end"]).click()
            await second.wrapped("advice_given")
            await case.until(lambda one: one.changes()[-1] == "closed", "closed")
