"""The learnt heads of each version of the cards: read from disk, or learnt beside the talk in a process of its own.

Until they are there, cards are called for by phrases and intents alone. What is learnt later from changed lines takes
their place while people talk.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from voicebot.assist.fitting import file_of, fit_politely, load, may_write
from voicebot.assist.learnt_files import ReadLines, Stamp, newest, stamp, stamps
from voicebot.assist.lines import Lines
from voicebot.assist.matching.learnt import Learnt
from voicebot.assist.matching.meaning import Embedding
from voicebot.assist.model import CardSet
from voicebot.beside import end_with_the_server
from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.errors import VoicebotError

_log = logging.getLogger(__name__)
_AGAIN_S = 30.0
_LOOK_S = 10.0
"""How often the folders are looked at: two listings of a handful of files a company."""
_MENDED_S = 300.0
"""How often what was wrong is tried again though no file changed: the lines may have been mended."""
_Key = tuple[TenantId, str]
_Of = TypeVar("_Of")


@dataclass(frozen=True, slots=True)
class _Taken:
    """Heads in use: the file they are from, and what the folders held when it was chosen."""

    cards: CardSet
    learnt: Learnt
    file: Stamp
    folders: frozenset[Stamp]


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
        self._ready: dict[_Key, _Taken] = {}
        self._wrong: dict[_Key, str] = {}
        self._asked: dict[TenantId, _Key] = {}
        self._preparing: dict[_Key, asyncio.Task[None]] = {}
        self._not_before_s: dict[_Key, float] = {}
        self._one_at_a_time = asyncio.Lock()

    def of(self, cards: CardSet) -> Learnt | None:
        """The heads of a version if they are ready; otherwise they are begun."""
        key = self._asked[cards.tenant] = (cards.tenant, cards.version)
        due = self._clock.monotonic() >= self._not_before_s.get(key, 0.0)
        if key not in self._ready and key not in self._preparing and due:
            self._preparing[key] = asyncio.create_task(self._prepare(key, cards), name="assist learns cards")
        taken = self._ready.get(key)
        return None if taken is None else taken.learnt

    @property
    def notes(self) -> tuple[str, ...]:
        """What an operator should know, for anybody who may ask: lines that are not in use.

        Of the versions that have learnt nothing, the one that was asked for last counts: others may be gone for good.
        """
        stay = dict.fromkeys(key[0] for key in self._wrong if key in self._ready)
        alone = [tenant for tenant, key in self._asked.items() if key in self._wrong and key not in self._ready]
        return (
            *(f"the cards of {tenant} stay as they were learnt before; the log says why" for tenant in stay),
            *(f"the cards of {tenant} are matched by phrases alone; the log says why" for tenant in alone),
        )

    async def watch(self) -> None:
        """Take over what is learnt while people talk, until cancelled; what cannot be used changes nothing."""
        while True:
            await self._clock.sleep(_LOOK_S)
            for key, taken in tuple(self._ready.items()):
                there = await asyncio.to_thread(stamps, self._folders, key[0])
                mended = key in self._wrong and self._clock.monotonic() >= self._not_before_s[key]
                if there != taken.folders or mended:
                    await self._take_over(key, taken, there)

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

    @property
    def _folders(self) -> tuple[Path, Path]:
        return self._shipped, self._own

    async def _take_over(self, key: _Key, taken: _Taken, there: frozenset[Stamp]) -> None:
        """Beside the talk up to the moment when new heads take the place of the old ones."""
        cards, learnt, file, wrong = taken.cards, taken.learnt, taken.file, ""
        try:
            learn_into = None if key in self._versions else self._own
            async with self._one_at_a_time:
                found = await _in_its_own_process(
                    newest, self._lines, cards, self._folders, learn_into, self._cache_file
                )
            wrong = found.wrong
            if found.file is not None and (newer := await asyncio.to_thread(stamp, found.file)) != file:
                learnt, file = Learnt(await asyncio.to_thread(load, found.file), self._embedding), newer
                _log.info("the cards of %s were learnt anew and are in use", cards.tenant)
        except (VoicebotError, OSError, BrokenProcessPool) as error:
            wrong = str(error) or type(error).__name__
        if wrong and self._wrong.get(key) != wrong:
            _log.warning("what the cards of %s learnt anew cannot be used, the earlier stays: %s", cards.tenant, wrong)
        if wrong:
            self._wrong[key], self._not_before_s[key] = wrong, self._clock.monotonic() + _MENDED_S
        else:
            self._wrong.pop(key, None)
        self._ready[key] = _Taken(cards, learnt, file, there)

    async def _prepare(self, key: _Key, cards: CardSet) -> None:
        try:
            there = await asyncio.to_thread(stamps, self._folders, cards.tenant)
            lines = await asyncio.to_thread(self._lines, cards)
            file = await asyncio.to_thread(self._file, cards, lines)
            if not file.is_file():
                async with self._one_at_a_time:
                    _log.info("the cards of %s are being learnt; until then phrases alone call for them", cards.tenant)
                    await _in_its_own_process(fit_politely, cards, lines, file, self._cache_file)
                    _log.info("the cards of %s are learnt", cards.tenant)
            learnt = Learnt(await asyncio.to_thread(load, file), self._embedding)
            self._ready[key] = _Taken(cards, learnt, await asyncio.to_thread(stamp, file), there)
            self._wrong.pop(key, None)
            if lines.left_out:
                told = ", ".join(lines.left_out)
                _log.warning("this version of the cards of %s has no card for the lines in %s", cards.tenant, told)
        except (VoicebotError, OSError, BrokenProcessPool) as error:
            wrong = str(error) or type(error).__name__
            if self._wrong.get(key) != wrong:
                _log.warning("the cards of %s are matched by phrases alone for now: %s", cards.tenant, wrong)
            self._wrong[key] = wrong
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


async def _in_its_own_process(work: Callable[..., _Of], *given: object) -> _Of:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=context, initializer=end_with_the_server)
    try:
        learning = asyncio.get_running_loop().run_in_executor(pool, partial(work, *given))
        processes = list((pool._processes or {}).values())
        try:
            return await learning
        except asyncio.CancelledError:
            for process in processes:
                process.kill()
            raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


__all__ = ["CardHeads", "ReadLines"]
