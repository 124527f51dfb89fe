from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from voicebot.errors import ModelError, SpeechError
from voicebot.speech.pool import AHEAD_S, PARTIAL_S, SPECULATIVE_S, WAITED_FOR_S, WorkerPool
from voicebot.speech.process import WorkerSpec


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def pool_of(name: str, **options: float) -> WorkerPool:
    return WorkerPool(WorkerSpec(name="test", factory=f"engines:{name}"), **options)  # type: ignore[arg-type]


@pytest.fixture
async def pool(factory: None) -> AsyncIterator[WorkerPool]:
    made = pool_of("echo")
    await made.start()
    yield made
    await made.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until the condition holds; the suite's time limit is the only clock."""
    for _ in iter(condition, True):
        await asyncio.sleep(0)


class Gate:
    """A named pipe that holds a worker until it is opened: waiting without a clock."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        os.mkfifo(self.path)

    async def block(self, pool: WorkerPool) -> asyncio.Task[object]:
        task: asyncio.Task[object] = asyncio.create_task(
            pool.call({"do": "wait", "fifo": str(self.path), "tag": "blocker"})  # type: ignore[arg-type]
        )
        while not task.done():
            await asyncio.sleep(0)
            if pool.health.queued == 0 and pool.health.busy == 1:
                break
        return task

    async def open(self) -> None:
        await asyncio.to_thread(self.path.write_bytes, b"go")


async def test_bytes_come_back_and_memory_is_reported(pool: WorkerPool) -> None:
    header, payload = await pool.call({"tag": "a"}, b"\x00\x01" * 40000)
    assert payload == b"\x00\x01" * 40000
    assert header["served"] == ["a"]
    health = pool.health
    assert health.ready
    assert health.rss_mb > 5
    assert len(health.pids) == 1


async def test_what_a_library_prints_does_not_break_the_protocol(pool: WorkerPool) -> None:
    header, _ = await pool.call({"do": "print", "tag": "a"})
    assert header["served"] == ["a"]


async def test_those_who_wait_go_first(pool: WorkerPool, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    blocker = await gate.block(pool)
    calls = [
        asyncio.create_task(pool.call({"tag": tag}, slack_s=slack))
        for tag, slack in (
            ("ahead", AHEAD_S),
            ("partial", PARTIAL_S),
            ("speculative", SPECULATIVE_S),
            ("final", WAITED_FOR_S),
        )
    ]
    await until(lambda: pool.health.queued >= len(calls))
    await gate.open()
    results = await asyncio.gather(blocker, *calls)
    order = max((header["served"] for header, _ in results), key=len)  # type: ignore[misc]
    assert order == ["blocker", "final", "speculative", "partial", "ahead"]


async def test_cancelled_work_that_had_not_begun_is_never_done(pool: WorkerPool, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    blocker = await gate.block(pool)
    unwanted = asyncio.create_task(pool.call({"tag": "unwanted"}))
    await until(lambda: pool.health.queued >= 1)
    unwanted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unwanted
    assert pool.health.queued == 0
    await gate.open()
    await blocker
    header, _ = await pool.call({"tag": "after"})
    assert header["served"] == ["blocker", "after"]


async def test_a_killed_worker_costs_one_call(pool: WorkerPool, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    blocker = await gate.block(pool)
    os.kill(pool.health.pids[0], signal.SIGKILL)
    with pytest.raises(SpeechError, match="died"):
        await blocker
    header, _ = await pool.call({"tag": "next"})
    assert header["served"] == ["next"]
    assert pool.health.restarts == 1


async def test_a_worker_that_died_idle_is_replaced_before_it_is_needed_again(pool: WorkerPool) -> None:
    with pytest.raises(SpeechError):
        await pool.call({"do": "die"})
    header, _ = await pool.call({"tag": "next"})
    assert header["served"] == ["next"]


async def test_a_hanging_worker_is_ended(factory: None, tmp_path: Path) -> None:
    pool = pool_of("echo", call_timeout_s=0.5)
    await pool.start()
    try:
        first = pool.health.pids
        gate = Gate(tmp_path)
        with pytest.raises(SpeechError, match=r"no answer within 0\.5 s"):
            await pool.call({"do": "wait", "fifo": str(gate.path)})
        header, _ = await pool.call({"tag": "next"})
        assert header["served"] == ["next"]
        assert pool.health.pids != first
    finally:
        await pool.close()


async def test_an_exception_of_the_engine_names_its_kind_but_not_its_words(pool: WorkerPool) -> None:
    with pytest.raises(SpeechError) as problem:
        await pool.call({"do": "fail", "secret": "customer words"})
    assert "ValueError" in str(problem.value)
    assert "customer words" not in str(problem.value)
    assert (await pool.call({"tag": "next"}))[0]["served"] == ["next"]


async def test_a_missing_model_stops_the_start(factory: None) -> None:
    pool = pool_of("missing")
    with pytest.raises(ModelError, match="Put it there"):
        await pool.start()
    assert not pool.running


async def test_a_worker_that_cannot_start_says_so(factory: None) -> None:
    with pytest.raises(SpeechError, match="died"):
        await pool_of("dying").start()


async def test_closing_answers_what_is_queued(pool: WorkerPool, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    blocker = await gate.block(pool)
    queued = asyncio.create_task(pool.call({"tag": "late"}))
    await until(lambda: pool.health.queued >= 1)
    os.kill(pool.health.pids[0], signal.SIGKILL)
    await pool.close()
    results = await asyncio.gather(blocker, queued, return_exceptions=True)
    assert all(isinstance(result, SpeechError) for result in results)
    with pytest.raises(SpeechError, match="not running"):
        await pool.call({"tag": "x"})


async def test_the_queue_is_bounded(factory: None, tmp_path: Path) -> None:
    pool = pool_of("echo", max_queued=1)
    await pool.start()
    try:
        gate = Gate(tmp_path)
        blocker = await gate.block(pool)
        queued = asyncio.create_task(pool.call({"tag": "q"}))
        await until(lambda: pool.health.queued >= 1)
        with pytest.raises(SpeechError, match="1 jobs queued"):
            await pool.call({"tag": "too many"})
        await gate.open()
        await asyncio.gather(blocker, queued)
    finally:
        await pool.close()
