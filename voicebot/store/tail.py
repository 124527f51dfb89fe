"""Following a conversation as it is written, within one process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence

from voicebot.domain import ConversationId, Recorded
from voicebot.errors import StoreError

_BACKLOG = 1000


class Tail:
    """Hands every appended event to whoever follows its conversation; never makes the writer wait."""

    def __init__(self) -> None:
        self._readers: defaultdict[ConversationId, set[asyncio.Queue[Recorded | None]]] = defaultdict(set)

    def publish(self, written: Sequence[Recorded]) -> None:
        """Give events to the followers; one whose backlog is full is cut off."""
        for item in written:
            for queue in tuple(self._readers.get(item.conversation, ())):
                if queue.qsize() >= _BACKLOG:
                    self._drop(item.conversation, queue)
                    queue.put_nowait(None)
                else:
                    queue.put_nowait(item)

    def cut_off(self, conversation: ConversationId) -> None:
        """End what follows a conversation: every reader gets a StoreError after what it has not read yet."""
        for queue in tuple(self._readers.get(conversation, ())):
            self._drop(conversation, queue)
            queue.put_nowait(None)

    def subscribe(self, conversation: ConversationId) -> AsyncGenerator[Recorded, None]:
        """Follow from now on; registered at once, before the first event is awaited."""
        queue: asyncio.Queue[Recorded | None] = asyncio.Queue()
        self._readers[conversation].add(queue)
        return self._follow(conversation, queue)

    async def _follow(
        self, conversation: ConversationId, queue: asyncio.Queue[Recorded | None]
    ) -> AsyncGenerator[Recorded, None]:
        try:
            while True:
                item = await queue.get()
                if item is None:
                    raise StoreError(
                        f"This reader was cut off or fell {_BACKLOG} events behind; "
                        "read the log from the last number seen."
                    )
                yield item
        finally:
            self._drop(conversation, queue)

    def _drop(self, conversation: ConversationId, queue: asyncio.Queue[Recorded | None]) -> None:
        readers = self._readers.get(conversation)
        if readers is not None:
            readers.discard(queue)
            if not readers:
                del self._readers[conversation]
