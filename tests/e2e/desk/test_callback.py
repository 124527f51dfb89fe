"""D15: a long queue, a call back at the customer's turn: the agent sees it first, one dial at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.desk.conftest import CUSTOMER_PORT
from tests.e2e.desk.talks import SAY, Case, asks_for_a_person
from tests.e2e.phone.clients import Phone, loud_ms, phone, until
from tests.support.agent_browser import agent
from tests.support.product import RunningProduct

ANSWER = {
    "en": "Hello, this is the call you asked for. How can I help?",
    "ja": "お待たせいたしました。折り返しのお電話です。ご用件をお聞かせください。",
}
WHO = {"en": "h03", "ja": "h06"}
WISH = {"en": "call me back please", "ja": "折り返し電話をください"}
YES = {"en": "yes please", "ja": "はい、お願いします"}
RUNG = {"en": "Callback attempt 2: answered", "ja": "折り返し 2回目: 応答あり"}
NUMBER_ASKED = {"en": "this number?", "ja": "おかけの番号でよろしいですか"}


async def books(caller: Phone, product: RunningProduct, case: Case, lang: str) -> None:
    """Wait in line, ask to be called back, on this number."""
    wish, yes = SAY[lang](WISH[lang]), SAY[lang](YES[lang])
    await asks_for_a_person(caller, product, f"telecom-{lang}", case)
    await case.until(told, "the place in line is told")
    await caller.say(wish)
    await case.until(lambda one: NUMBER_ASKED[lang] in one.said()[-1] and told(one), "the number is asked", 40)
    await caller.say(yes)
    await case.until(lambda one: "callback_booked" in one.changes(), "booked", 40)


def told(case: Case) -> bool:
    """The caller has heard the bot's last words."""
    return case.said()[-1] in case.said("Played")


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_the_place_is_kept_and_called(desk_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    first = Case(desk_product, "telecom")
    async with (
        agent(desk_product.http, WHO[lang], SAY[lang](ANSWER[lang]), lang=lang, folder=tmp_path, pause_s=2) as seat,
        phone(tmp_path / "customer", at=CUSTOMER_PORT, user="+447700900123") as customer,
    ):
        async with phone(tmp_path / "other") as other:
            await asks_for_a_person(other, desk_product, f"telecom-{lang}", first)
            await seat.offered()
            await seat.accept()
            await seat.talking()
            case = Case(desk_product, "telecom")
            await books(customer, desk_product, case, lang)
            await customer.event("CALL_CLOSED", 40)
            await other.hang_up()
        await seat.wrapped("advice_given")
        headline = await seat.offered()
        await seat.shot(f"d15_offer_{lang}")
        assert headline
        assert not rung(customer), "the agent sees it before the customer is rung"
        await seat.accept()
        await customer.event("CALL_INCOMING")
        await customer.hang_up()
        await case.until(lambda one: one.events("CallbackTried"), "busy is written down")
        assert case.events("CallbackTried")[0]["outcome"] == "busy"
        await seat.offered(40_000)
        await seat.accept()
        await customer.event("CALL_INCOMING")
        await customer.command("accept")
        await customer.event("CALL_ESTABLISHED")
        await case.until(lambda one: one.events("CallbackTried")[-1]["outcome"] == "answered", "answered")
        await seat.talking()
        await case.until(lambda one: one.said("AgentSaid"), "the agent is written down")
        at_ms = customer.heard().ms
        await until(lambda: loud_ms(customer.heard().cut(at_ms)) > 1000, "the customer hears the agent")
        await expect(seat.page.locator(".talk .log .turn.system", has_text=RUNG[lang]).first).to_be_visible()
        await seat.shot(f"d15_talk_{lang}")
        await seat.press("hang_up")
        await customer.event("CALL_CLOSED")
        await seat.wrapped("advice_given")
    assert len({event["enqueued_at"] for event in case.events("ContactChanged")}) == 1
    assert [event["attempt"] for event in case.events("CallbackTried")] == [1, 2]
    assert len(rung(customer)) == 2, "never two calls for one attempt"


def rung(customer: Phone) -> list[dict[str, object]]:
    return [event for event in customer.events if event.get("type") == "CALL_INCOMING"]
