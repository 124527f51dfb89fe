"""Two real server processes on one PostgreSQL, one of them killed in the middle of its offers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.desk import Floor
from tests.support.desk_process import quick
from tests.support.postgres import stoppable_cluster
from voicebot.clock import SystemClock
from voicebot.domain import ContactChanged, HandoffId
from voicebot.store import SqlStore

CALLS = 60
HERE, THERE = ("S01", "L01"), ("S02", "S03")
ONE_VOICE_EACH = """
CREATE UNIQUE INDEX one_voice_each ON desk_contacts (agent)
WHERE channel = 'voice' AND state IN ('offered', 'accepted', 'active', 'wrapup')
"""
"""The database itself refuses a second call for one agent: a process that tried would end with an IntegrityError."""
NEXT = {
    None: {"queued"},
    "queued": {"offered"},
    "offered": {"accepted", "timed_out", "withdrawn"},
    "accepted": {"active", "lost"},
    "active": {"closed", "lost"},
    "timed_out": {"offered"},
    "withdrawn": {"offered"},
    "lost": {"offered"},
}


@contextmanager
def process(log: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with log.open("w") as errors:
        command = [sys.executable, "-m", "tests.support.desk_process", *arguments]
        started = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=Path(__file__).parents[2]
        )
        try:
            assert started.stdout is not None and started.stdout.readline() == "ready\n", log.read_text()
            yield started
        finally:
            started.kill()
            started.communicate()


async def count(store: SqlStore, where: str) -> int:
    async with store.reading() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM desk_contacts WHERE {where}"))).scalar_one())


@pytest.mark.slow
async def test_nobody_is_lost_and_nobody_offered_twice(tmp_path: Path) -> None:
    with stoppable_cluster() as made:
        store = await SqlStore.open(made.url, lambda words: words)
        async with store.writing() as connection:
            await connection.execute(text(ONE_VOICE_EACH))
        asking = Floor(store, SystemClock(), quick(), node="asking")
        logs = tmp_path / "here.log", tmp_path / "there.log"
        with process(logs[0], made.url, "here", *HERE) as here, process(logs[1], made.url, "there", *THERE) as there:
            wishes = [await asking.wish() for _ in range(CALLS)]
            for wish in wishes:
                assert (await asking.desk.request(wish)).contact == wish.handoff_id
            async with asyncio.timeout(150):
                while not (
                    await count(store, f"state = 'offered' AND agent IN {HERE}")
                    and await count(store, "state = 'closed'") >= CALLS // 4
                ):
                    assert here.poll() is None and there.poll() is None, logs[0].read_text() + logs[1].read_text()
                    await asyncio.sleep(0.01)
                here.kill()
                held = await count(store, f"agent IN {HERE} AND closed_at IS NULL")
                while await count(store, "state = 'closed'") < CALLS:
                    assert there.poll() is None, logs[1].read_text()
                    await asyncio.sleep(0.05)
        chains = [await chain(store, asking, wish.handoff_id) for wish in wishes]
        await store.close()
    assert held, "it was killed with a contact in its hands"
    for steps in chains:
        assert steps[-1][0] == "closed" and [change for change, _ in steps].count("closed") == 1
        for (before, agent), (after, then) in zip([(None, ""), *steps], steps, strict=False):
            assert after in NEXT[before], steps
            assert before not in ("offered", "accepted", "active") or then == agent or after == "lost", steps
    taken_back = [change for steps in chains for change, _ in steps if change in ("withdrawn", "lost", "timed_out")]
    assert len(taken_back) >= held
    assert "IntegrityError" not in logs[0].read_text() + logs[1].read_text()


async def chain(store: SqlStore, asking: Floor, name: HandoffId) -> list[tuple[str | None, str]]:
    log = await store.events((await asking.desk.contact(name)).conversation)
    return [(item.event.change, item.event.agent) for item in log if isinstance(item.event, ContactChanged)]
