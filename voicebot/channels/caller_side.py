"""What every voice line has in common: who is on it, what comes from the caller in order, and how it ended."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from voicebot.channels.line import CallDetails, Frame, LineEnded, LineEvent

BACKLOG = 1000
"""So many events wait for a reader that does not keep up; then the oldest sound is dropped, never a key or the end."""


class CallerSide:
    """The caller's half of a :class:`voicebot.channels.line.VoiceLine`. ``backlog`` None: nothing is ever dropped."""

    def __init__(self, details: CallDetails, backlog: int | None = BACKLOG) -> None:
        self._details, self._backlog = details, backlog
        self._events: deque[LineEvent] = deque()
        self._news = asyncio.Event()
        self._ended: LineEnded | None = None

    @property
    def details(self) -> CallDetails:
        """Who calls whom."""
        return self._details

    @property
    def caller(self) -> str | None:
        """The caller's number or name; None when withheld, and for a visitor, who shows none."""
        return self._details.caller

    @property
    def called(self) -> str:
        """The user part that was dialled."""
        return self._details.called

    @property
    def ended(self) -> LineEnded | None:
        """How the call ended; None while it lasts."""
        return self._ended

    async def frames(self) -> AsyncIterator[LineEvent]:
        """Sound and keys in order; the last item is :class:`LineEnded`."""
        while True:
            while self._events:
                event = self._events.popleft()
                yield event
                if isinstance(event, LineEnded):
                    return
            self._news.clear()
            await self._news.wait()

    def _push(self, event: LineEvent) -> None:
        if self._backlog is not None and len(self._events) >= self._backlog:
            for index, old in enumerate(self._events):
                if isinstance(old, Frame):
                    del self._events[index]
                    break
        self._events.append(event)
        self._news.set()


__all__ = ["BACKLOG", "CallerSide"]
