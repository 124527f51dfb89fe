"""What is to be sent to one console: in order, bounded, and never a reason for others to wait."""

from __future__ import annotations

import asyncio

from voicebot.web.desk.frames import ServerFrame


class Outbox:
    """News that cannot wait is pushed; history waits for room."""

    def __init__(self, limit: int) -> None:
        self._frames: asyncio.Queue[ServerFrame] = asyncio.Queue(limit)
        self.overflowed = asyncio.Event()

    def push(self, frame: ServerFrame) -> None:
        """Put a frame in without waiting; a console that does not read is given up."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.overflowed.set()

    async def put(self, frame: ServerFrame) -> None:
        """Put a frame in when there is room."""
        await self._frames.put(frame)

    async def take(self) -> ServerFrame:
        """The next frame to send."""
        return await self._frames.get()
