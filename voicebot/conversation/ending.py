"""The tasks that stand beside a call end with it."""

from __future__ import annotations

import asyncio


async def all_over(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel what still runs and wait until it has ended."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
