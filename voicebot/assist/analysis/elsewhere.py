"""Reading talks in a process of its own, at low priority: the process that carries calls does none of the work."""

from __future__ import annotations

import asyncio
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context

from voicebot.assist.analysis.reading import Company, Period, Reader, Reading
from voicebot.beside import end_with_the_server
from voicebot.store import SqlStore

_NICE = 10


async def read_elsewhere(url: str, company: Company, period: Period, now: datetime) -> Reading:
    """As :meth:`Reader.read` on the store at ``url``. Raises StoreError."""
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with_the_server, initargs=(_NICE,))
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, _read, url, company, period, now)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read(url: str, company: Company, period: Period, now: datetime) -> Reading:
    async def reading() -> Reading:
        store = await SqlStore.open(url, str)
        try:
            return await Reader(store).read(company, period, now)
        finally:
            await store.close()

    return asyncio.run(reading())
