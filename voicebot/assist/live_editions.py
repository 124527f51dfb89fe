"""The versions of companies' cards and scripts that live conversations use, each made ready once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from voicebot.assist.live_session import Edition
from voicebot.assist.matching import matcher
from voicebot.assist.model import CardSet
from voicebot.assist.scripts import Guide
from voicebot.domain import Json, Recorded, TenantId
from voicebot.errors import NotFound, VoicebotError

_log = logging.getLogger(__name__)
_KEPT = 6


class Versions(Protocol):
    """Versions that were edited, as the store keeps them."""

    async def body(self, tenant: TenantId, version: str) -> Json:
        """What a version holds. Raises NotFound."""
        ...

    async def live(self, tenant: TenantId) -> str | None:
        """The version that counts now; None: the files."""
        ...

    async def cards_told(self, tenant: TenantId, since: datetime) -> Sequence[Recorded]:
        """Cards shown and ended, and intents."""
        ...


class Editions:
    """``files`` and ``guides``: cards and scripts of each company's files.

    ``read`` makes cards of a version's body and ``read_guide`` scripts (None: the body holds none), or they raise. A
    version is found by the name its cards have and by that of its scripts; only those of the files differ.
    """

    def __init__(
        self,
        files: Mapping[TenantId, CardSet],
        versions: Versions,
        read: Callable[[TenantId, Json], CardSet],
        guides: Mapping[TenantId, Guide] = MappingProxyType({}),
        read_guide: Callable[[TenantId, Json], Guide | None] | None = None,
    ) -> None:
        self._files, self._versions, self._read = files, versions, read
        self._guides, self._read_guide = guides, read_guide
        self._ready: dict[tuple[TenantId, str], Edition] = {}
        self._making = asyncio.Lock()

    @property
    def tenants(self) -> tuple[TenantId, ...]:
        """The companies that have cards."""
        return tuple(self._files)

    async def current(self, tenant: TenantId) -> Edition:
        """What a conversation that begins now uses. A published version that cannot be read yields to the files.

        Raises:
            NotFound: the company has no cards.
        """
        version = await self._versions.live(tenant)
        if version is not None:
            try:
                return await self.edition(tenant, version)
            except VoicebotError as error:
                _log.error("cards of %s, version %s, cannot be used: %s", tenant, version, type(error).__name__)
        return await self.edition(tenant, "")

    async def edition(self, tenant: TenantId, version: str) -> Edition:
        """One version; an empty name is that of the files.

        Raises:
            NotFound: there is no such version.
            ContentErrors: it does not fit the company's flows any more.
        """
        files = self._files.get(tenant)
        if files is None:
            raise NotFound("This company has no cards.")
        guide = self._guides.get(tenant)
        of_files = version in ("", files.version) or (guide is not None and version == guide.scripts.version)
        name = files.version if of_files else version
        async with self._making:
            ready = self._ready.get((tenant, name))
            if ready is None:
                cards, steps = (files, guide) if of_files else await self._stored(tenant, name)
                ready = Edition(cards, await asyncio.to_thread(matcher, cards), steps)
                self._ready[tenant, name] = ready
                while len(self._ready) > _KEPT * max(1, len(self._files)):
                    del self._ready[next(iter(self._ready))]
        return ready

    async def _stored(self, tenant: TenantId, version: str) -> tuple[CardSet, Guide | None]:
        body = await self._versions.body(tenant, version)
        cards = await asyncio.to_thread(self._read, tenant, body)
        guide = None if self._read_guide is None else await asyncio.to_thread(self._read_guide, tenant, body)
        return cards, guide if guide is not None else self._guides.get(tenant)
