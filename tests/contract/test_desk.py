"""The embedded desk on SQLite and PostgreSQL: requests, offers, handling, losses, callbacks, tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.desk import EN, JA, MIDDAY, SHOP, TELECOM, Floor, Ringing, companies
from voicebot.desk import DialOutcome, EmbeddedDesk, Medium, PromiseState
from voicebot.domain import (
    AgentId,
    CallbackTried,
    CallbackWish,
    Channel,
    ContactChanged,
    ContactState,
    DeskAnswer,
    HandoffId,
    NewsKind,
    Owner,
    Presence,
    QueueId,
    WrappedUp,
)
from voicebot.errors import BadMessage, Conflict, NotFound
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore

TABLES = "desk_presence, desk_nodes, desk_tasks, desk_callbacks, desk_contacts, desk_agents, conversations"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(url, lambda words: words)
    if url.startswith("postgresql"):
        async with opened.writing() as connection:
            await connection.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MIDDAY)


@pytest.fixture
async def floor(store: SqlStore, clock: VirtualClock) -> Floor:
    return await Floor(store, clock, companies()).open()


async def changes(floor: Floor, contact: HandoffId) -> list[str]:
    row = await floor.desk.contact(contact)
    log = await floor.store.events(row.conversation)
    return [item.event.change for item in log if isinstance(item.event, ContactChanged)]


async def test_a_contact_from_wish_to_close(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    reply = await floor.desk.request(wish)
    assert (reply.answer, reply.contact, reply.queue, reply.position) == (
        DeskAnswer.QUEUED,
        wish.handoff_id,
        "q_orders",
        1,
    )
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.QUEUE
    await floor.desk.tick()
    offered = await floor.desk.contact(wish.handoff_id)
    assert (offered.state, offered.agent) == (ContactState.OFFERED, "S01")
    await floor.desk.accept(wish.handoff_id, AgentId("S01"))
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.AGENT
    await floor.desk.active(wish.handoff_id, AgentId("S01"))
    assert (await floor.desk.agent(AgentId("S01"))).load == {Medium.VOICE: 1}
    await floor.pass_s(30, "S01")
    await floor.desk.wrap_up(wish.handoff_id, AgentId("S01"))
    await floor.pass_s(10, "S01")
    with pytest.raises(BadMessage):
        await floor.desk.close(wish.handoff_id, AgentId("S01"), "no such code", True)
    code = floor.contents[SHOP].dispositions[0].code
    await floor.desk.close(wish.handoff_id, AgentId("S01"), code, True, "done")
    assert await changes(floor, wish.handoff_id) == ["queued", "offered", "accepted", "active", "wrapup", "closed"]
    log = await floor.store.events(wish.conversation)
    wrapped = next(item.event for item in log if isinstance(item.event, WrappedUp))
    assert (wrapped.talk_s, wrapped.wrapup_s, wrapped.resolved) == (30.0, 10.0, True)
    agent = await floor.desk.agent(AgentId("S01"))
    assert agent.load == {} and agent.available_since == floor.clock.now()
