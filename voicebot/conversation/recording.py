"""Recording of one call: one track a party, written off the event loop, stopped and deleted when the caller refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from voicebot.domain import ConversationId, Party
from voicebot.errors import RecordingError
from voicebot.store import Recordings, RecordingWriter

_BLOCK_MS = 1000
_ALIGNED_MS = 100
_FROM_THE_START = (Party.CUSTOMER, Party.BOT)
_Result = TypeVar("_Result")


class CallRecording:
    """The tracks of a call. A disk that refuses ends the recording, never the call; ``failed`` is told once.

    The customer's track has no holes. People of the desk get a track when the first of them is heard, filled up with
    silence so that it runs beside the customer's.
    """

    def __init__(
        self,
        recordings: Recordings | None,
        conversation: ConversationId,
        rate: int,
        failed: Callable[[RecordingError], Awaitable[None]],
    ) -> None:
        self._recordings, self._conversation, self._rate, self._failed = recordings, conversation, rate, failed
        self._writers: dict[Party, RecordingWriter] = {}
        self._blocks: dict[Party, list[NDArray[np.int16]]] = {party: [] for party in Party}
        self._lengths = dict.fromkeys(Party, 0)
        self._gone = recordings is None
        self._disk = asyncio.Lock()
        self._queue: asyncio.Queue[tuple[Party, NDArray[np.int16]]] = asyncio.Queue()
        self.on = not self._gone

    async def begin(self) -> None:
        """Open the files."""
        if self._recordings is None:
            return
        try:
            for party in _FROM_THE_START:
                async with self._disk:
                    await self._open(party)
        except RecordingError as error:
            await self._fail(error)

    async def _open(self, party: Party) -> None:
        if self._recordings is not None and not self._gone:
            begin = partial(self._recordings.begin, self._conversation, party, self._rate)
            self._writers[party] = await _finished(begin)

    def add(self, party: Party, samples: NDArray[np.int16]) -> None:
        """Sound of one party, in order; silence is written in place of what was paused."""
        if self._gone:
            return
        if party not in _FROM_THE_START:
            self._align(party, len(samples))
        self._append(party, samples if self.on else np.zeros_like(samples))

    def _align(self, party: Party, coming: int) -> None:
        behind = self._lengths[Party.CUSTOMER] - self._lengths[party] - coming
        if behind * 1000 < _ALIGNED_MS * self._rate:
            return
        block = np.zeros(self._rate * _BLOCK_MS // 1000, np.int16)
        for at in range(0, behind, len(block)):
            self._append(party, block[: behind - at])

    def _append(self, party: Party, samples: NDArray[np.int16]) -> None:
        self._lengths[party] += len(samples)
        block = self._blocks[party]
        block.append(samples)
        if sum(len(part) for part in block) * 1000 >= _BLOCK_MS * self._rate:
            self._queue.put_nowait((party, np.concatenate(block)))
            block.clear()

    async def run(self) -> None:
        """Write blocks until cancelled."""
        while True:
            party, samples = await self._queue.get()
            await self._write(party, samples)

    async def _write(self, party: Party, samples: NDArray[np.int16]) -> None:
        try:
            async with self._disk:
                if party not in self._writers and party not in _FROM_THE_START:
                    await self._open(party)
                writer = self._writers.get(party)
                if writer is not None and not self._gone:
                    await _finished(partial(writer.write, samples))
        except RecordingError as error:
            await self._fail(error)

    async def _fail(self, error: RecordingError) -> None:
        if not self._gone:
            self._gone, self.on = True, False
            await self._failed(error)

    async def refuse(self) -> None:
        """The caller does not want to be recorded: stop for good and delete what there is."""
        self._gone, self.on = True, False
        await self._close(discard=True)
        if self._recordings is not None:
            async with self._disk:
                await _finished(partial(self._recordings.delete, self._conversation))

    async def close(self) -> None:
        """Write what is left and finish the files."""
        while not self._queue.empty():
            await self._write(*self._queue.get_nowait())
        for party, block in self._blocks.items():
            if block:
                await self._write(party, np.concatenate(block))
                block.clear()
        await self._close(discard=False)

    async def _close(self, *, discard: bool) -> None:
        async with self._disk:
            writers, self._writers = self._writers, {}
            problems = []
            for writer in writers.values():
                try:
                    await _finished(partial(writer.close, discard=discard))
                except RecordingError as error:
                    problems.append(error)
        for problem in problems:
            await self._fail(problem)


async def _finished(work: Callable[[], _Result]) -> _Result:
    """Run in a thread, and wait for its end even when cancelled: a file must not be touched by two at once."""
    job = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait({job})
        raise
