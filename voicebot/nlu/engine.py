"""Understanding for the running server: one worker process, models swapped without dropping a conversation.

A conversation keeps the model it began with: it calls :meth:`UnderstandingService.pin` once, hands the id to every
:meth:`~UnderstandingService.understand` and gives it back with :meth:`~UnderstandingService.unpin`; a model that is no
longer live and no longer pinned is unloaded. If the worker dies, the call in flight fails with
:class:`UnderstandingError` and the next one finds a fresh worker.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from voicebot.domain import Expectation, Language, Source, TenantId, Understanding
from voicebot.errors import ModelError, UnderstandingError
from voicebot.nlu import releases, worker
from voicebot.nlu.encoders import Float32
from voicebot.nlu.text import detect_language
from voicebot.nlu.worker import Company, Question

_EMBEDDED_AT_ONCE = 3
"""Texts in one go: some 40 ms, which a caller's words may have to wait."""

P = ParamSpec("P")
T = TypeVar("T")


class UnderstandingService:
    """Understanding as conversations use it.

    ``models``: folder of released models; ``safety``: the safety screen's file; ``today``: the date at the company's
    place; ``deadline_s``: a call that takes longer counts as a hung worker, which is replaced.
    """

    def __init__(
        self,
        *,
        models: Path,
        companies: Sequence[Company],
        safety: Path,
        today: Callable[[TenantId], date],
        threads: int = 1,
        deadline_s: float = 10.0,
    ) -> None:
        self._models, self._safety, self._today = models, safety, today
        self._companies = {company.tenant: company for company in companies}
        self._threads, self._deadline_s = threads, deadline_s
        self._folders: dict[tuple[TenantId, str], Path] = {}
        self._live: dict[TenantId, str] = {}
        self._previous: dict[TenantId, str] = {}
        self._pins: Counter[tuple[TenantId, str]] = Counter()
        self._pool: ProcessPoolExecutor | None = None
        self.memory_bytes = 0
        self.restarts = 0

    async def start(self) -> None:
        """Spawn the worker and load every company's live model.

        Raises:
            ModelError: a company has no live model, or it cannot be used.
        """
        for tenant in self._companies:
            live = releases.current(self._models, tenant)
            if live is None:
                raise ModelError(f"{tenant} has no live model under {self._models}. Run 'voicebot train'.")
            self._folders[tenant, live] = releases.folder_of(self._models, tenant, live)
            self._live[tenant] = live
            before = releases.previous(self._models, tenant)
            if before is not None:
                self._previous[tenant] = before
        self._pool = self._spawn()
        self.memory_bytes = await self._call(120.0, worker.warm, self._needed())

    async def close(self) -> None:
        """Stop the worker."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    @property
    def ready(self) -> bool:
        """True between :meth:`start` and :meth:`close`."""
        return self._pool is not None

    def live(self, tenant: TenantId) -> str:
        """Id of the model new conversations get.

        Raises:
            UnderstandingError: nobody serves this tenant.
        """
        try:
            return self._live[tenant]
        except KeyError:
            raise UnderstandingError(f"No model is loaded for the company {tenant!r}.") from None

    def pin(self, tenant: TenantId) -> str:
        """Keep the live model for a conversation that begins; returns its id."""
        model = self.live(tenant)
        self._pins[tenant, model] += 1
        return model

    def unpin(self, tenant: TenantId, model: str) -> None:
        """A conversation is over; unloads its model if nobody needs it any more."""
        key = (tenant, model)
        self._pins[key] -= 1
        if self._pins[key] <= 0:
            del self._pins[key]
            self._unload_idle()

    def pinned(self, tenant: TenantId) -> dict[str, int]:
        """Conversations by the model they keep."""
        return {model: count for (owner, model), count in self._pins.items() if owner == tenant}

    async def swap(self, tenant: TenantId, folder: Path) -> str:
        """Make the model in ``folder`` live once it is loaded; until then, and if it cannot be, the old one stays.

        Returns the new model's id.

        Raises:
            ModelError: the model cannot be used; nothing has changed.
        """
        old, new = self.live(tenant), folder.name
        await self._call(60.0, worker.warm, [folder])
        self._folders[tenant, new] = folder
        if new != old:
            self._live[tenant], self._previous[tenant] = new, old
        if folder.parent == self._models / tenant:
            releases.release(self._models, tenant, new)
        self._unload_idle()
        return new

    async def rollback(self, tenant: TenantId) -> str:
        """Make the model live that was live before; returns its id.

        Raises:
            ModelError: there was none.
        """
        before = self._previous.get(tenant)
        if before is None:
            raise ModelError(f"{tenant} has no earlier model to go back to.")
        folder = self._folders.get((tenant, before)) or releases.folder_of(self._models, tenant, before)
        return await self.swap(tenant, folder)

    async def refresh(self) -> dict[TenantId, str]:
        """Take over what ``current`` on disk names now (trained or rolled back elsewhere); returns what changed."""
        changed: dict[TenantId, str] = {}
        for tenant, live in list(self._live.items()):
            named = await asyncio.to_thread(releases.current, self._models, tenant)
            if named is not None and named != live:
                changed[tenant] = await self.swap(tenant, releases.folder_of(self._models, tenant, named))
        return changed

    async def understand(
        self,
        text: str,
        *,
        tenant: TenantId,
        language: Language,
        expects: Expectation,
        source: Source = Source.TEXT,
        alternatives: tuple[str, ...] = (),
        model: str | None = None,
    ) -> Understanding:
        """Interpret one utterance.

        Raises:
            UnderstandingError: a fault of ours; the utterance is lost, the next one will be served.
        """
        live = self.live(tenant)
        folder = self._folder(tenant, model or live) or self._folders[tenant, live]
        company = self._companies[tenant]
        asked = Question(text, company, folder, language, expects, source, alternatives, self._today(tenant))
        try:
            return await self._call(self._deadline_s, worker.understand, asked)
        except ModelError as error:
            raise UnderstandingError(str(error)) from error

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        """Vectors of texts, one (n, dim) array per encoder, rows in the order of ``texts``.

        Words that were just understood cost nothing again. Long lists go in small parts, so that conversations are
        answered in between. ``cache_file``: where vectors of texts that do not change are kept on disk.

        Raises:
            UnderstandingError: a fault of ours.
        """
        parts: list[list[Float32]] = []
        for start in range(0, max(len(texts), 1), _EMBEDDED_AT_ONCE):
            some = tuple(texts[start : start + _EMBEDDED_AT_ONCE])
            try:
                parts.append(await self._call(self._deadline_s, worker.embed, some, cache_file))
            except ModelError as error:
                raise UnderstandingError(str(error)) from error
        return [np.concatenate(rows) for rows in zip(*parts, strict=True)]

    async def detect_language(self, text: str, candidates: Sequence[Language]) -> Language | None:
        """By script alone, so it needs no worker; romanised Japanese is left to the intent ``switch_language``."""
        return detect_language(text, candidates)

    def _folder(self, tenant: TenantId, model: str) -> Path | None:
        """Folder of a model, also of one a restarted server no longer holds; None when it is gone."""
        known = self._folders.get((tenant, model))
        if known is None:
            try:
                known = self._folders[tenant, model] = releases.folder_of(self._models, tenant, model)
            except ModelError:
                return None
        return known

    def _needed(self) -> list[Path]:
        keys = {*self._live.items(), *self._pins}
        return sorted(self._folders[key] for key in keys if key in self._folders)

    def _unload_idle(self) -> None:
        if self._pool is not None:
            try:
                self._pool.submit(worker.keep, self._needed())
            except BrokenProcessPool:
                self._replace(self._pool)

    def _spawn(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=worker.begin,
            initargs=(self._safety, self._threads),
        )

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        """A fresh worker in place of this one, loading its models at once; only the first to notice does it."""
        if self._pool is broken:
            for process in list((broken._processes or {}).values()):
                process.kill()
            broken.shutdown(wait=False, cancel_futures=True)
            self._pool = self._spawn()
            self._pool.submit(worker.warm, self._needed())
            self.restarts += 1

    async def _call(self, deadline_s: float, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in (1, 2):
            pool = self._pool
            if pool is None:
                raise UnderstandingError("Understanding has not been started.")
            try:
                future: Future[T] = pool.submit(job, *args, **kwargs)
            except BrokenProcessPool:
                self._replace(pool)
                if attempt == 1:
                    continue
                raise UnderstandingError("The understanding worker cannot be started.") from None
            try:
                return await asyncio.wait_for(asyncio.wrap_future(future), deadline_s)
            except BrokenProcessPool:
                self._replace(pool)
                raise UnderstandingError("The understanding worker died; a new one is starting.") from None
            except TimeoutError:
                self._replace(pool)
                raise UnderstandingError(f"The understanding worker hung ({deadline_s:g} s); replaced.") from None
        raise UnderstandingError("The understanding worker cannot be started.")
