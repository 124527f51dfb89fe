"""What a conversation and the desk say to each other: a wish for a person, and what became of it.

A :class:`HandoffRequest` becomes one contact in the queue, known by its ``handoff_id``: the same id twice is one
contact. The customer's side asks with a request, gets a :class:`DeskReply`, and from then on follows :class:`DeskNews`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from voicebot.domain.vocabulary import Channel, ConversationId, HandoffReason, Json, Language, TenantId

AgentId = NewType("AgentId", str)
NOT_DIALLED = "not_dialled"
"""Detail of the news that a callback was not booked because the number cannot be rung."""
HandoffId = NewType("HandoffId", str)
"""Names a contact in the queue; the idempotency key of a handoff."""
QueueId = NewType("QueueId", str)
Skill = NewType("Skill", str)


class ContactState(StrEnum):
    """Where a contact stands. ``queued`` to ``wrapup`` are open; the others are ends."""

    QUEUED = "queued"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    WRAPUP = "wrapup"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    """The customer left before an agent answered (abandoned), or the bot took the conversation back."""
    FAILED = "failed"

    @property
    def open(self) -> bool:
        """Somebody still has to do something."""
        return self in (self.QUEUED, self.OFFERED, self.ACCEPTED, self.ACTIVE, self.WRAPUP)


class Presence(StrEnum):
    """Whether an agent can be given work. Busy is not a presence: it follows from load and capacity."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    BREAK = "break"
    NO_ANSWER = "no_answer"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """Give this conversation to a person.

    ``skills`` are hard requirements at ``min_level``; the language of ``language`` is added by the desk. ``node`` names
    the server process that holds the customer's line. ``waiting`` False: nobody stays on the line (REST): the desk
    makes a follow-up instead of queueing. ``caller_number`` is where a callback would ring.
    """

    handoff_id: HandoffId
    tenant: TenantId
    conversation: ConversationId
    channel: Channel
    language: Language
    skills: tuple[str, ...]
    min_level: int
    priority: int
    reason: HandoffReason
    intent: str = ""
    bypass_caps: bool = False
    node: str = ""
    waiting: bool = True
    caller_number: str | None = None
    preferred_agent: AgentId | None = None


class DeskAnswer(StrEnum):
    """What the desk did with a request."""

    QUEUED = "queued"
    LONG = "long"
    """Queued, and the wait is long or the queue is full: offer to keep the place and call back."""
    CLOSED = "closed"
    """Nobody works now; nothing was queued."""
    UNSTAFFED = "unstaffed"
    """In hours, but nobody who is signed in could ever take it: offer a callback. Nothing was queued."""
    RECORDED = "recorded"
    """A follow-up was made; somebody will get back."""
    ELSEWHERE = "elsewhere"
    """An outside desk has it; the call is transferred or the outside desk answers."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An honest wait: a range in whole minutes, never one number; 0 to 1 means "under a minute"."""

    low_min: int
    high_min: int


@dataclass(frozen=True, slots=True)
class DeskReply:
    """The desk's answer. ``position`` counts from 1. ``wait`` is None when nothing honest can be said.

    ``opens_at`` is the next opening, in the company's time zone, when ``answer`` is closed.
    """

    answer: DeskAnswer
    contact: HandoffId | None = None
    queue: QueueId | None = None
    position: int | None = None
    wait: Wait | None = None
    opens_at: datetime | None = None
    callback_offered: bool = False
    chat_offered: bool = False
    reference: str | None = None


class NewsKind(StrEnum):
    """What happened to a contact, as far as the customer's side must act on it."""

    WAITING = "waiting"
    """Still queued; position or wait may have changed."""
    TAKEN = "taken"
    """An agent accepted: connect, and the bot falls silent."""
    LOST = "lost"
    """The agent's connection is gone: back in the queue, at a better place."""
    MOVED = "moved"
    """An agent transferred the contact to a queue or another agent."""
    RETURNED = "returned"
    """The agent gave the conversation back to the bot."""
    OVER = "over"
    """The agent ended the contact."""
    CALLBACK = "callback"
    """It is kept as a callback; the line may be hung up."""
    FAILED = "failed"
    """The desk can do nothing for it any more: the bot takes over and offers a callback."""


@dataclass(frozen=True, slots=True)
class DeskNews:
    """One change of one contact. ``agent_name`` is what the customer may be told."""

    contact: HandoffId
    kind: NewsKind
    agent: AgentId | None = None
    agent_name: str = ""
    position: int | None = None
    wait: Wait | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """Ring me when it is my turn. ``number`` is dialled as it is; ``timezone`` is the customer's (IANA)."""

    contact: HandoffId | None
    tenant: TenantId
    conversation: ConversationId
    language: Language
    number: str
    skills: tuple[str, ...] = ()
    min_level: int = 1
    priority: int = 5
    reason: HandoffReason = HandoffReason.CUSTOMER_ASKED
    intent: str = ""
    timezone: str = ""
    not_before: datetime | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallbackBooked:
    """A promise. ``reference`` is what the customer can quote; the window is when we will ring, if it can be told.

    The window is in the time of the place that is rung; ``abroad``: the company's clocks show another one.
    """

    reference: str
    number_shown: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    abroad: bool = False
