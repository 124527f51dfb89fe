"""Short notices by topic, within one process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

_BACKLOG = 10_000
LOOK_AGAIN = ""
"""Stands for notices that may have been missed: whoever follows the topic looks at everything again."""


class Topics:
    """Hands every notice to whoever follows its topic; never makes the announcer wait."""

    def __init__(self) -> None:
        self._readers: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)

    def publish(self, topic: str, payload: str) -> None:
        """Give a notice to the followers; a full backlog is replaced by one :data:`LOOK_AGAIN`."""
        for queue in tuple(self._readers.get(topic, ())):
            if queue.qsize() >= _BACKLOG:
                while not queue.empty():
                    queue.get_nowait()
                payload = LOOK_AGAIN
            queue.put_nowait(payload)

    def look_again(self) -> None:
        """Tell every follower that notices may have been missed."""
        for topic in tuple(self._readers):
            self.publish(topic, LOOK_AGAIN)

    def follow(self, topic: str) -> AsyncGenerator[str, None]:
        """Notices from now on; registered at once, before the first is awaited."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._readers[topic].add(queue)
        return self._follow(topic, queue)

    async def _follow(self, topic: str, queue: asyncio.Queue[str]) -> AsyncGenerator[str, None]:
        try:
            while True:
                yield await queue.get()
        finally:
            readers = self._readers.get(topic)
            if readers is not None:
                readers.discard(queue)
                if not readers:
                    del self._readers[topic]
