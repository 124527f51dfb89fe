from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.desk import MIDDAY, Floor, companies
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore

TABLES = "desk_scales, desk_presence, desk_nodes, desk_tasks, desk_callbacks, desk_contacts, desk_agents, conversations"


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
