"""Ends: the tasks that stand beside a call end with it, and what has to come to an end does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def all_over(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel what still runs and wait until it has ended."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def outlasting(work: Coroutine[Any, Any, _Result]) -> tuple[_Result, bool]:
    """Run work to its end although the waiting task is cancelled meanwhile; whether it was is told, not raised.

    The work bounds itself: nothing here does.
    """
    running, cancelled = asyncio.create_task(work), False
    while not running.done():
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            cancelled = True
    return running.result(), cancelled


async def to_its_end(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run work to its end; a cancellation takes effect only then."""
    result, cancelled = await outlasting(work)
    if cancelled:
        raise asyncio.CancelledError
    return result
