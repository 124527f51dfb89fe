"""Worker processes behind a queue: inference never runs on the event loop, and a dead worker is one failed call.

The queue is served by due time (earliest deadline first): work a caller waits for is due at once, speculative work a
moment later, rendering ahead much later. So nobody who waits is overtaken and nothing starves.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import os
import time
from dataclasses import dataclass, field

from voicebot.errors import ModelError, SpeechError
from voicebot.speech import wire
from voicebot.speech.process import WorkerProcess, WorkerSpec

WAITED_FOR_S = 0.0
"""Somebody waits for the result now."""
SPECULATIVE_S = 0.3
"""The turn will probably be over by then."""
PARTIAL_S = 1.5
"""Nice to have while the caller speaks."""
AHEAD_S = 60.0
"""Rendering in advance."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PoolHealth:
    """How a pool is doing. ``rss_mb`` is the resident memory its workers last reported, summed."""

    name: str
    ready: bool
    processes: int
    pids: tuple[int, ...]
    queued: int
    busy: int
    restarts: int
    rss_mb: float
    loaded_ms: float


@dataclass(order=True, slots=True)
class _Job:
    due: float
    number: int
    message: wire.Message = field(compare=False)
    answer: asyncio.Future[wire.Message] = field(compare=False)


class WorkerPool:
    """A few equal worker processes and the queue in front of them."""

    def __init__(
        self,
        spec: WorkerSpec,
        *,
        processes: int = 1,
        call_timeout_s: float = 30.0,
        start_timeout_s: float = 60.0,
        max_queued: int = 256,
    ) -> None:
        self.spec = spec
        self._workers = [WorkerProcess(spec, start_timeout_s) for _ in range(processes)]
        self._call_timeout_s = call_timeout_s
        self._max_queued = max_queued
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._work = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._restarts = 0
        self._busy = 0

    async def start(self) -> None:
        """Start every worker and wait until its model is loaded.

        Raises:
            ModelError: a model is missing or not the pinned one.
            SpeechError: a worker did not come up.
        """
        if self._tasks:
            return
        results = await asyncio.gather(*(worker.start() for worker in self._workers), return_exceptions=True)
        problems = [result for result in results if isinstance(result, BaseException)]
        if problems:
            await asyncio.gather(*(worker.stop() for worker in self._workers))
            raise problems[0]
        self._tasks = [
            asyncio.create_task(self._serve(worker), name=f"{self.spec.name}-{index}")
            for index, worker in enumerate(self._workers)
        ]

    async def close(self) -> None:
        """Fail what is queued and end the processes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        while self._jobs:
            _fail(heapq.heappop(self._jobs).answer, SpeechError(f"{self.spec.name} was shut down."))
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    @property
    def running(self) -> bool:
        """Whether :meth:`start` succeeded and :meth:`close` was not called."""
        return bool(self._tasks)

    @property
    def health(self) -> PoolHealth:
        """State for ``/readyz`` and metrics."""
        return PoolHealth(
            name=self.spec.name,
            ready=bool(self._tasks) and all(worker.pid is not None for worker in self._workers),
            processes=len(self._workers),
            pids=tuple(worker.pid for worker in self._workers if worker.pid is not None),
            queued=len(self._jobs),
            busy=self._busy,
            restarts=self._restarts,
            rss_mb=sum(worker.rss_mb for worker in self._workers if worker.pid is not None),
            loaded_ms=max(worker.loaded_ms for worker in self._workers),
        )

    async def call(self, header: wire.Header, payload: bytes = b"", *, slack_s: float = WAITED_FOR_S) -> wire.Message:
        """Have a worker answer. Cancelling the awaiting task takes a job out of the queue that has not begun.

        Raises:
            SpeechError: the worker failed, died or was too slow, or too much is queued.
        """
        if not self._tasks:
            raise SpeechError(f"{self.spec.name} is not running.")
        if len(self._jobs) >= self._max_queued:
            raise SpeechError(f"{self.spec.name} has {len(self._jobs)} jobs queued. Add workers or take fewer calls.")
        answer: asyncio.Future[wire.Message] = asyncio.get_running_loop().create_future()
        job = _Job(time.monotonic() + slack_s, next(self._numbers), (header, payload), answer)
        async with self._work:
            heapq.heappush(self._jobs, job)
            self._work.notify()
        try:
            return await answer
        finally:
            if answer.cancelled() and job in self._jobs:
                self._jobs.remove(job)
                heapq.heapify(self._jobs)

    async def _serve(self, worker: WorkerProcess) -> None:
        while True:
            async with self._work:
                await self._work.wait_for(lambda: bool(self._jobs))
                job = heapq.heappop(self._jobs)
            if job.answer.done():
                continue
            self._busy += 1
            try:
                await self._answer(worker, job)
            finally:
                self._busy -= 1

    async def _answer(self, worker: WorkerProcess, job: _Job) -> None:
        """Run one job on one worker; whatever happens, the job gets an answer and the worker is usable afterwards."""
        try:
            if worker.pid is None:
                await self._restart(worker)
            header, payload = await worker.ask(job.message, self._call_timeout_s)
        except (SpeechError, ModelError) as problem:
            _fail(job.answer, problem)
            if worker.pid is None and not isinstance(problem, ModelError):
                await self._revive(worker)
            return
        except asyncio.CancelledError:
            _fail(job.answer, SpeechError(f"{self.spec.name} was shut down."))
            raise
        if "failed" in header:
            _fail(job.answer, SpeechError(f"{self.spec.name}: {header['failed']}"))
        elif not job.answer.done():
            job.answer.set_result((header, payload))

    async def _revive(self, worker: WorkerProcess) -> None:
        """Start a dead worker at once, so that the next call does not wait; a failure shows when it is next asked."""
        try:
            await self._restart(worker)
        except (SpeechError, ModelError) as problem:
            _log.error("%s could not be restarted: %s", self.spec.name, problem)

    async def _restart(self, worker: WorkerProcess) -> None:
        self._restarts += 1
        _log.warning("%s: a worker ended, starting another (restart %d)", self.spec.name, self._restarts)
        await worker.start()


def cores() -> int:
    """Cores this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:
        return max(1, os.cpu_count() or 1)


def _fail(answer: asyncio.Future[wire.Message], problem: Exception) -> None:
    if not answer.done():
        answer.set_exception(problem)
