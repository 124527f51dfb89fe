"""Conversations that nobody holds any more are ended once their contact is over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.desk import MIDDAY, Floor, companies
from voicebot.domain import AgentId, Channel, Disposition, Ended, HandoffId
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.web.loose_ends import LooseEnds

AGENT = AgentId("S01")


@pytest.fixture(params=["sqlite", "postgres"])
async def floor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Floor]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    store = await SqlStore.open(url, str)
    if request.param == "postgres":
        async with store.writing() as connection:
            await connection.execute(text("TRUNCATE conversations, desk_agents, desk_nodes CASCADE"))
    yield await Floor(store, VirtualClock(MIDDAY), companies()).open()
    await store.close()


async def handled(floor: Floor) -> HandoffId:
    """A chat that an agent has taken and closed, while nobody held it."""
    wish = await floor.wish(channel=Channel.WEB_CHAT)
    await floor.present("S01")
    await floor.desk.request(wish)
    await floor.pass_s(2, "S01")
    await floor.desk.accept(wish.handoff_id, AGENT)
    await floor.desk.active(wish.handoff_id, AGENT)
    await floor.desk.wrap_up(wish.handoff_id, AGENT)
    code = next(iter(floor.contents[wish.tenant].dispositions)).code
    await floor.desk.close(wish.handoff_id, AGENT, code, True)
    return wish.handoff_id


async def test_a_closed_contact_without_an_ending_gets_one_after_a_while(floor: Floor) -> None:
    assert isinstance(floor.clock, VirtualClock)
    contact = await floor.desk.contact(await handled(floor))
    ends = LooseEnds(floor.store, floor.clock)
    assert await ends.look() == 0, "whoever holds it may still end it"
    await floor.clock.advance(61)
    assert await ends.look() == 1
    assert await ends.look() == 0 and await LooseEnds(floor.store, floor.clock).look() == 0
    row = await floor.store.conversation(contact.conversation)
    assert row.disposition is Disposition.HANDLED_BY_AGENT and row.ended_at is not None


async def test_a_conversation_that_has_its_ending_is_left_alone(floor: Floor) -> None:
    assert isinstance(floor.clock, VirtualClock)
    contact = await floor.desk.contact(await handled(floor))
    ended = Ended(disposition=Disposition.HANDLED_BY_AGENT, by="customer")
    await floor.store.append(contact.conversation, [ended], floor.clock.now())
    await floor.clock.advance(61)
    assert await LooseEnds(floor.store, floor.clock).look() == 0
