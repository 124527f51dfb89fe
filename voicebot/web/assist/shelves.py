"""What companies know, ready to be searched: embedded when somebody first asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from voicebot.assist.knowledge import Embedding, Found, Knowledge
from voicebot.assist.knowledge_files import Passage
from voicebot.domain import Language, TenantId
from voicebot.errors import NotFound
from voicebot.web.assist.ports import KnowledgeEntry


class Shelves:
    """A :class:`voicebot.web.assist.ports.Knowledge`. ``cache_file``: where vectors of passages are kept."""

    def __init__(
        self, passages: Mapping[TenantId, Sequence[Passage]], embedding: Embedding, cache_file: Path | None = None
    ) -> None:
        self._passages, self._embedding, self._cache_file = passages, embedding, cache_file
        self._ready: dict[TenantId, Knowledge] = {}
        self._lock = asyncio.Lock()

    async def search(self, tenant: TenantId, text: str, language: Language, limit: int = 5) -> Sequence[KnowledgeEntry]:
        """What the agent looks for. Raises UnderstandingError."""
        return [_entry(one, language) for one in await (await self._of(tenant)).search(text, language, limit)]

    async def unasked(self, tenant: TenantId, text: str, language: Language) -> Sequence[KnowledgeEntry]:
        """What answers a question of the customer; nothing for anything else. Raises UnderstandingError."""
        return [_entry(one, language) for one in await (await self._of(tenant)).unasked(text, language)]

    async def entry(self, tenant: TenantId, entry: str, language: Language) -> KnowledgeEntry:
        """One entry. Raises NotFound."""
        for one in self._passages.get(tenant, ()):
            if one.entry == entry and one.language == language:
                return KnowledgeEntry(one.entry, one.title, one.text, one.source, language)
        raise NotFound(f"There is no knowledge {entry!r} in this language.")

    async def _of(self, tenant: TenantId) -> Knowledge:
        async with self._lock:
            if tenant not in self._ready:
                passages = self._passages.get(tenant, ())
                self._ready[tenant] = await Knowledge.prepared(passages, self._embedding, self._cache_file)
            return self._ready[tenant]


def _entry(found: Found, language: Language) -> KnowledgeEntry:
    return KnowledgeEntry(found.entry, found.title, found.text, found.source, language, found.score)
