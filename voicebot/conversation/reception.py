"""Which company and language a dialled number belongs to, and the calls that are going on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from voicebot.channels.line import VoiceLine
from voicebot.conversation.call import Call, VoiceServices
from voicebot.domain import Language, TenantId
from voicebot.errors import StoreError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Did:
    """A dialled number: whose it is, and the language it is answered in."""

    tenant: TenantId
    language: Language


class Reception:
    """Takes calls. A number that nobody has is refused; a call that cannot be logged is not answered."""

    def __init__(self, parts: VoiceServices, dids: Mapping[str, Did]) -> None:
        self._parts, self._dids = parts, dids

    async def take(self, line: VoiceLine) -> None:
        """Hold one call."""
        did = self._dids.get(line.called)
        if did is None:
            await line.hang_up("no such number")
            return
        try:
            await Call(self._parts, line, did.tenant, did.language).hold()
        except StoreError as error:
            _log.error("a call was not taken: %s", error)
            await line.hang_up("out of order")
