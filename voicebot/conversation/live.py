"""The calls this process holds, by conversation, and what people at the desk may do with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from voicebot.channels.line import VoiceLine
from voicebot.domain import AgentId, ConversationId
from voicebot.errors import NotFound
from voicebot.media import Role


@dataclass(frozen=True, slots=True)
class PartyView:
    """One person of the desk who is on a call. ``joined_ms`` counts from when the call was answered."""

    agent: AgentId
    name: str
    role: Role
    muted: bool
    joined_ms: int


class CallControl(Protocol):
    """One live call. Every method may raise ChannelError: the call is over, or the person is not on it."""

    @property
    def conversation(self) -> ConversationId:
        """Whose call it is."""
        ...

    @property
    def on_hold(self) -> bool:
        """The customer is on hold."""
        ...

    async def join(self, agent: AgentId, name: str, line: VoiceLine, role: Role) -> None:
        """Let a person in, on an answered line. The first lead takes the customer over from the bot."""
        ...

    async def leave(self, agent: AgentId, reason: str = "") -> None:
        """Let a person go and end their line."""
        ...

    async def hold(self, on: bool) -> None:
        """The customer hears music and is not heard; the people of the desk hear each other."""
        ...

    async def mute(self, agent: AgentId, on: bool) -> None:
        """Nobody hears this person."""
        ...

    async def role(self, agent: AgentId, role: Role) -> None:
        """Give a person another role."""
        ...

    async def pause(self, on: bool) -> None:
        """Neither record nor transcribe: the customer tells a secret, such as a card number."""
        ...

    async def hang_up(self) -> None:
        """End the customer's call."""
        ...

    async def refer(self, uri: str, headers: Mapping[str, str]) -> None:
        """Have the customer's telephone call ``uri`` instead of us; returns when that call was answered."""
        ...

    def parties(self) -> tuple[PartyView, ...]:
        """The people of the desk who are on the call, in the order they came."""
        ...


class LiveCalls:
    """Every call of this process that can be joined."""

    def __init__(self) -> None:
        self._calls: dict[ConversationId, CallControl] = {}

    def add(self, call: CallControl) -> None:
        """The call may be joined from now on."""
        self._calls[call.conversation] = call

    def remove(self, conversation: ConversationId) -> None:
        """The call is over; unknown ones are ignored."""
        self._calls.pop(conversation, None)

    def find(self, conversation: ConversationId) -> CallControl:
        """The call of a conversation.

        Raises:
            NotFound: this process holds no such call.
        """
        call = self._calls.get(conversation)
        if call is None:
            raise NotFound("There is no live call of this conversation here. It is over, or another server holds it.")
        return call

    def __contains__(self, conversation: object) -> bool:
        return conversation in self._calls

    def __len__(self) -> int:
        return len(self._calls)
