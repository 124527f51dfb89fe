"""SQLite's log is written by a thread of its own: a transaction there is one trip, not one for every statement."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import URL, StaticPool, create_engine, event

from voicebot.store.appending import Append, Outcome, write_all


class Pen:
    """One connection and its thread. Only one :meth:`write` may run at a time, and nobody else may write meanwhile."""

    def __init__(self, url: URL) -> None:
        self._engine = create_engine(
            url.set(drivername="sqlite+pysqlite"), poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        event.listen(self._engine, "connect", sqlite_pragmas)
        self._thread = ThreadPoolExecutor(1, "log")

    async def write(self, wanted: Sequence[Append]) -> list[Outcome]:
        """Write appends in one transaction; returns once it is on disk. Raises what SQLAlchemy raises."""
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write, wanted)
        return await asyncio.shield(writing)

    def _write(self, wanted: Sequence[Append]) -> list[Outcome]:
        with self._engine.begin() as connection:
            return write_all(connection, wanted)

    async def close(self) -> None:
        """Let go of the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


def sqlite_pragmas(connection: Any, _record: Any) -> None:
    """Readers never wait for the writer, and an acknowledged event survives a power cut."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
