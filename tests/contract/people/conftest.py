from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from voicebot.people import (
    Passwords,
    People,
)
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.people_tables import audit_head

_TABLES = "audit, audit_head, one_use_secrets, sign_in_attempts, sessions, accounts"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(url, str)
    if url.startswith("postgresql"):
        async with opened.writing() as connection:
            await connection.execute(text(f"TRUNCATE {_TABLES} CASCADE"))
            await connection.execute(audit_head.insert().values(id=1, seq=0, hash="0" * 64))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def people(store: SqlStore, clock: VirtualClock) -> People:
    return People.on(store, clock, passwords=Passwords(memory_kib=64, passes=1))
