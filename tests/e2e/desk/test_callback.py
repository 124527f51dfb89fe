"""D15: a long queue, a call back at the customer's turn: the agent sees it first, one dial at a time."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.desk.conftest import CUSTOMER_PORT
from tests.e2e.desk.talks import SAY, Case, asks_for_a_person
from tests.e2e.phone.clients import Phone, loud_ms, phone, until
from tests.support.agent_browser import agent
from tests.support.product import RunningProduct

ANSWER = "Hello, this is the call you asked for. How can I help?"


async def books(caller: Phone, product: RunningProduct, case: Case) -> None:
    """Wait in line, ask to be called back, on this number."""
    await asks_for_a_person(caller, product, "telecom-en", case)
    await case.until(told, "the place in line is told")
    await caller.say(SAY["en"]("call me back please"))
    await case.until(lambda one: one.said()[-1].endswith("this number?") and told(one), "the number is asked", 40)
    await caller.say(SAY["en"]("yes please"))
    await case.until(lambda one: "callback_booked" in one.changes(), "booked", 40)


def told(case: Case) -> bool:
    """The caller has heard the bot's last words."""
    return case.said()[-1] in case.said("Played")


async def test_the_place_is_kept_and_called(desk_product: RunningProduct, tmp_path: Path) -> None:
    first = Case(desk_product, "telecom")
    async with (
        agent(desk_product.http, "h03", SAY["en"](ANSWER), folder=tmp_path, pause_s=2) as seat,
        phone(tmp_path / "customer", at=CUSTOMER_PORT, user="+447700900123") as customer,
    ):
        async with phone(tmp_path / "other") as other:
            await asks_for_a_person(other, desk_product, "telecom-en", first)
            await seat.offered()
            await seat.accept()
            await seat.talking()
            case = Case(desk_product, "telecom")
            await books(customer, desk_product, case)
            await customer.event("CALL_CLOSED", 40)
            await other.hang_up()
        await seat.wrapped("advice_given")
        headline = await seat.offered()
        await seat.shot("d15_offer")
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
        await seat.shot("d15_talk")
        await seat.press("hang_up")
        await customer.event("CALL_CLOSED")
        await seat.wrapped("advice_given")
    assert len({event["enqueued_at"] for event in case.events("ContactChanged")}) == 1
    assert [event["attempt"] for event in case.events("CallbackTried")] == [1, 2]
    assert len(rung(customer)) == 2, "never two calls for one attempt"


def rung(customer: Phone) -> list[dict[str, object]]:
    return [event for event in customer.events if event.get("type") == "CALL_INCOMING"]
