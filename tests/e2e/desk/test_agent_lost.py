"""D25: an agent's browser dies in the middle of a call; the customer is told, and the next agent knows everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk.talks import SAY, Case, asks_for_a_person, spoken_until_handled
from tests.e2e.phone.clients import loud_ms, phone, until
from tests.support.agent_browser import agent, hears_more
from tests.support.product import RunningProduct

MORE = {"en": "My rice cooker has not come.", "ja": "炊飯器が届きません。"}
ANSWER = {"en": "Let me look that up for you right now.", "ja": "ただいまお調べいたします。"}
TOLD = {"en": "We lost that connection.", "ja": "接続が途切れたため"}
SEATS = {"en": ("s03", "s06"), "ja": ("s01", "s02")}


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_a_crashed_browser_loses_nobody(desk_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    say, case = SAY[lang], Case(desk_product, "shop")
    more, answer = say(MORE[lang]), say(ANSWER[lang])
    first_login, second_login = SEATS[lang]
    async with (
        agent(desk_product.http, second_login, answer, lang=lang, folder=tmp_path, available=False) as second,
        phone(tmp_path / "phone") as caller,
    ):
        async with agent(desk_product.http, first_login, answer, lang=lang, folder=tmp_path) as first:
            await asks_for_a_person(caller, desk_product, f"shop-{lang}", case)
            await first.offered()
            await spoken_until_handled(first, caller, case, more)
            await first.die()
        await second.available()
        await case.until(lambda one: "lost" in one.changes(), "the loss is noticed", 25)
        await case.until(lambda one: any(TOLD[lang] in text for text in one.said()), "the customer is told")
        headline = await second.offered()
        await second.shot(f"d25_offer_{lang}")
        assert headline
        await second.accept()
        await second.talking()
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 1000, "the caller hears the second agent")
        await caller.say(more)
        await hears_more(second)
        words = [text for who, text in await second.turns() if who == "customer"]
        await second.shot(f"d25_talk_{lang}")
        status, packet = await second.call("GET", f"/api/desk/contacts/{case.contact}/packet")
        assert status == 200
        live = [turn for turn in packet["transcript"] if turn["who"] == "agent"]
        assert live and words, "what the first agent said is in the packet"
        await caller.hang_up()
        await second.page.locator("#disposition").wait_for()
        await second.wrapped("order_answered")
        await case.until(lambda one: one.changes()[-1] == "closed" and one.events("Ended"), "closed")
    begun = {event["enqueued_at"] for event in case.events("ContactChanged")}
    assert len(begun) == 1, "the place in line is the first one"
    assert case.events("Ended")[-1]["disposition"] == "handled_by_agent"
    after_loss = case.changes()[case.changes().index("lost") :]
    agents = [event["agent"] for event in case.events("ContactChanged")][case.changes().index("lost") + 1 :]
    assert first_login.upper() not in agents, after_loss
