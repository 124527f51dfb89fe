"""Visitors in a real browser talk to the real product: D01, D02, D03, D10, D17 of the acceptance dialogues."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import new_page
from tests.support.product import RunningProduct

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Visitor:
    """Somebody at a keyboard, and what the log says about them."""

    def __init__(self, page: Page, product: RunningProduct) -> None:
        self.page, self._product = page, product
        self.conversation = ""

    @classmethod
    async def arrive(cls, browser: Browser, product: RunningProduct, lang: str) -> Visitor:
        visitor = cls(await new_page(browser, lang=lang), product)
        visitor.page.on("websocket", lambda socket: socket.on("framereceived", visitor._hear))
        await visitor.page.goto(f"{product.http}/chat/shop?lang={lang}")
        await expect(visitor.page.locator(".line.bot").first).to_be_visible()
        return visitor

    def _hear(self, payload: str | bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "welcome":
            self.conversation = frame["conversation"]

    async def bot_lines(self) -> list[str]:
        return await self.page.locator(".line[data-from=bot] .text").all_inner_texts()

    async def say(self, text: str) -> str:
        """Write a message; what the bot answers until it is quiet, as one text."""
        before = len(await self.bot_lines())
        mine = await self.page.locator(".line[data-from=customer]").count()
        field = self.page.locator("textarea")
        await field.fill(text)
        await field.press("Enter")
        await expect(self.page.locator(".line[data-from=customer]")).to_have_count(mine + 1, timeout=30_000)
        await expect(self.page.locator(".line[data-from=bot]").nth(before)).to_be_visible(timeout=30_000)
        lines = before
        while lines != (now := len(await self.bot_lines())) or await self.page.locator(".typing").count():
            lines = now
            await asyncio.sleep(0.5)
        return "\n".join((await self.bot_lines())[before:])

    async def events(self, type: str | None = None) -> list[dict[str, Any]]:
        found = await asyncio.to_thread(self._product.events, self.conversation)
        return [event for event in found if type is None or event["type"] == type]

    async def slot(self, name: str) -> list[dict[str, Any]]:
        return [event for event in await self.events("SlotSet") if event["slot"] == name]

    async def flows(self) -> set[tuple[str, str]]:
        return {(event["flow"], event["change"]) for event in await self.events("FlowChanged")}

    async def reload_keeps_everything(self) -> None:
        before = await self.page.locator(".line .text").all_inner_texts()
        await self.page.reload()
        await expect(self.page.locator(".line .text")).to_have_count(len(before))
        assert await self.page.locator(".line .text").all_inner_texts() == before


async def through_order_and_phone(visitor: Visitor, answer: str, lang: str, until: str = "") -> str:
    """Give order number and last four digits as often as asked, agree to read-backs, until neither is asked.

    A question that reads back ``until`` together with the order is left open.
    """
    order, phone, yes = ("注文番号", "下4桁", "はい") if lang == "ja" else ("order number", "last four", "yes")
    for _ in range(5):
        lowered = answer.lower().replace("下四桁", "下4桁")
        if phone in lowered:
            answer = await visitor.say("1111")
        elif "2048" in answer and until and until in answer:
            return answer
        elif "2048" in answer:
            answer = await visitor.say(yes)
        elif order in lowered:
            answer = await visitor.say("A20481137")
        else:
            return answer
    raise AssertionError(f"asked again and again: {answer}")


@pytest.mark.parametrize(
    ("lang", "asks", "expected", "thanks"),
    [
        ("ja", "炊飯器がまだ届かないんですけど", ("発送", "明日"), "いえ、ありがとうございました"),
        ("en", "um hi where's my rice cooker", ("on its way", "tomorrow"), "no that's all thanks"),
    ],
)
async def test_d01_where_is_my_order(
    browser: Browser, running_product: RunningProduct, lang: str, asks: str, expected: tuple[str, ...], thanks: str
) -> None:
    visitor = await Visitor.arrive(browser, running_product, lang)
    assert "AI" in "".join(await visitor.bot_lines()) + await visitor.page.locator(".notice").inner_text()
    answer = await through_order_and_phone(visitor, await visitor.say(asks), lang)
    assert any(word in answer for word in expected), answer
    await visitor.reload_keeps_everything()
    await visitor.say(thanks)
    await expect(visitor.page.locator(".again")).to_be_visible()
    log = await visitor.events()
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    types = [event["type"] for event in log]
    notice = next(i for i, e in enumerate(log) if e["type"] == "NoticeGiven" and e["notice"] == "ai")
    assert notice < types.index("Heard")
    for type in ("Heard", "Understood", "Said", "Played"):
        assert type in types
    assert types.index("Heard") < types.index("Understood")
    assert (await visitor.slot("order_number"))[-1]["value"] == "A20481137"
    assert [event["level"] for event in await visitor.events("Verified")][-1] == "light"
    assert (await visitor.events("Ended"))[0]["disposition"] == "resolved_by_bot"
    assert "HandoffRequested" not in types
    said = {event["utterance"]: event["text"] for event in log if event["type"] == "Said"}
    assert {e["utterance"]: e["text"] for e in log if e["type"] == "Played"} == said
    await visitor.reload_keeps_everything()


def ordinal(day: int) -> str:
    """A day of the month as people write it: 1st, 22nd, 13th."""
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_d02_a_correction_in_the_middle(browser: Browser, running_product: RunningProduct, lang: str) -> None:
    """The days of D02 moved to days that can still be delivered on, whenever this runs."""
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    wrong, right = today + timedelta(days=4), today + timedelta(days=6)
    if lang == "ja":
        asks = f"配達を{wrong.day}日に変えてください"
        corrects = f"あ、すみません、{wrong.day}日じゃなくて{right.day}日です、で、午前中"
    else:
        asks = f"change delivery to the {ordinal(wrong.day)}"
        corrects = f"sorry no the {ordinal(right.day)} not the {ordinal(wrong.day)} and in the morning"
    visitor = await Visitor.arrive(browser, running_product, lang)
    await through_order_and_phone(visitor, await visitor.say(asks), lang)
    answer = await visitor.say(corrects)
    day = f"{right.day}日" if lang == "ja" else f"{right.day} "
    assert day in answer
    assert day in await through_order_and_phone(visitor, answer, lang, until=day)
    assert not [event for event in await visitor.events("ActionCalled") if event["action"] == "action_reschedule"]
    await visitor.say("はい" if lang == "ja" else "yes")
    dates = await visitor.slot("delivery_date")
    assert dates[0]["value"] == wrong.isoformat()
    assert dates[-1]["value"] == right.isoformat()
    corrected = [event for event in dates if event["status"] == "corrected"]
    assert [event["previous"] for event in corrected] == [wrong.isoformat()]
    assert (await visitor.slot("time_window"))[-1]["value"] == "morning"
    changes = [event for event in await visitor.events("ActionCalled") if event["action"] == "action_reschedule"]
    assert len(changes) == 1


@pytest.mark.parametrize(
    ("lang", "asks", "aside", "pays", "order"),
    [
        ("ja", "返品したいです", "その前に、返品って送料かかるの?", "負担", "注文番号"),
        ("en", "I want to return something", "hang on who pays the postage", "faulty", "order number"),
    ],
)
async def test_d03_a_question_in_between(
    browser: Browser, running_product: RunningProduct, lang: str, asks: str, aside: str, pays: str, order: str
) -> None:
    visitor = await Visitor.arrive(browser, running_product, lang)
    assert order in (await visitor.say(asks)).lower()
    answer = await visitor.say(aside)
    assert pays in answer
    assert answer.lower().count(order) == 1
    await visitor.reload_keeps_everything()
    await visitor.say("A55670021")
    assert (await visitor.slot("order_number"))[-1]["value"] == "A55670021"
    changes = {change for _, change in await visitor.flows()}
    assert {"started", "suspended", "resumed"} <= changes


@pytest.mark.parametrize(
    ("lang", "asks", "sorry"),
    [
        ("ja", "住民票の係につないで", "あ、間違えました"),
        ("en", "I need to renew my passport", "oh sorry wrong number"),
    ],
)
async def test_d10_out_of_scope(
    browser: Browser, running_product: RunningProduct, lang: str, asks: str, sorry: str
) -> None:
    visitor = await Visitor.arrive(browser, running_product, lang)
    await visitor.say(asks)
    started = {flow for flow, change in await visitor.flows() if change == "started"}
    assert all(flow.startswith("pattern_") for flow in started), started
    assert asks in [event["text"] for event in await visitor.events("Heard")]
    await visitor.say(sorry)
    assert not await visitor.events("HandoffRequested")
    await visitor.reload_keeps_everything()


@pytest.mark.parametrize(
    ("lang", "says"), [("ja", "カード番号は4111 1111 1111 1111です"), ("en", "my card is 4111 1111 1111 1111")]
)
async def test_d17_a_card_number_is_hidden_at_once(
    browser: Browser, running_product: RunningProduct, lang: str, says: str
) -> None:
    visitor = await Visitor.arrive(browser, running_product, lang)
    await visitor.say(says)
    await expect(visitor.page.locator(".pending")).to_have_count(0)
    assert "4111" not in await visitor.page.locator(".log").inner_text()
    assert "4111" not in json.dumps(await visitor.events())
    assert "4111" not in await visitor.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    order = "注文番号はA20481137です" if lang == "ja" else "the order number is A20481137"
    await visitor.say(order)
    assert "A20481137" in json.dumps(await visitor.events())


async def test_a_second_tab_shows_the_same_chat(browser: Browser, running_product: RunningProduct) -> None:
    visitor = await Visitor.arrive(browser, running_product, "en")
    await visitor.say("where is my order")
    kept = await visitor.page.evaluate("({...sessionStorage})")
    second = await visitor.page.context.new_page()
    await second.add_init_script(
        f"for (const [k, v] of Object.entries({json.dumps(kept)})) sessionStorage.setItem(k, v)"
    )
    await second.goto(visitor.page.url)
    lines = await visitor.page.locator(".line .text").all_inner_texts()
    await expect(second.locator(".line .text")).to_have_count(len(lines))
    assert await second.locator(".line .text").all_inner_texts() == lines
