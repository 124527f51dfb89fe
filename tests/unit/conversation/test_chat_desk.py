"""Chats that are handed to people: in line, taken, written with, given back, lost, and taken up again anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.conversation.chats import Server, Visitor
from tests.unit.conversation.conftest import KNOWN
from voicebot.channels.chat import From, Kind, Read, Typing
from voicebot.domain import (
    EN,
    AgentId,
    AgentSaid,
    ContactChanged,
    Disposition,
    Ended,
    HandoffId,
    HandoffRequested,
    Heard,
    NewsKind,
    Owner,
    PartyJoined,
    PartyLeft,
    Source,
    UtteranceId,
    WaitTold,
)
from voicebot.errors import BackendError, StoreError
from voicebot.redaction import redact
from voicebot.sim.scripted_desk import ScriptedDesk
from voicebot.store import SqlStore

SPOKEN: dict[str, dict[str, Any]] = {
    **KNOWN,
    "a person, right now": {"intent": "request_human"},
    "never mind": {"intent": "nevermind"},
    "no": {"intent": "deny"},
}
MINA = {"agent": AgentId("mina"), "agent_name": "Mina"}

Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/chats.db", lambda text: redact(text).text)
    servers: list[Server] = []

    async def start(desk: ScriptedDesk | None) -> Server:
        server = await Server(store, desk, SPOKEN).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()
    await store.close()


async def in_line(serve: Serve, desk: ScriptedDesk) -> tuple[Server, Visitor]:
    server = await serve(desk)
    visitor = await server.visit()
    await visitor.write("my lamp is broken")
    await visitor.write("a person, right now")
    await visitor.shows("You're second")
    return server, visitor


async def with_mina(serve: Serve, desk: ScriptedDesk) -> tuple[Server, Visitor]:
    server, visitor = await in_line(serve, desk)
    desk.tell(NewsKind.TAKEN, **MINA)
    await visitor.shows_kind(Kind.JOINED)
    return server, visitor


async def agent_says(server: Server, visitor: Visitor, text: str, *, private: bool = False) -> None:
    said = AgentSaid(
        utterance=UtteranceId(f"a-{text}"),
        agent="mina",
        name="Mina",
        text=text,
        language=EN,
        source=Source.TEXT,
        private=private,
    )
    await server.store.append(visitor.visit.conversation, [said], server.clock.now())


async def test_from_the_wish_to_the_place_in_line(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await in_line(serve, desk)
    (wish,) = desk.requests
    assert wish.handoff_id == f"ho-{visitor.visit.conversation}-1"
    assert (wish.skills, wish.node, wish.waiting) == (("repairs",), "http://one", True)
    place = await visitor.shows("You're second in line, about one to three minutes.")
    assert [button.title for button in place.buttons] == ["Call me back", "Stop waiting"]
    log = await visitor.log()
    (asked,) = [event for event in log if isinstance(event, HandoffRequested)]
    assert asked.handoff == wish.handoff_id
    (told,) = [event for event in log if isinstance(event, WaitTold)]
    assert (told.handoff, told.position, told.low_min, told.high_min) == (wish.handoff_id, 2, 1, 3)
    assert visitor.visit._room.conversation.owner is Owner.QUEUE


async def test_the_bot_is_silent_while_a_person_writes(serve: Serve) -> None:
    desk = ScriptedDesk()
    server, visitor = await with_mina(serve, desk)
    assert (await visitor.shows_kind(Kind.JOINED)).name == "Mina"
    before = len(visitor.said())
    await agent_says(server, visitor, "Hello, how can I help?")
    line = await visitor.shows("Hello", From.AGENT)
    assert line.name == "Mina"
    await agent_says(server, visitor, "difficult customer", private=True)
    await visitor.write("three")
    await visitor.shows("three", From.CUSTOMER)
    assert len(visitor.said()) == before
    assert not any("difficult" in text for text in visitor.said(From.AGENT))
    assert [e.text for e in await visitor.log() if isinstance(e, Heard)][-1] == "three"


async def test_the_agent_ends_the_chat(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await with_mina(serve, desk)
    desk.tell(NewsKind.OVER, **MINA)
    await visitor.shows_kind(Kind.ENDED)
    await visitor.until(lambda: visitor.over)
    log = await visitor.log()
    assert log[-1] == Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")
    assert [type(e) for e in log if isinstance(e, PartyJoined | PartyLeft)] == [PartyJoined, PartyLeft]
    assert desk.cancelled == []


async def test_given_back_to_the_bot_everything_is_still_known(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await with_mina(serve, desk)
    desk.tell(NewsKind.RETURNED, **MINA)
    await visitor.shows("anything else")
    await visitor.write("three")
    assert visitor.visit._room.conversation.owner is Owner.BOT
    await visitor.write("goodbye")
    await visitor.shows_kind(Kind.ENDED)
    assert (await visitor.log())[-1] != Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")


async def test_a_lost_agent_is_said_and_another_one_comes(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await with_mina(serve, desk)
    desk.tell(NewsKind.LOST, **MINA)
    await visitor.shows("We lost that connection")
    desk.tell(NewsKind.TAKEN, agent=AgentId("joe"), agent_name="Joe")
    await visitor.until(lambda: [line.name for line in visitor.lines if line.kind is Kind.JOINED] == ["Mina", "Joe"])


async def test_never_mind_leaves_the_line(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await in_line(serve, desk)
    await visitor.write("never mind")
    await visitor.shows("anything else")
    assert [contact for contact, _ in desk.cancelled] == [desk.contact]
    assert desk.followed(desk.contact) == 0


async def test_a_visitor_who_says_goodbye_while_waiting_leaves_the_line(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await in_line(serve, desk)
    await visitor.visit.end()
    assert [contact for contact, _ in desk.cancelled] == [desk.contact]
    assert (await visitor.log())[-1] == Ended(disposition=Disposition.ABANDONED_IN_QUEUE, by="customer")


async def test_a_visitor_who_ends_the_talk_with_an_agent(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await with_mina(serve, desk)
    await visitor.visit.end()
    assert desk.cancelled == [(desk.contact, "customer")]
    assert (await visitor.log())[-1] == Ended(disposition=Disposition.HANDLED_BY_AGENT, by="customer")


async def test_a_call_back_by_buttons(serve: Serve) -> None:
    desk = ScriptedDesk()
    _, visitor = await in_line(serve, desk)
    await visitor.write("call me back")
    await visitor.shows("Which number")
    await visitor.write("07700 900123")
    await visitor.shows("T-5521")
    await visitor.shows_kind(Kind.ENDED)
    (wish,) = desk.wishes
    assert (wish.contact, wish.number) == (desk.contact, "07700900123")
    assert desk.cancelled == []
    assert (await visitor.log())[-1] == Ended(disposition=Disposition.CALLBACK_BOOKED, by="bot")


async def test_a_call_back_that_cannot_be_booked_keeps_the_place(serve: Serve) -> None:
    desk = ScriptedDesk(breaks=lambda call: BackendError("down") if call == "keep_place" else None)
    _, visitor = await in_line(serve, desk)
    await visitor.write("call me back")
    await visitor.write("07700 900123")
    await visitor.shows("can't book a call back")
    assert desk.cancelled == []
    desk.tell(NewsKind.TAKEN, **MINA)
    await visitor.shows_kind(Kind.JOINED)


@pytest.mark.parametrize("phase", ["queue", "agent"])
async def test_taken_up_in_another_process_without_loss(serve: Serve, phase: str) -> None:
    desk = ScriptedDesk()
    first, visitor = await (in_line if phase == "queue" else with_mina)(serve, desk)
    seen, token = visitor.lines[-1].seq, visitor.token
    await visitor.leave()
    await first.stop()
    if phase == "queue":
        desk.tell(NewsKind.TAKEN, **MINA)
    await agent_says(first, visitor, "Are you there?")
    second = await serve(desk)
    back = await second.visit(token, seen)
    await back.shows("Are you there?", From.AGENT)
    await back.until(lambda: back.visit._room.conversation.owner is Owner.AGENT)
    await back.write("yes I am")
    assert "yes I am" in back.said(From.CUSTOMER) or await back.shows("yes I am", From.CUSTOMER)
    assert len(desk.requests) == 1
    desk.tell(NewsKind.OVER, **MINA)
    await back.shows_kind(Kind.ENDED)
    seqs = [line.seq for line in visitor.lines + back.lines]
    assert seqs == sorted(set(seqs))


async def test_a_crash_before_the_desk_was_asked_is_mended_under_the_same_name(serve: Serve) -> None:
    desk = ScriptedDesk(breaks=lambda call: StoreError("gone") if call == "request" else None)
    first = await serve(desk)
    visitor = await first.visit()
    await visitor.write("my lamp is broken")
    await visitor.write("a person, right now")
    await visitor.until(lambda: visitor.visit._room.broken)
    assert desk.requests == []
    desk.breaks = lambda call: None
    second = await serve(desk)
    back = await second.visit(visitor.token, 0)
    await back.shows("You're second")
    (wish,) = desk.requests
    (asked,) = [event for event in await back.log() if isinstance(event, HandoffRequested)]
    assert asked.handoff == wish.handoff_id


async def test_signs_go_both_ways(serve: Serve) -> None:
    desk = ScriptedDesk()
    server, visitor = await with_mina(serve, desk)
    topic = f"typing.{visitor.visit.conversation}"
    notices = server.store.changes(topic)
    await visitor.visit.typing()
    await visitor.visit.read(visitor.lines[-1].seq)
    assert '"typing"' in await anext(notices)
    assert '"read"' in await anext(notices)
    await server.store.announce(topic, '{"sign": "typing", "who": "agent", "on": true}')
    await server.store.announce(topic, '{"sign": "read", "who": "agent", "seq": 7}')
    await server.store.announce(topic, "not for us")
    await visitor.until(lambda: Read(7) in visitor.signs)
    assert any(isinstance(sign, Typing) and sign.sender is From.AGENT for sign in visitor.signs)
    await notices.aclose()


async def test_a_supervisor_takes_the_chat_over_from_the_bot(serve: Serve) -> None:
    desk = ScriptedDesk()
    server = await serve(desk)
    visitor = await server.visit()
    await visitor.write("my lamp is broken")
    contact = HandoffId("t-1")
    desk.tell(NewsKind.TAKEN, contact=contact, **MINA)
    stepped_in = ContactChanged(handoff=contact, change="accepted", agent="mina")
    await server.store.append(visitor.visit.conversation, [stepped_in], server.clock.now())
    await visitor.shows_kind(Kind.JOINED)
    assert visitor.visit._room.conversation.owner is Owner.AGENT
    before = visitor.said()
    await visitor.write("three")
    assert visitor.said() == before
    desk.tell(NewsKind.RETURNED, contact=contact, **MINA)
    await visitor.shows("anything else")


async def test_without_a_desk_the_wish_is_recorded(serve: Serve) -> None:
    server = await serve(None)
    visitor = await server.visit()
    await visitor.write("my lamp is broken")
    await visitor.write("a person, right now")
    await visitor.shows("your request is recorded")
    await visitor.shows_kind(Kind.HANDOFF)
    await visitor.shows_kind(Kind.ENDED)
    assert (await visitor.log())[-1] == Ended(disposition=Disposition.HANDED_OFF, by="bot")
