"""The event log: everything that can happen in a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from voicebot.domain.assist_events import CardEnded, CardShown, KnowledgeShown, ScriptMoved, TranscriptCorrected
from voicebot.domain.desk_events import (
    AgentSaid,
    CallbackTried,
    ChannelChanged,
    ContactChanged,
    HoldChanged,
    LinkSent,
    NoteWritten,
    PartyJoined,
    PartyLeft,
    TranscriptionChanged,
    WaitTold,
    WrappedUp,
)
from voicebot.domain.dialogue import Button
from voicebot.domain.meaning import Entity, IntentScore
from voicebot.domain.vocabulary import (
    Answer,
    Channel,
    ConversationId,
    Disposition,
    HandoffReason,
    Hazard,
    Json,
    Language,
    SlotStatus,
    Source,
    TenantId,
    UtteranceId,
    Verification,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A contact began."""

    tenant: TenantId
    channel: Channel
    language: Language
    entry_point: str = ""
    caller_known: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Words of the customer, redacted. Times are milliseconds since the contact began."""

    utterance: UtteranceId
    text: str
    language: Language
    source: Source
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    started_ms: int = 0
    ended_ms: int = 0
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The meaning given to an utterance."""

    utterance: UtteranceId
    intent: str
    confidence: float
    in_scope: float
    source: Source
    ranking: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    answer: Answer | None = None
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words the bot set out to say."""

    utterance: UtteranceId
    text: str
    response: str
    language: Language
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What the customer got of a :class:`Said`: the words whose samples left the line, or the delivered text."""

    utterance: UtteranceId
    text: str
    complete: bool
    played_ms: int = 0
    first_audio_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSet:
    """A slot got a value. ``previous`` is what it replaced; sensitive values are stored as an empty string."""

    flow: str
    slot: str
    value: Json
    status: SlotStatus
    previous: Json = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChanged:
    """A flow moved."""

    flow: str
    change: Literal["started", "suspended", "resumed", "completed", "cancelled", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCalled:
    """A back-end action was run.

    ``outcome`` is the back end's own word, such as ``ok``; ``error`` when it failed, ``timeout`` when no answer came
    and nobody knows whether it was done. ``unheard``: the customer had left when the answer came.
    """

    action: str
    outcome: str
    took_ms: int
    unheard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The verification level changed."""

    level: Verification
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven:
    """A notice the law or policy asks for was said (``ai``, ``recording``)."""

    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """The dialogue had to be mended: ``no_match``, ``no_input``, ``correction``, ``digression``, ``keypad_offered``."""

    pattern: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerSeen:
    """The safety screen acted."""

    hazard: Hazard
    phrase: str
    certain: bool
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChanged:
    """The conversation goes on in another language."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingChanged:
    """Recording was paused, resumed, refused or failed."""

    on: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPressed:
    """Keys of the customer; empty when the question was sensitive."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceNoted:
    """A no-input timer ran out."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRequested:
    """A person is to take over."""

    skills: tuple[str, ...]
    min_level: int
    priority: int
    reason: HandoffReason
    intent: str = ""
    handoff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """Something an agent must see at once (the handoff schema's alerts, e.g. ``angry``, ``hard_of_hearing``)."""

    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted:
    """Something of ours failed and the conversation went on; ``code`` names the error class, never customer text."""

    code: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The contact is over. ``by`` is who ended it."""

    disposition: Disposition
    by: Literal["customer", "bot", "agent", "system"]


Event = (
    Started
    | Heard
    | Understood
    | Said
    | Played
    | SlotSet
    | FlowChanged
    | ActionCalled
    | Verified
    | NoticeGiven
    | Repaired
    | DangerSeen
    | LanguageChanged
    | RecordingChanged
    | KeysPressed
    | SilenceNoted
    | HandoffRequested
    | ContactChanged
    | WaitTold
    | PartyJoined
    | PartyLeft
    | AgentSaid
    | HoldChanged
    | TranscriptionChanged
    | NoteWritten
    | WrappedUp
    | CallbackTried
    | LinkSent
    | ChannelChanged
    | CardShown
    | CardEnded
    | ScriptMoved
    | KnowledgeShown
    | TranscriptCorrected
    | Alerted
    | Faulted
    | Ended
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place: numbered from 1 without gaps per conversation, with the time it was acknowledged."""

    conversation: ConversationId
    seq: int
    at: datetime
    event: Event
