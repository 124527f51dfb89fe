"""The chat connections that are open now, so that they can be counted, capped and told about a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge


class OpenChats:
    """Keeps a farewell per open connection; after :meth:`drain` no new one is taken."""

    def __init__(self, limit: int, registry: CollectorRegistry) -> None:
        self._limit = limit
        self._farewells: set[Callable[[], Awaitable[None]]] = set()
        self.draining = False
        self.also: list[Callable[[], Awaitable[None]]] = []
        """Other connections that are told at the same time."""
        self._gauge = Gauge("voicebot_chat_connections", "Chat connections open now", registry=registry)
        self.frames = Counter("voicebot_chat_frames", "Frames taken from visitors", ["type"], registry=registry)
        self.refused = Counter("voicebot_chat_refused", "Frames not taken", ["code"], registry=registry)

    @property
    def over(self) -> bool:
        """Whether there is one connection more than allowed."""
        return len(self._farewells) > self._limit

    def __len__(self) -> int:
        return len(self._farewells)

    def add(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """A connection opened; ``farewell`` tells it that we restart and closes it."""
        self._farewells.add(farewell)
        self._gauge.set(len(self._farewells))

    def remove(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """A connection closed."""
        self._farewells.discard(farewell)
        self._gauge.set(len(self._farewells))

    async def drain(self, within_s: float = 5.0) -> None:
        """Tell every visitor that the chat is kept, and close with 1012; clients come back by themselves."""
        self.draining = True
        tasks = [asyncio.ensure_future(farewell()) for farewell in (*self._farewells, *self.also)]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
