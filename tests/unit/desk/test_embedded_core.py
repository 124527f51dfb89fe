"""What the embedded desk expects of a wait, from what its store holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.desk import MIDDAY, SHOP, Floor, companies
from voicebot.domain import Channel, ContactState, HandoffRequest
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.desk_tables import desk_contacts

HANDLED_S = {Channel.VOICE: 200.0, Channel.WEB_CHAT: 1500.0}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    yield opened
    await opened.close()


async def asked(floor: Floor, channel: Channel, many: int) -> list[HandoffRequest]:
    wishes = []
    for _ in range(many):
        wishes.append(await floor.wish("orders", channel=channel))
        await floor.desk.request(wishes[-1])
        assert isinstance(floor.clock, VirtualClock)
        await floor.clock.advance(1)
    return wishes


async def handled(floor: Floor, wish: HandoffRequest) -> None:
    now, took = floor.clock.now(), timedelta(seconds=HANDLED_S[wish.channel])
    closed = {"state": ContactState.CLOSED, "active_at": now - took, "closed_at": now}
    async with floor.store.writing() as connection:
        await connection.execute(update(desk_contacts).where(desk_contacts.c.id == wish.handoff_id).values(**closed))


async def test_a_wait_is_expected_from_contacts_of_the_same_medium(store: SqlStore) -> None:
    """Fourth in line, at one agent with a place for one call and three for chats."""
    clock = VirtualClock(MIDDAY)
    floor = await Floor(store, clock, companies()).open()
    core = floor.desk._core
    await floor.present("S01")
    for channel in HANDLED_S:
        for wish in await asked(floor, channel, 5):
            await handled(floor, wish)
    await core.load()
    await clock.advance(31)
    fourth = [core.board.contact((await asked(floor, channel, 4))[-1].handoff_id) for channel in HANDLED_S]
    call_s, chat_s = [await core.expected_s(contact) for contact in fourth if contact is not None]
    paces = await core.paces(SHOP)
    assert {medium: pace.aht_s for (_, medium), pace in paces.items()} == {"voice": 200.0, "chat": 1500.0}
    assert call_s and chat_s
    assert chat_s / call_s == pytest.approx((1 * 1500 / 3) / (3 * 200 / 1))


async def test_leaders_see_a_wait_also_where_only_chats_are_handled(store: SqlStore) -> None:
    clock = VirtualClock(MIDDAY)
    floor = await Floor(store, clock, companies()).open()
    await floor.present("S01")
    for wish in await asked(floor, Channel.WEB_CHAT, 5):
        await handled(floor, wish)
    await floor.desk._core.load()
    await clock.advance(31)
    await asked(floor, Channel.WEB_CHAT, 4)
    orders = next(queue for queue in await floor.desk.queues(SHOP) if queue.id == "q_orders")
    assert orders.waiting == 4
    assert orders.low_min is not None and orders.low_min > 0
