"""Signs that are not logged: who is typing, how far somebody has read, invitations and tabs that took over.

Announced through the store, so they reach every process; whoever does not listen now never learns of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from voicebot.clock import Clock
from voicebot.domain import AgentId, ConversationId
from voicebot.errors import StoreError
from voicebot.web.desk.ports import Log

_log = logging.getLogger(__name__)
_RETRY_S = 1.0


class _Sign(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TypingSign(_Sign):
    """Somebody writes, or stopped."""

    sign: Literal["typing"] = "typing"
    who: Literal["customer", "agent"]
    on: bool = True


class ReadSign(_Sign):
    """Somebody has seen everything up to ``seq``."""

    sign: Literal["read"] = "read"
    who: Literal["customer", "agent"]
    seq: int


class InviteSign(_Sign):
    """An agent is asked for advice."""

    sign: Literal["invite"] = "invite"
    contact: str
    by: str
    by_name: str
    note: str
    invite: str


class InviteOverSign(_Sign):
    """No advice is needed any more."""

    sign: Literal["invite_over"] = "invite_over"
    contact: str


class TakenOver(_Sign):
    """Another connection of the same agent, named ``by``, is the one that counts."""

    sign: Literal["taken_over"] = "taken_over"
    by: str


class Troubled(_Sign):
    """Something an agent began could not be finished; ``code`` has words on the page."""

    sign: Literal["troubled"] = "troubled"
    contact: str
    code: str
    message: str


Sign = TypingSign | ReadSign | InviteSign | InviteOverSign | TakenOver | Troubled
_SIGN: TypeAdapter[Sign] = TypeAdapter(Annotated[Sign, Field(discriminator="sign")])


class Signs:
    """Sends signs and listens for them."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log, self._clock = log, clock

    async def to_conversation(self, conversation: ConversationId, sign: TypingSign | ReadSign) -> None:
        """For whoever takes part in a conversation."""
        await self._send(f"typing.{conversation}", sign)

    async def to_agent(self, agent: AgentId, sign: InviteSign | InviteOverSign | TakenOver | Troubled) -> None:
        """For an agent's console, wherever it is connected."""
        await self._send(f"console.{agent}", sign)

    def in_conversation(self, conversation: ConversationId) -> AsyncGenerator[Sign, None]:
        """Signs in a conversation from now on."""
        return self._hear(f"typing.{conversation}")

    def of_agent(self, agent: AgentId) -> AsyncGenerator[Sign, None]:
        """Signs for an agent from now on."""
        return self._hear(f"console.{agent}")

    async def _send(self, topic: str, sign: Sign) -> None:
        try:
            await self._log.announce(topic, json.dumps(sign.model_dump(), ensure_ascii=False))
        except StoreError as error:
            _log.warning("a sign was lost: %s", type(error).__name__)

    async def _hear(self, topic: str) -> AsyncGenerator[Sign, None]:
        while True:
            try:
                async with aclosing(self._log.changes(topic)) as payloads:
                    async for payload in payloads:
                        if not payload:
                            continue  # notices may have been missed; signs are not kept, so there is nothing to do
                        try:
                            yield _SIGN.validate_json(payload)
                        except ValidationError:
                            _log.warning("a sign of another version was passed over")
            except StoreError as error:
                _log.warning("signs cannot be heard for a moment: %s", type(error).__name__)
            await self._clock.sleep(_RETRY_S)
