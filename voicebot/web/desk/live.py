"""Live calls as the console asks for them: who is on one, and the lines that come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from voicebot.channels.line import CallDetails, VoiceLine
from voicebot.domain import AgentId, ConversationId
from voicebot.web.desk.views import PartyRole


class Seat(Protocol):
    """Somebody on a call."""

    @property
    def agent(self) -> AgentId:
        """Who."""
        ...

    @property
    def name(self) -> str:
        """Shown."""
        ...

    @property
    def role(self) -> PartyRole:
        """What they may hear and say."""
        ...

    @property
    def muted(self) -> bool:
        """Whether they are muted."""
        ...


class CallControl(Protocol):
    """One live call of this process."""

    async def join(self, agent: AgentId, name: str, line: VoiceLine, role: PartyRole) -> None:
        """Bring a line in; returns when sound flows."""
        ...

    async def leave(self, agent: AgentId, reason: str = "") -> None:
        """Take a party out."""
        ...

    async def hold(self, on: bool) -> None:
        """Music for the customer."""
        ...

    async def mute(self, agent: AgentId, on: bool) -> None:
        """Silence a party."""
        ...

    async def role(self, agent: AgentId, role: PartyRole) -> None:
        """Change what a party hears and says."""
        ...

    async def hang_up(self) -> None:
        """End the customer's call."""
        ...

    async def refer(self, uri: str, headers: Mapping[str, str]) -> None:
        """Send the customer's leg elsewhere."""
        ...

    def parties(self) -> Sequence[Seat]:
        """Who is on it."""
        ...


class LiveCalls(Protocol):
    """The calls of this process."""

    def find(self, conversation: ConversationId) -> CallControl | None:
        """The call, if it is here."""
        ...


class Headset(Protocol):
    """Browsers as telephones."""

    async def answer(self, sdp: str, details: CallDetails) -> tuple[VoiceLine, str]:
        """A line for this offer, and the answer to send back."""
        ...


class Dialler(Protocol):
    """SIP phones."""

    async def dial(self, uri: str, headers: Mapping[str, str], timeout_s: float) -> VoiceLine:
        """Ring it. Raises ChannelError when nobody answers."""
        ...
