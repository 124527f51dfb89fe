"""Waiting for something another task or process does, when nothing tells that it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(holds: Callable[[], Awaitable[bool]], within_s: float = 30) -> None:
    """Return as soon as ``holds`` is true; TimeoutError when it never is."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - the other side has no event to wait for
            await asyncio.sleep(0.02)
