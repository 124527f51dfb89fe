"""Telling other processes on one PostgreSQL what was written, and hearing it from them.

Notices only say where to look; whoever hears one reads the tables. One connection of each process listens, comes back
by itself when it is lost, and then has everything looked at again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from voicebot.domain import ConversationId, Recorded

CHANNEL = "voicebot"
_POLL_S = 5.0
_RETRY_S = 1.0
_SPEAK = text(f"SELECT pg_notify('{CHANNEL}', notice) FROM unnest(CAST(:notices AS text[])) AS notice")
_MOST_BYTES = 7900

_log = logging.getLogger(__name__)


class Feed:
    """One process's ear and voice. The callables get what others say; ``look`` is called every few seconds too.

    ``wrote(conversation, first)``: events were appended. ``said(topic, payload)``: a notice of a topic. ``missed()``:
    notices may have been lost. ``look()``: the slow look at the tables, for a process that died before it spoke.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        wrote: Callable[[ConversationId, int], None],
        said: Callable[[str, str], None],
        missed: Callable[[], None],
        look: Callable[[], Awaitable[None]],
    ) -> None:
        self._engine = engine
        self._wrote, self._said, self._missed, self._look = wrote, said, missed, look
        self._me = uuid4().hex[:12]
        self._address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._unsaid: dict[ConversationId, int] = {}
        self._something = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; returns once it does, or after a few seconds while the database makes difficulties."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]
        try:
            async with asyncio.timeout(_POLL_S):
                await self._listening.wait()
        except TimeoutError:
            _log.warning("Changes of other processes are not heard yet")

    async def close(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def announce(self, connection: AsyncConnection, notices: Sequence[tuple[str, str]]) -> None:
        """Say notices of topics within a transaction: heard once it is committed, never when it is not."""
        said = [json.dumps({"by": self._me, "topic": topic, "say": payload}) for topic, payload in notices]
        if said:
            await connection.execute(_SPEAK, {"notices": [item for item in said if len(item) < _MOST_BYTES]})

    def appended(self, written: Sequence[Recorded]) -> None:
        """Say soon that events were appended; many appends become one statement, and no commit waits for it."""
        for item in written:
            self._unsaid.setdefault(item.conversation, item.seq)
        if written:
            self._something.set()

    async def _speak(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            unsaid, self._unsaid = self._unsaid, {}
            notices = [json.dumps({"by": self._me, "log": name, "from": first}) for name, first in unsaid.items()]
            try:
                async with self._engine.begin() as connection:
                    await connection.execute(_SPEAK, {"notices": notices})
            except (SQLAlchemyError, OSError) as error:
                _log.warning("Other processes could not be told of new events: %s", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                _log.warning("Changes of other processes are not heard: %s", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _hear(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            self._missed()
            while True:
                await self._look()
                async for notice in connection.notifies(timeout=_POLL_S):
                    self._heard(notice.payload)

    def _heard(self, payload: str) -> None:
        notice = json.loads(payload)
        if notice["by"] == self._me:
            return
        if "log" in notice:
            self._wrote(ConversationId(notice["log"]), notice["from"])
        else:
            self._said(notice["topic"], notice["say"])
