"""What happens to a conversation at the desk: the queue, people who come and go, promises, other channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voicebot.domain.vocabulary import Channel, Language, Source, UtteranceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged:
    """A contact moved in the queue: ``change`` says how. Times of the queue are derived from these events.

    ``handoff`` names the contact; ``enqueued_at`` is when the customer first asked and never changes.
    """

    handoff: str
    change: Literal[
        "queued",
        "offered",
        "declined",
        "timed_out",
        "withdrawn",
        "accepted",
        "active",
        "lost",
        "transferred",
        "returned",
        "cancelled",
        "callback_booked",
        "wrapup",
        "closed",
        "failed",
    ]
    queue: str = ""
    agent: str = ""
    priority: int = 0
    enqueued_at: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTold:
    """The customer was told a position and a range; kept to compare promise and outcome."""

    handoff: str
    position: int | None
    low_min: int | None
    high_min: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyJoined:
    """A person came into the conversation. ``role``: lead, expert, listener, whisperer or speaker (supervisor)."""

    agent: str
    name: str
    role: Literal["lead", "expert", "listener", "whisperer", "speaker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLeft:
    """A person left the conversation."""

    agent: str
    role: Literal["lead", "expert", "listener", "whisperer", "speaker"]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSaid:
    """Words of an agent, redacted. ``private``: not for the customer (consultation, whisper). Times as in Heard."""

    utterance: UtteranceId
    agent: str
    name: str
    text: str
    language: Language
    source: Source
    private: bool = False
    confidence: float = 1.0
    started_ms: int = 0
    ended_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChanged:
    """The customer was put on hold, or is back."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionChanged:
    """What people say is not written down while the customer tells a secret (a payment), recorded or not."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten:
    """A note of an agent about the conversation, for colleagues only."""

    agent: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedUp:
    """An agent finished the contact with a disposition code of the company's list."""

    handoff: str
    agent: str
    code: str
    resolved: bool | None = None
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrapup_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTried:
    """A promised callback was dialled. ``outcome`` is one of the callback outcome codes."""

    reference: str
    attempt: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSent:
    """A link was sent to the customer; ``kind`` is what it opens (``resume``)."""

    kind: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged:
    """The same conversation goes on by another channel."""

    channel: Channel
