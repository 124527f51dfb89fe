"""What companies know, ready to be searched: embedded when somebody first asks, beside the talk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from voicebot.assist.knowledge import Embedding, Found, Knowledge, asks
from voicebot.assist.knowledge_files import Passage
from voicebot.domain import Language, TenantId
from voicebot.errors import NotFound, UnderstandingError
from voicebot.web.assist.ports import KnowledgeEntry

_log = logging.getLogger(__name__)


class Shelves:
    """A :class:`voicebot.web.assist.ports.Knowledge`. ``cache_file``: where vectors of passages are kept."""

    def __init__(
        self, passages: Mapping[TenantId, Sequence[Passage]], embedding: Embedding, cache_file: Path | None = None
    ) -> None:
        self._passages, self._embedding, self._cache_file = passages, embedding, cache_file
        self._ready: dict[TenantId, Knowledge] = {}
        self._preparing: dict[TenantId, asyncio.Task[Knowledge]] = {}

    def begin(self, tenant: TenantId) -> None:
        """See :meth:`voicebot.assist.live_knowledge.Answering.begin`."""
        if tenant not in self._ready:
            self._begun(tenant)

    async def search(self, tenant: TenantId, text: str, language: Language, limit: int = 5) -> Sequence[KnowledgeEntry]:
        """What the agent looks for; the first search waits for the passages. Raises UnderstandingError."""
        ready = await self._of(tenant)
        return [_entry(one, language) for one in await ready.search(text, language, limit)]

    async def unasked(self, tenant: TenantId, text: str, language: Language) -> Sequence[KnowledgeEntry]:
        """What answers a question of the customer; nothing for anything else. The first waits for the passages.

        Raises:
            UnderstandingError: the encoder failed.
        """
        if not asks(text, language):
            return ()
        ready = await self._of(tenant)
        return [_entry(one, language) for one in await ready.unasked(text, language)]

    async def entry(self, tenant: TenantId, entry: str, language: Language) -> KnowledgeEntry:
        """One entry. Raises NotFound."""
        for one in self._passages.get(tenant, ()):
            if one.entry == entry and one.language == language:
                return KnowledgeEntry(one.entry, one.title, one.text, one.source, language)
        raise NotFound(f"There is no knowledge {entry!r} in this language.")

    async def close(self) -> None:
        """Stop preparing."""
        for task in (tasks := tuple(self._preparing.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _of(self, tenant: TenantId) -> Knowledge:
        """Ready ones; whoever gives up waiting does not stop the work."""
        ready = self._ready.get(tenant)
        return ready if ready is not None else await asyncio.shield(self._begun(tenant))

    def _begun(self, tenant: TenantId) -> asyncio.Task[Knowledge]:
        """The work of getting ready, begun if it is not; a later call tries again what failed."""
        task = self._preparing.get(tenant)
        if task is None:
            task = asyncio.create_task(self._prepare(tenant), name="passages are embedded")
            task.add_done_callback(_told)
            self._preparing[tenant] = task
        return task

    async def _prepare(self, tenant: TenantId) -> Knowledge:
        try:
            passages = self._passages.get(tenant, ())
            self._ready[tenant] = await Knowledge.prepared(passages, self._embedding, self._cache_file)
            return self._ready[tenant]
        finally:
            self._preparing.pop(tenant, None)


def _told(task: asyncio.Task[Knowledge]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        if not isinstance(error, UnderstandingError):
            raise error
        _log.warning("passages could not be embedded: %s", type(error).__name__)


def _entry(found: Found, language: Language) -> KnowledgeEntry:
    return KnowledgeEntry(found.entry, found.title, found.text, found.source, language, found.score)
