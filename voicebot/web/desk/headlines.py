"""Headlines of the contacts on a floor: each is read from its packet once, a few at a time, and kept while open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from voicebot.desk.model import Contact
from voicebot.domain import HandoffId, Language, TenantId
from voicebot.errors import VoicebotError
from voicebot.web.desk.ports import DeskPorts
from voicebot.web.desk.showing import headline_view
from voicebot.web.desk.views import HeadlineView

_log = logging.getLogger(__name__)
AT_ONCE = 8
"""Packets that are read for one look at the floor; the page looks again, and then come the next ones."""
_PACKET_S = 0.7


class Headlines:
    """One per process."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._kept: dict[tuple[TenantId, Language], dict[HandoffId, HeadlineView]] = {}

    async def of(
        self, tenant: TenantId, contacts: Sequence[Contact], language: Language
    ) -> Mapping[HandoffId, HeadlineView]:
        """Those that are known by now; the oldest contacts are read first."""
        here = {contact.id for contact in contacts}
        before = self._kept.get((tenant, language), {})
        kept = {id: headline for id, headline in before.items() if id in here}
        self._kept[tenant, language] = kept
        missing = sorted((one for one in contacts if one.id not in kept), key=lambda one: (one.enqueued_at, one.id))
        for headline in await asyncio.gather(*(self._read(one, language) for one in missing[:AT_ONCE])):
            kept |= headline
        return kept

    async def _read(self, contact: Contact, language: Language) -> Mapping[HandoffId, HeadlineView]:
        try:
            async with asyncio.timeout(_PACKET_S):
                return {contact.id: headline_view(await self._ports.packets.packet(contact, language))}
        except (VoicebotError, TimeoutError, KeyError, ValueError) as error:
            _log.debug("contact %s is shown without its headline: %s", contact.id, type(error).__name__)
            return {}
