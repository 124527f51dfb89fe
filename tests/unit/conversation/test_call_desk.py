"""Calls that wait for a person, are taken, lost, given back and ended: who has the line, and what the desk is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import KNOWN, Ring
from tests.unit.conversation.scripted import ScriptedLine
from voicebot.domain import (
    AgentId,
    CallbackBooked,
    DeskAnswer,
    DeskReply,
    Disposition,
    Ended,
    Heard,
    NewsKind,
    PartyJoined,
    PartyLeft,
    Said,
    Wait,
    WaitTold,
)
from voicebot.media import Role
from voicebot.sim.scripted_desk import ScriptedDesk

KNOWN["now, a person"] = {"intent": "request_human"}
KNOWN["never mind"] = {"intent": "nevermind"}
SATO, KATO = AgentId("sato"), AgentId("kato")


async def in_line(ring: Ring, desk: ScriptedDesk, **how: Any) -> PhoneCall:
    call = await ring(desk=desk, **how)
    await call.say("now, a person")
    await spoken(call)
    return call


async def spoken(call: PhoneCall) -> None:
    """Wait until the bot has said what it has to say; music does not count."""
    await call.wait(300)
    await call.until(lambda: not call.call._speaker.speaking)


async def taken(call: PhoneCall, desk: ScriptedDesk, agent: AgentId = SATO) -> ScriptedLine:
    """An agent accepts, and their sound is joined."""
    desk.tell(NewsKind.TAKEN, agent=agent, agent_name=agent.title())
    await call.wait(200)
    line = ScriptedLine()
    await call.live.find(call.call.conversation).join(agent, agent.title(), line, Role.LEAD)
    await call.wait(200)
    return line


def sounds(call: PhoneCall, ticks: int = 20) -> bool:
    return any(part.any() for part in call.line.heard[-ticks:])


async def test_the_place_is_told_and_music_follows(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    assert (await call.said())[-2:] == ["utter_handoff_ack", "utter_queue_place"]
    assert [e.text for e in await call.logged(Said)][-1] == "You're second, about one to three minutes."
    assert len(await call.logged(WaitTold)) == 1
    await call.wait(1000)
    assert sounds(call), "music plays"
    await call.hang_up()
    assert desk.cancelled == [(desk.contact, "customer")]
    assert (await call.log())[-1] == Ended(disposition=Disposition.ABANDONED_IN_QUEUE, by="customer")
    assert len(call.live) == 0


async def test_waiting_is_no_silence_and_comfort_comes_in_its_time(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    before = await call.said()
    await call.wait(40_000)
    assert await call.said() == before
    await call.wait(12_000)
    assert (await call.said())[len(before) :] == ["utter_queue_comfort", "utter_queue_place"]
    await call.wait(60_000)
    assert not [key for key in await call.said() if "no_input" in key]
    await call.hang_up()


async def test_a_better_place_is_told(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    await call.wait(46_000)
    desk.tell(NewsKind.WAITING, position=1, wait=Wait(0, 1))
    await call.wait(50_000)
    assert [event.text for event in await call.logged(Said)][-1] == "You're next, under a minute."
    await call.hang_up()


async def test_the_bot_listens_through_the_music(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    await call.wait(2000)
    await call.say("never mind")
    await spoken(call)
    assert (await call.said())[-2:] == ["utter_queue_left", "utter_anything_else"]
    assert [contact for contact, _ in desk.cancelled] == [desk.contact]
    await call.wait(2000)
    assert not sounds(call), "the music is over"
    await call.hang_up()


async def test_taken_the_bot_is_silent_at_once_and_deaf(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await ring(desk=desk)
    await call.say("now, a person", pause_ms=700)
    await call.until(lambda: call.call._speaker.speaking)
    agent = await taken(call, desk)
    assert not call.call._speaker.speaking
    before = await call.said()
    decodes = len(call.ears.decodes)
    await call.say("three")
    assert await call.said() == before
    assert len(call.ears.decodes) >= decodes
    assert any(part.any() for part in agent.heard) or agent.queued_samples > 0, "the agent hears the customer"
    assert [e.agent for e in await call.logged(PartyJoined)] == [SATO]
    desk.tell(NewsKind.OVER, agent=SATO)
    await call.over()
    assert (await call.log())[-1] == Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")
    assert agent.ended is not None
    assert desk.cancelled == []


async def test_between_accepted_and_joined_there_is_music(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    desk.tell(NewsKind.TAKEN, agent=SATO, agent_name="Sato")
    await call.wait(1500)
    assert sounds(call)
    assert call.call._people.deaf
    await call.hang_up()
    assert desk.cancelled == [(desk.contact, "customer")]


@pytest.mark.parametrize(
    ("place", "words"), [(1, "utter_agent_lost"), (3, "utter_agent_lost_soon"), (None, "utter_agent_lost_wait")]
)
async def test_lost_a_place_is_told_only_where_it_is_known(ring: Ring, place: int | None, words: str) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    await taken(call, desk)
    desk.tell(NewsKind.LOST, agent=SATO, position=place)
    await spoken(call)
    assert (await call.said())[-1] == words
    text = (await call.logged(Said))[-1].text
    assert ("place" in text or "line" in text) is (place is not None)
    await call.hang_up()


async def test_lost_the_next_one_is_looked_for(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    agent = await taken(call, desk)
    desk.tell(NewsKind.LOST, agent=SATO, position=1)
    await spoken(call)
    assert (await call.said())[-1] == "utter_agent_lost"
    assert agent.ended is not None
    await call.wait(1000)
    assert sounds(call), "music again"
    await call.say("never heard of that", pause_ms=1500)
    await spoken(call)
    assert (await call.said())[-1] == "utter_queue_noted"
    other = await taken(call, desk, KATO)
    assert [e.agent for e in await call.logged(PartyJoined)] == [SATO, KATO]
    desk.tell(NewsKind.OVER, agent=KATO)
    await call.over()
    assert other.ended is not None


async def test_given_back_the_bot_goes_on(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    await taken(call, desk)
    desk.tell(NewsKind.RETURNED, agent=SATO)
    await spoken(call)
    assert (await call.said())[-2:] == ["utter_back_with_bot", "utter_anything_else"]
    assert [e.reason for e in await call.logged(PartyLeft)] == ["returned"]
    await call.say("I want to buy bulbs")
    assert (await call.heard())[-1] == "I want to buy bulbs"
    await call.hang_up()
    assert desk.cancelled == []


async def test_an_agent_who_hangs_up_the_customers_call(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    await taken(call, desk)
    await call.live.find(call.call.conversation).hang_up()
    await call.over()
    assert (await call.log())[-1] == Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")


async def test_a_customer_who_hangs_up_on_an_agent(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    agent = await taken(call, desk)
    await call.hang_up()
    assert (await call.log())[-1] == Ended(disposition=Disposition.HANDLED_BY_AGENT, by="customer")
    assert desk.cancelled == [(desk.contact, "customer")]
    assert agent.ended is not None


async def test_a_supervisor_who_only_listens_leaves_the_bot_its_words(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await ring(desk=desk)
    line = ScriptedLine()
    await call.live.find(call.call.conversation).join(KATO, "Kato", line, Role.LISTENER)
    await call.say("my lamp is broken")
    await spoken(call)
    assert (await call.said())[-1] == "utter_ask_lamp"
    await call.hang_up()


async def test_a_supervisor_who_speaks_silences_the_bot_until_they_leave(ring: Ring) -> None:
    desk = ScriptedDesk()
    call = await ring(desk=desk)
    control = call.live.find(call.call.conversation)
    await control.join(KATO, "Kato", ScriptedLine(), Role.SPEAKER)
    await call.wait(200)
    assert call.call._people.deaf
    await control.leave(KATO)
    await call.wait(500)
    assert not call.call._people.deaf
    await call.say("my lamp is broken")
    await spoken(call)
    assert (await call.said())[-1] == "utter_ask_lamp"
    await call.hang_up()


async def test_full_queue_call_back_on_this_number(ring: Ring) -> None:
    desk = ScriptedDesk(
        DeskReply(DeskAnswer.LONG, position=9, wait=Wait(18, 25), callback_offered=True),
        CallbackBooked("T-5521", "07700 900***"),
    )
    call = await in_line(ring, desk, caller="07700900123")
    assert [e.text for e in await call.logged(Said)][-1].startswith("It's about 18 to 25 minutes.")
    await call.say("yes")
    await spoken(call)
    assert (await call.said())[-1] == "utter_callback_this_number"
    await call.say("yes")
    await call.over()
    (wish,) = desk.wishes
    assert (wish.number, wish.contact) == ("07700900123", desk.contact)
    assert "T-5521" in [e.text for e in await call.logged(Said)][-2]
    assert (await call.log())[-1] == Ended(disposition=Disposition.CALLBACK_BOOKED, by="bot")
    assert desk.cancelled == []


async def test_a_number_by_keys(ring: Ring) -> None:
    desk = ScriptedDesk(DeskReply(DeskAnswer.LONG, position=9, wait=Wait(18, 25), callback_offered=True))
    call = await in_line(ring, desk)
    await call.press("1")
    await spoken(call)
    assert (await call.said())[-1] == "utter_callback_which_number"
    await call.press("07700900456#")
    await call.over()
    assert [wish.number for wish in desk.wishes] == ["07700900456"]


async def test_silence_on_the_offer_keeps_the_place(ring: Ring) -> None:
    desk = ScriptedDesk(DeskReply(DeskAnswer.LONG, position=9, wait=Wait(18, 25), callback_offered=True))
    call = await in_line(ring, desk)
    await call.wait(9000)
    await spoken(call)
    assert "utter_queue_stay" in await call.said()
    await call.wait(1000)
    assert sounds(call)
    await call.hang_up()


async def test_closed_the_bot_goes_on_and_nobody_is_queued(ring: Ring) -> None:
    desk = ScriptedDesk(DeskReply(DeskAnswer.CLOSED, callback_offered=True))
    call = await in_line(ring, desk)
    assert (await call.said())[-1] == "utter_callback_offer"
    await call.say("my lamp is broken")
    await spoken(call)
    assert (await call.said())[-1] == "utter_ask_lamp"
    await call.hang_up()
    assert desk.cancelled == []
    assert [e.text for e in await call.logged(Heard)][-1] == "my lamp is broken"


@pytest.mark.parametrize("when", ["queue", "agent"])
async def test_danger_comes_first_while_waiting_and_is_the_agents_when_one_talks(ring: Ring, when: str) -> None:
    desk = ScriptedDesk()
    call = await in_line(ring, desk)
    first = desk.contact
    if when == "agent":
        await taken(call, desk)
    await call.say("there is smoke coming out of it and flames")
    await call.wait(3000)
    if when == "queue":
        assert [contact for contact, _ in desk.cancelled] == [first]
        assert [wish.priority for wish in desk.requests] == [desk.requests[0].priority, 1]
        assert desk.requests[1].bypass_caps
    else:
        assert len(desk.requests) == 1
    await call.hang_up()
    wanted = Disposition.EMERGENCY if when == "queue" else Disposition.HANDLED_BY_AGENT
    assert (await call.log())[-1] == Ended(disposition=wanted, by="customer")
