"""Proposals for the FAQ, on both databases: kept redacted, decided once, never seen by another company."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from voicebot.domain import EN, ConversationId, TenantId
from voicebot.errors import NotFound
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.assist_proposals import FaqProposals


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    url = (
        f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    opened = await SqlStore.open(url, str)
    async with opened.writing() as connection:
        await connection.execute(text("DELETE FROM faq_proposals"))
    yield opened
    await opened.close()


SHOP, TELECOM = TenantId("shop"), TenantId("telecom")


async def test_a_proposal_is_redacted_and_decided_once(store: SqlStore) -> None:
    proposals = FaqProposals(store, VirtualClock(datetime(2026, 6, 1, tzinfo=UTC)))
    made = await proposals.add(
        SHOP, ConversationId("c1"), EN, "It beeps, call me on 090-1234-5678.", "Put the tank in again.", (1, 4), "S01"
    )
    (kept,) = await proposals.all(SHOP)
    assert kept == made and "1234" not in kept.problem and kept.turns == (1, 4)
    assert await proposals.all(TELECOM) == ()
    with pytest.raises(NotFound):
        await proposals.decide(TELECOM, made.id, "accepted", "T01")
    await proposals.decide(SHOP, made.id, "accepted", "T01")
    assert await proposals.all(SHOP) == ()
    (kept,) = await proposals.all(SHOP, open_only=False)
    assert (kept.state, kept.decided_by) == ("accepted", "T01")
    with pytest.raises(NotFound):
        await proposals.decide(SHOP, made.id, "declined", "T01")
