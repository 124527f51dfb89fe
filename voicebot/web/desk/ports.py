"""What the console's server side needs from the rest of the product; the composition root plugs the parts in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from prometheus_client import CollectorRegistry

from voicebot.clock import Clock
from voicebot.conversation.live import LiveCalls
from voicebot.desk.model import Contact, Medium
from voicebot.desk.packet import OFFER_PATIENCE_S
from voicebot.domain import (
    ConversationId,
    Event,
    Json,
    Language,
    QueueId,
    Recorded,
    TenantId,
)
from voicebot.people import SignedIn
from voicebot.web.desk.agent_desk import AgentDesk
from voicebot.web.desk.bodies import StaffingTable, StaffingWanted
from voicebot.web.desk.live import Dialler, Headset
from voicebot.web.ports import ConversationRow


class Log(Protocol):
    """The event log and its followers, as the store offers them."""

    async def conversation(self, conversation: ConversationId) -> ConversationRow:
        """One row. Raises NotFound."""
        ...

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Events after ``after_seq``, in order."""
        ...

    async def append(
        self,
        conversation: ConversationId,
        events: Sequence[Event],
        at: datetime,
        expected_seq: int | None = None,
        key: str | None = None,
    ) -> Sequence[Recorded]:
        """Write; a second time under the same ``key`` is a Conflict."""
        ...

    async def seq_of(self, conversation: ConversationId, key: str) -> int | None:
        """Where ``key`` was written."""
        ...

    def subscribe(self, conversation: ConversationId) -> AsyncGenerator[Recorded, None]:
        """From now on; a reader that falls behind gets a StoreError."""
        ...

    def changes(self, topic: str) -> AsyncGenerator[str, None]:
        """What is announced under a topic from now on, in every process that shares the store."""
        ...

    async def announce(self, topic: str, payload: str) -> None:
        """Tell whoever listens now; nothing is kept. At most 4,000 bytes."""
        ...


class Audit(Protocol):
    """The audit log."""

    async def __call__(
        self,
        who: SignedIn | str,
        what: str,
        on: str = "",
        tenant: TenantId | None = None,
        detail: Mapping[str, Json] | None = None,
    ) -> None:
        """Write one line: ids and facts, never words, numbers or names of customers."""
        ...


class Packets(Protocol):
    """Handoff packets."""

    async def packet(
        self, contact: Contact, agent_language: Language, *, patience_s: float = OFFER_PATIENCE_S
    ) -> Mapping[str, Any]:
        """The packet in an agent's language; the customer's record may take ``patience_s``."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier contact of a customer."""

    at: datetime
    channel: str
    summary: str
    agent: str | None = None
    resolved: bool | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer as the CRM knows them."""

    fields: Mapping[str, Json]
    past: tuple[Past, ...] = ()


class Customers(Protocol):
    """The CRM."""

    async def history(self, tenant: TenantId, number: str) -> KnownCustomer | None:
        """By telephone number; None when unknown."""
        ...


class Translator(Protocol):
    """Help with another language."""

    @property
    def name(self) -> str:
        """What does it."""
        ...

    async def translate(self, text: str, source: Language, target: Language) -> str:
        """The text in ``target``. Raises BackendError."""
        ...


class Accompanying(Protocol):
    """Assist beside a conversation."""

    async def accompany(self, contact: Contact, agent_name: str, brand: str) -> None:
        """Until cancelled. Never raises: whatever fails is logged there."""
        ...


@dataclass(frozen=True, slots=True)
class Disposition:
    """How a contact can end. ``resolved`` None: cannot be said."""

    code: str
    label: Mapping[Language, str]
    resolved: bool | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A canned answer of a company; ``{name}`` in it stands for what the contact has confirmed."""

    id: str
    text: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class DeskCompany:
    """What a company's desk content says."""

    tenant: TenantId
    languages: tuple[Language, ...]
    brand: Mapping[Language, str] = field(default_factory=dict)
    queues: Mapping[QueueId, Mapping[Language, str]] = field(default_factory=dict)
    breaks: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    dispositions: tuple[Disposition, ...] = ()
    replies: tuple[Reply, ...] = ()
    wrapup_s: Mapping[Medium, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """How the console's server side behaves. ``node`` is the address other processes reach this one at."""

    node: str
    secret: bytes
    heartbeat_s: float = 5.0
    hello_s: float = 15.0
    send_s: float = 20.0
    backlog: int = 2000
    message_burst: int = 10
    messages_per_s: float = 2.0
    frame_burst: int = 100
    frames_per_s: float = 30.0
    strikes: int = 30
    ring_s: float = 20.0


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """Everything the console's server side is connected to. ``nodes`` lists the processes that are alive."""

    desk: AgentDesk
    log: Log
    audit: Audit
    packets: Packets
    calls: LiveCalls
    headset: Headset
    dialler: Dialler
    customers: Customers
    companies: Mapping[TenantId, DeskCompany]
    nodes: Callable[[], Awaitable[Sequence[str]]]
    encode_event: Callable[[Event], Mapping[str, Json]]
    clock: Clock
    registry: CollectorRegistry
    settings: DeskSettings
    staffing: Callable[[StaffingWanted], StaffingTable]
    translator: Translator | None = None
    assist: Accompanying | None = None
