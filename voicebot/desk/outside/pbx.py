"""A queue of the company's own telephone system: the call is transferred there, the packet goes by reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voicebot.domain import (
    CallbackBooked,
    CallbackWish,
    Channel,
    DeskAnswer,
    DeskReply,
    HandoffId,
    HandoffRequest,
    Language,
    QueueId,
)
from voicebot.errors import BackendError


class PbxQueueRemote:
    """A :class:`~voicebot.desk.outside.desk.Remote` that answers with the address to transfer to.

    ``queues`` maps a skill to a SIP address; ``default`` takes the rest. The contact's id travels in the header
    ``X-Handoff-Id``: the PBX's screen pop fetches ``GET /api/handoffs/{id}`` with an API token.
    """

    def __init__(self, default: str, queues: Mapping[str, str] | None = None) -> None:
        self._default, self._queues = default, dict(queues or {})

    async def submit(self, wish: HandoffRequest, packet: Mapping[str, Any]) -> DeskReply:
        """Calls are transferred; whoever writes is recorded for a follow-up."""
        if wish.channel is not Channel.VOICE:
            return DeskReply(DeskAnswer.RECORDED)
        address = next((self._queues[skill] for skill in wish.skills if skill in self._queues), self._default)
        return DeskReply(DeskAnswer.ELSEWHERE, queue=QueueId(address))

    async def withdraw(self, contact: HandoffId, why: str) -> None:
        """Whoever hangs up leaves the PBX's queue by that."""

    async def say(self, contact: HandoffId, id: str, text: str, language: Language) -> None:
        """A transferred call is not ours any more."""
        raise BackendError("A call that was transferred to the telephone system takes no messages.")

    async def call_back(self, wish: CallbackWish) -> CallbackBooked:
        """A PBX queue books nothing."""
        raise BackendError("The telephone system's queue books no callbacks.")
