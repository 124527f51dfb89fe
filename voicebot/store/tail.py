"""Following a conversation as it is written, by this process or another one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from voicebot.domain import ConversationId, Recorded
from voicebot.errors import StoreError

_BACKLOG = 1000
_PAGE = 1000

Fetch = Callable[[ConversationId, int, int], Awaitable[Sequence[Recorded]]]
"""Events of a conversation after a number, so many at most."""
Last = Callable[[ConversationId], Awaitable[int]]
"""The number a conversation's log has reached."""


@dataclass(frozen=True, slots=True)
class _Nudge:
    """Somebody else wrote: the log is to be read, from this number on."""

    first: int


@dataclass(eq=False, slots=True)
class _Reader:
    queue: asyncio.Queue[Recorded | _Nudge | None] = field(default_factory=asyncio.Queue)
    seen: int | None = None
    nudged: bool = False


class Tail:
    """Hands every appended event to whoever follows its conversation, in order; never makes the writer wait.

    What this process writes is handed over at once; what others write is read from the log when they say so.
    ``last`` is given where others write too: it tells a new reader where the log stands.
    """

    def __init__(self, fetch: Fetch, last: Last | None = None) -> None:
        self._readers: defaultdict[ConversationId, set[_Reader]] = defaultdict(set)
        self._fetch, self._last = fetch, last

    def publish(self, written: Sequence[Recorded]) -> None:
        """Give events to the followers; one whose backlog is full is cut off."""
        for item in written:
            for reader in tuple(self._readers.get(item.conversation, ())):
                if reader.queue.qsize() >= _BACKLOG:
                    self._drop(item.conversation, reader)
                    reader.queue.put_nowait(None)
                else:
                    reader.queue.put_nowait(item)

    def nudge(self, conversation: ConversationId, first: int) -> None:
        """Another process has appended events beginning with a number."""
        for reader in tuple(self._readers.get(conversation, ())):
            if not reader.nudged:
                reader.nudged = True
                reader.queue.put_nowait(_Nudge(first))

    def followed(self) -> Mapping[ConversationId, int]:
        """The conversations that are followed, with the least number their readers have got to."""
        seen = {name: [r.seen for r in readers if r.seen is not None] for name, readers in self._readers.items()}
        return {name: min(numbers) for name, numbers in seen.items() if numbers}

    def cut_off(self, conversation: ConversationId) -> None:
        """End what follows a conversation: every reader gets a StoreError after what it has not read yet."""
        for reader in tuple(self._readers.get(conversation, ())):
            self._drop(conversation, reader)
            reader.queue.put_nowait(None)

    def subscribe(self, conversation: ConversationId, after_seq: int | None = None) -> AsyncGenerator[Recorded, None]:
        """Follow from now on, or from after a number; registered at once, before the first event is awaited."""
        reader = _Reader(seen=after_seq)
        if after_seq is not None:
            reader.nudged = True
            reader.queue.put_nowait(_Nudge(after_seq + 1))
        self._readers[conversation].add(reader)
        return self._follow(conversation, reader)

    async def _follow(self, conversation: ConversationId, reader: _Reader) -> AsyncGenerator[Recorded, None]:
        fresh = reader.seen is None
        try:
            if reader.seen is None and self._last is not None:
                reader.seen = await self._last(conversation)
            while True:
                item = await reader.queue.get()
                if item is None:
                    raise StoreError(
                        f"This reader was cut off or fell {_BACKLOG} events behind; "
                        "read the log from the last number seen."
                    )
                first = item.first if isinstance(item, _Nudge) else item.seq
                if reader.seen is None or (fresh and first <= reader.seen):
                    reader.seen = first - 1
                fresh = False
                if isinstance(item, Recorded):
                    if item.seq <= reader.seen:
                        continue
                    if item.seq == reader.seen + 1:
                        reader.seen = item.seq
                        yield item
                        continue
                else:
                    reader.nudged = False
                while page := await self._fetch(conversation, reader.seen, _PAGE):
                    for missed in page:
                        reader.seen = missed.seq
                        yield missed
                    if len(page) < _PAGE:
                        break
        finally:
            self._drop(conversation, reader)

    def _drop(self, conversation: ConversationId, reader: _Reader) -> None:
        readers = self._readers.get(conversation)
        if readers is not None:
            readers.discard(reader)
            if not readers:
                del self._readers[conversation]
