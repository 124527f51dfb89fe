"""A customer in line who goes on by another channel: the same contact at the same place, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.desk import MIDDAY, SHOP, Floor, companies
from voicebot.desk import Medium
from voicebot.domain import AgentId, Channel, ChannelChanged, ContactState, Disposition, Ended, HandoffId
from voicebot.errors import Conflict
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore

TABLES = "desk_presence, desk_nodes, desk_tasks, desk_callbacks, desk_contacts, desk_agents, conversations"


@pytest.fixture(params=["sqlite", "postgres"])
async def floor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Floor]:
    here = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    url = here if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    store = await SqlStore.open(url, lambda words: words)
    if url.startswith("postgresql"):
        async with store.writing() as connection:
            await connection.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    yield await Floor(store, VirtualClock(MIDDAY), companies()).open()
    await store.close()


async def test_the_place_is_kept(floor: Floor) -> None:
    await floor.present("S01")
    ahead, wish, behind = [await floor.wish() for _ in range(3)]
    for one in (ahead, wish, behind):
        await floor.desk.request(one)
        await floor.clock.advance(1)  # type: ignore[union-attr]
    before = await floor.desk.contact(wish.handoff_id)
    for _ in range(2):
        assert await floor.desk.moved_channel(wish.handoff_id, Channel.WEB_CHAT) is True
    after = await floor.desk.contact(wish.handoff_id)
    assert (after.channel, after.medium, after.state) == (Channel.WEB_CHAT, Medium.CHAT, ContactState.QUEUED)
    assert (after.enqueued_at, after.priority, after.queue) == (before.enqueued_at, before.priority, before.queue)
    for other in (behind, ahead):
        await floor.desk.moved_channel(other.handoff_id, Channel.WEB_CHAT)
    assert (await floor.desk.standing(wish.handoff_id)).position == 2


async def test_who_comes_back_after_a_lost_line_has_the_place_of_before(floor: Floor) -> None:
    await floor.present("S01")
    lost, other = await floor.wish(), await floor.wish()
    await floor.desk.request(lost)
    await floor.clock.advance(60)  # type: ignore[union-attr]
    await floor.desk.request(other)
    before = await floor.desk.contact(lost.handoff_id)
    await floor.desk.cancel(lost.handoff_id, "system")
    again = replace(lost, handoff_id=HandoffId(f"ho-{lost.conversation}-2"), channel=Channel.WEB_CHAT)
    await floor.desk.request(again)
    assert (await floor.desk.contact(again.handoff_id)).enqueued_at == before.enqueued_at
    await floor.desk.cancel(again.handoff_id, "customer")
    third = replace(again, handoff_id=HandoffId(f"ho-{lost.conversation}-3"))
    await floor.clock.advance(3600)  # type: ignore[union-attr]
    await floor.present("S01")
    await floor.desk.request(third)
    assert (await floor.desk.contact(third.handoff_id)).enqueued_at == floor.clock.now()


async def test_an_offer_of_the_call_is_taken_back_and_made_again_for_the_chat(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    await floor.desk.tick()
    assert (await floor.desk.contact(wish.handoff_id)).state is ContactState.OFFERED
    assert await floor.desk.moved_channel(wish.handoff_id, Channel.WEB_CHAT) is True
    moved = await floor.desk.contact(wish.handoff_id)
    assert (moved.state, moved.agent, moved.channel) == (ContactState.QUEUED, None, Channel.WEB_CHAT)
    await floor.desk.tick()
    offered = await floor.desk.contact(wish.handoff_id)
    assert offered.state is ContactState.OFFERED and offered.agent == "S01"
    assert dict((await floor.desk.agent(AgentId("S01"))).load) == {Medium.CHAT: 1}


async def test_what_somebody_has_taken_or_what_is_over_does_not_move(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    await floor.desk.tick()
    await floor.desk.accept(wish.handoff_id, AgentId("S01"))
    with pytest.raises(Conflict):
        await floor.desk.moved_channel(wish.handoff_id, Channel.WEB_CHAT)
    assert (await floor.desk.contact(wish.handoff_id)).channel is Channel.VOICE
    gone = await floor.wish()
    await floor.desk.request(gone)
    await floor.desk.cancel(gone.handoff_id, "customer")
    assert await floor.desk.moved_channel(gone.handoff_id, Channel.WEB_CHAT) is False


async def test_the_list_shows_a_conversation_that_moved_as_open_again(floor: Floor) -> None:
    name, now = await floor.conversation(), floor.clock.now()
    await floor.store.append(name, [Ended(disposition=Disposition.ABANDONED_IN_FLOW, by="system")], now)
    await floor.store.append(name, [ChannelChanged(channel=Channel.WEB_CHAT)], now)
    row = await floor.store.conversation(name)
    assert (row.channel, row.ended_at, row.disposition) == (Channel.WEB_CHAT, None, None)
    assert [one.id for one in await floor.store.conversations(SHOP)][:1] == [name]
