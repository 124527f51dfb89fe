"""A chat, the real desk and an agent on one store: nobody is lost, nothing is asked twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desk import FLOWS, MIDDAY, SHOP, Floor, companies
from tests.unit.conversation.chats import Server, Visitor
from voicebot.channels.chat import From, Kind
from voicebot.desk.model import Medium
from voicebot.domain import (
    JA,
    AgentId,
    AgentSaid,
    Disposition,
    Ended,
    HandoffId,
    Language,
    Owner,
    Source,
    UtteranceId,
)
from voicebot.flows import load_flows
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore

SPOKEN = {"今すぐ担当者": {"intent": "request_human"}, "待つのをやめます": {"intent": "nevermind"}}


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/desk.db", lambda text: redact(text).text)
    yield await Floor(store, VirtualClock(MIDDAY), companies()).open()
    await store.close()


@pytest.fixture
async def server(floor: Floor) -> AsyncIterator[Server]:
    content = load_flows(FLOWS, "shop")
    assert isinstance(floor.clock, VirtualClock)
    serving = await Server(floor.store, floor.desk, SPOKEN, floor.clock, content=content).start()
    yield serving
    await serving.stop()


async def asks(server: Server) -> Visitor:
    visitor = await server.visit(language=Language("ja"))
    await visitor.write("今すぐ担当者")
    return visitor


def contact_of(visitor: Visitor) -> HandoffId:
    return HandoffId(f"ho-{visitor.visit.conversation}-1")


async def owner(floor: Floor, visitor: Visitor) -> Owner:
    return (await floor.store.conversation(visitor.visit.conversation)).owner


async def available(floor: Floor) -> AgentId:
    """Somebody of the roster who takes chats in Japanese."""
    agent = next(
        a for a in await floor.desk.agents(SHOP) if a.skills.get("lang:ja", 0) >= 3 and a.capacity.get(Medium.CHAT)
    )
    await floor.present(agent.id)
    return agent.id


async def test_from_the_line_to_an_agent_and_back(floor: Floor, server: Server) -> None:
    agent = await available(floor)
    visitor = await asks(server)
    await visitor.shows("順番は1番目")
    assert await owner(floor, visitor) is Owner.QUEUE
    await floor.desk.tick()
    await floor.desk.accept(contact_of(visitor), agent)
    await floor.desk.active(contact_of(visitor), agent)
    await visitor.shows_kind(Kind.JOINED)
    said = AgentSaid(
        utterance=UtteranceId("a-1"), agent=agent, name="x", text="お待たせしました", language=JA, source=Source.TEXT
    )
    await floor.store.append(visitor.visit.conversation, [said], floor.clock.now())
    await visitor.shows("お待たせしました", From.AGENT)
    await floor.desk.give_back(contact_of(visitor), agent)
    await visitor.shows("ほかにご用件")
    assert await owner(floor, visitor) is Owner.BOT


async def test_an_agent_who_ends_the_chat_ends_it_for_the_visitor(floor: Floor, server: Server) -> None:
    agent = await available(floor)
    visitor = await asks(server)
    await floor.desk.tick()
    await floor.desk.accept(contact_of(visitor), agent)
    await floor.desk.active(contact_of(visitor), agent)
    await visitor.shows_kind(Kind.JOINED)
    await floor.desk.wrap_up(contact_of(visitor), agent)
    await visitor.shows_kind(Kind.ENDED)
    assert (await visitor.log())[-1] == Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")


async def test_who_stops_waiting_is_out_of_the_line(floor: Floor, server: Server) -> None:
    await available(floor)
    visitor = await asks(server)
    await visitor.shows("順番は1番目")
    await visitor.write("待つのをやめます")
    await visitor.shows("ほかにご用件")
    assert await floor.desk.open_contact(visitor.visit.conversation) is None
    assert await owner(floor, visitor) is Owner.BOT


async def test_nobody_at_work_nobody_waits(floor: Floor, server: Server) -> None:
    visitor = await asks(server)
    await visitor.shows("折り返し")
    assert await floor.desk.open_contact(visitor.visit.conversation) is None
    assert await owner(floor, visitor) is Owner.BOT


async def test_a_leader_takes_over_from_the_bot(floor: Floor, server: Server) -> None:
    agent = await available(floor)
    visitor = await server.visit(language=Language("ja"))
    await floor.desk.take_over(visitor.visit.conversation, agent)
    await visitor.shows_kind(Kind.JOINED)
    assert visitor.visit._room.conversation.owner is Owner.AGENT


async def test_who_asks_for_a_person_again_is_told_the_place_of_now(floor: Floor, server: Server) -> None:
    await available(floor)
    first = await asks(server)
    await first.shows("順番は1番目")
    assert isinstance(floor.clock, VirtualClock)
    await floor.clock.advance(1)
    second = await asks(server)
    await second.shows("順番は2番目")
    await floor.desk.cancel(contact_of(first), "left")
    await second.write("今すぐ担当者")
    await second.shows("すでに担当者の順番")
    await second.shows("順番は1番目")
