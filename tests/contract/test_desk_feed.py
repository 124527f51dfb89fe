"""Two stores on one PostgreSQL are two processes to each other: each hears what the other writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from sqlalchemy import text

from tests.support.desk import MIDDAY, SHOP, Floor, companies
from tests.support.postgres import stoppable_cluster
from voicebot.domain import (
    JA,
    AgentId,
    Channel,
    ContactState,
    ConversationId,
    KeysPressed,
    NewsKind,
)
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore

TABLES = "desk_presence, desk_nodes, desk_tasks, desk_callbacks, desk_contacts, desk_agents, conversations"
Pair = tuple[SqlStore, SqlStore]


def same(words: str) -> str:
    return words


@pytest.fixture
async def pair(postgres_url: str) -> AsyncIterator[Pair]:
    here, there = await SqlStore.open(postgres_url, same), await SqlStore.open(postgres_url, same)
    async with here.writing() as connection:
        await connection.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    yield here, there
    await here.close()
    await there.close()


async def begun(store: SqlStore, name: str) -> ConversationId:
    await store.open_conversation(ConversationId(name), SHOP, Channel.VOICE, JA, "", MIDDAY)
    return ConversationId(name)


async def test_a_reader_gets_every_writers_events_in_order(pair: Pair) -> None:
    here, there = pair
    name = await begun(here, "f-1")

    async def write(store: SqlStore, digit: str) -> None:
        for _ in range(40):
            await store.append(name, [KeysPressed(digits=digit), KeysPressed(digits=digit)], MIDDAY)

    async with aclosing(here.subscribe(name)) as following:
        first = asyncio.ensure_future(anext(following))
        await asyncio.gather(write(here, "1"), write(there, "2"))
        async with asyncio.timeout(30):
            numbers = [(await first).seq]
            while len(numbers) < 160:
                numbers.append((await anext(following)).seq)
    assert numbers == list(range(1, 161))


async def test_a_reader_from_a_number_on_misses_nothing(pair: Pair) -> None:
    here, there = pair
    name = await begun(here, "f-2")
    await there.append(name, [KeysPressed(digits=str(n)) for n in range(5)], MIDDAY)
    async with aclosing(here.subscribe(name, after_seq=2)) as following, asyncio.timeout(30):
        assert [(await anext(following)).seq for _ in range(3)] == [3, 4, 5]
        await there.append(name, [KeysPressed(digits="9")], MIDDAY)
        assert (await anext(following)).seq == 6


async def test_notices_cross_and_those_of_an_undone_transaction_do_not(pair: Pair) -> None:
    here, there = pair
    async with aclosing(here.changes("desk.shop")) as notices, asyncio.timeout(30):
        with pytest.raises(RuntimeError):
            async with there.writing() as connection:
                await there.announce_within(connection, "desk.shop", "undone")
                raise RuntimeError
        await there.announce("desk.telecom", "elsewhere")
        await there.announce("desk.shop", "contact:1:x")
        assert await anext(notices) == "contact:1:x"


async def test_a_connection_that_was_lost_comes_back_and_everything_is_looked_at() -> None:
    with stoppable_cluster() as made:
        here, there = await SqlStore.open(made.url, same), await SqlStore.open(made.url, same)
        try:
            name = await begun(here, "f-3")
            await here.append(name, [KeysPressed(digits="1")], MIDDAY)
            async with (
                aclosing(here.changes("desk.shop")) as notices,
                aclosing(here.subscribe(name, after_seq=0)) as following,
                asyncio.timeout(60),
            ):
                assert (await anext(following)).seq == 1
                await asyncio.to_thread(made.stop)
                await asyncio.to_thread(made.start)
                assert await anext(notices) == "", "look at everything again"
                await there.append(name, [KeysPressed(digits="2")], MIDDAY)
                assert (await anext(following)).seq == 2
        finally:
            await here.close()
            await there.close()


async def test_a_contact_is_followed_from_another_process(pair: Pair) -> None:
    here, there = pair
    clock = VirtualClock(MIDDAY)
    calls, consoles = Floor(here, clock, companies(), node="calls"), Floor(there, clock, companies(), node="consoles")
    await calls.open()
    await consoles.present("S01")
    wish = await calls.wish()
    await calls.desk.request(wish)
    async with aclosing(calls.desk.follow(wish.handoff_id)) as news, asyncio.timeout(30):
        assert (await anext(news)).kind is NewsKind.WAITING
        await consoles.desk.tick()
        await consoles.desk.accept(wish.handoff_id, AgentId("S01"))
        taken = await anext(news)
        assert (taken.kind, taken.agent) == (NewsKind.TAKEN, "S01")
        await consoles.desk.give_back(wish.handoff_id, AgentId("S01"))
        assert (await anext(news)).kind is NewsKind.RETURNED


async def test_two_routers_on_one_database_serve_everybody_once(pair: Pair) -> None:
    clock = VirtualClock(MIDDAY)
    floors = [Floor(store, clock, companies(), node=f"n{place}") for place, store in enumerate(pair)]
    await floors[0].open()
    await floors[0].present("S01", "S02", "S03")
    wishes = [await floors[0].wish() for _ in range(12)]
    await asyncio.gather(*(floors[place % 2].desk.request(wish) for place, wish in enumerate(wishes)))
    for _ in range(12):
        await asyncio.gather(*(floor.desk.tick() for floor in floors))
        offered = await floors[0].desk.contacts(SHOP, states=(ContactState.OFFERED,))
        agents = [contact.agent for contact in offered]
        assert len(agents) == len(set(agents)) <= 3
        for contact in offered:
            assert contact.agent is not None
            await floors[1].desk.accept(contact.id, contact.agent)
            await floors[1].desk.give_back(contact.id, contact.agent)
        if not await floors[0].desk.contacts(SHOP):
            break
    assert [(await floors[0].desk.contact(wish.handoff_id)).outcome for wish in wishes] == ["returned"] * 12
