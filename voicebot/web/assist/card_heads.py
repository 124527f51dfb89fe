"""The learnt heads of each version of the cards: read from disk, or learnt beside the talk in a process of its own.

Until they are there, cards are called for by phrases and intents alone.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from voicebot.assist.fitting import file_of, fit_politely, load, may_write
from voicebot.assist.lines import Lines
from voicebot.assist.matching.learnt import Learnt
from voicebot.assist.matching.meaning import Embedding
from voicebot.assist.model import CardSet
from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.errors import VoicebotError

_log = logging.getLogger(__name__)
_AGAIN_S = 30.0

ReadLines = Callable[[CardSet], Lines]


class CardHeads:
    """See the module.

    ``shipped``: the folder ``models/assist``, for the versions in ``files``; ``own``: a folder for versions that were
    edited here; ``cache_file``: vectors of lines that were embedded before; ``lines``: reads what cards learn from.
    What could not be had is tried again half a minute later.
    """

    def __init__(
        self,
        embedding: Embedding,
        lines: ReadLines,
        files: Mapping[TenantId, CardSet],
        *,
        shipped: Path,
        own: Path,
        cache_file: Path,
        clock: Clock,
    ) -> None:
        self._embedding, self._lines, self._cache_file = embedding, lines, cache_file
        self._shipped, self._own, self._clock = shipped, own, clock
        self._versions = {(cards.tenant, cards.version) for cards in files.values()}
        self._ready: dict[tuple[TenantId, str], Learnt] = {}
        self._preparing: dict[tuple[TenantId, str], asyncio.Task[None]] = {}
        self._not_before_s: dict[tuple[TenantId, str], float] = {}
        self._one_at_a_time = asyncio.Lock()

    def of(self, cards: CardSet) -> Learnt | None:
        """The heads of a version if they are ready; otherwise they are begun."""
        key = (cards.tenant, cards.version)
        due = self._clock.monotonic() >= self._not_before_s.get(key, 0.0)
        if key not in self._ready and key not in self._preparing and due:
            self._preparing[key] = asyncio.create_task(self._prepare(key, cards), name="assist learns cards")
        return self._ready.get(key)

    async def ready(self, cards: CardSet) -> None:
        """Wait until the heads of a version are there, or could not be had."""
        self.of(cards)
        task = self._preparing.get((cards.tenant, cards.version))
        if task is not None:
            await asyncio.wait({task})

    async def close(self) -> None:
        """Stop learning."""
        for task in (tasks := tuple(self._preparing.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _prepare(self, key: tuple[TenantId, str], cards: CardSet) -> None:
        try:
            lines = await asyncio.to_thread(self._lines, cards)
            file = await asyncio.to_thread(self._file, cards, lines)
            if not file.is_file():
                async with self._one_at_a_time:
                    _log.info("the cards of %s are being learnt; until then phrases alone call for them", cards.tenant)
                    await _in_its_own_process(cards, lines, file, self._cache_file)
                    _log.info("the cards of %s are learnt", cards.tenant)
            self._ready[key] = Learnt(await asyncio.to_thread(load, file), self._embedding)
        except (VoicebotError, OSError, BrokenProcessPool) as error:
            _log.warning("the cards of %s are matched by phrases alone for now: %s", cards.tenant, error)
            self._not_before_s[key] = self._clock.monotonic() + _AGAIN_S
        finally:
            self._preparing.pop(key, None)

    def _file(self, cards: CardSet, lines: Lines) -> Path:
        """Where the heads are; where they are to be written if they are nowhere."""
        shipped, own = (file_of(folder, cards, lines) for folder in (self._shipped, self._own))
        if shipped.is_file() or own.is_file():
            return shipped if shipped.is_file() else own
        is_shipped = (cards.tenant, cards.version) in self._versions
        return shipped if is_shipped and may_write(shipped.parent) else own


async def _in_its_own_process(cards: CardSet, lines: Lines, file: Path, cache_file: Path) -> None:
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    try:
        learning = asyncio.get_running_loop().run_in_executor(pool, fit_politely, cards, lines, file, cache_file)
        processes = list((pool._processes or {}).values())
        try:
            await learning
        except asyncio.CancelledError:
            for process in processes:
                process.kill()
            raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


__all__ = ["CardHeads", "ReadLines"]
