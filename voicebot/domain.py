"""What a conversation is: ids, events, what was understood, what is to be said.

Every value here is immutable and knows nothing of channels, storage or models. A conversation is one append-only
list of :data:`Event`; caller, visitor, agent, supervisor and trainer all read that list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

ConversationId = NewType("ConversationId", str)
UtteranceId = NewType("UtteranceId", str)
TenantId = NewType("TenantId", str)
Language = NewType("Language", str)
"""BCP 47 primary tag such as ``ja`` or ``en``. A new language is data, so this is not an enumeration."""

JA = Language("ja")
EN = Language("en")

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Channel(StrEnum):
    """How the customer reaches us; ``voice`` and ``web_chat`` are the names of the handoff schema."""

    VOICE = "voice"
    WEB_CHAT = "web_chat"
    REST = "rest"
    TERMINAL = "terminal"


class Party(StrEnum):
    """Who produced words."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


class Owner(StrEnum):
    """Who leads the conversation now; exactly one at any instant."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class Source(StrEnum):
    """How words of the customer came in."""

    SPEECH = "speech"
    TEXT = "text"
    KEYPAD = "keypad"


class Verification(StrEnum):
    """How sure we are of who is speaking. Ordered: none < light < strong; ``failed`` counts as none."""

    NONE = "none"
    LIGHT = "light"
    STRONG = "strong"
    FAILED = "failed"


class SlotStatus(StrEnum):
    """What a slot value is worth: heard once, agreed to, or replaced later."""

    HEARD = "heard"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REFUSED = "refused"


class Answer(StrEnum):
    """A reply to a yes/no question. ``ambiguous`` is 「いいです」 or "I'm good": it never authorises anything."""

    YES = "yes"
    NO = "no"
    AMBIGUOUS = "ambiguous"


class Hazard(StrEnum):
    """Kinds of danger the safety screen tells apart; each has a script of its own."""

    FIRE_ELECTRIC = "fire_electric"
    INJURY = "injury"
    INGESTION = "ingestion"
    GAS_CO = "gas_co"
    SELF_HARM = "self_harm"
    CRIME = "crime"


class Disposition(StrEnum):
    """How a contact ended; every contact ends with exactly one."""

    RESOLVED_BY_BOT = "resolved_by_bot"
    HANDED_OFF = "handed_off"
    EMERGENCY = "emergency"
    CALLBACK_BOOKED = "callback_booked"
    OUT_OF_SCOPE = "out_of_scope"
    NO_INPUT = "no_input"
    ABANDONED_IN_FLOW = "abandoned_in_flow"
    ABANDONED_NO_REQUEST = "abandoned_no_request"
    DECLINED_BY_CUSTOMER = "declined_by_customer"
    FAILED = "failed"


class HandoffReason(StrEnum):
    """Why a person takes over; the enumeration of the handoff schema."""

    CUSTOMER_ASKED = "customer_asked"
    NO_MATCH = "no_match"
    NO_INPUT = "no_input"
    LOW_CONFIDENCE = "low_confidence"
    FLOW_REQUIRES_HUMAN = "flow_requires_human"
    BACKEND_ERROR = "backend_error"
    AUTH_FAILED = "auth_failed"
    EMERGENCY = "emergency"
    FRUSTRATION = "frustration"
    COMPLIANCE = "compliance"
    BOT_FAILURE = "bot_failure"


# --- what was understood ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entity:
    """A value found in an utterance.

    ``value`` is canonical (``A20481137``, ``2026-11-25``, ``rice_cooker``, ``42.00 GBP``); ``start``/``end`` index the
    text handed in, -1 when unknown; ``negated`` marks a value the customer rejects ("not the fifteenth");
    ``verbatim`` says the customer wrote the canonical form itself, so nothing was interpreted.
    """

    name: str
    value: str
    text: str = ""
    start: int = -1
    end: int = -1
    confidence: float = 1.0
    negated: bool = False
    verbatim: bool = False
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntentScore:
    """An intent and its probability given that the utterance is in scope, 0..1."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class FaqScore:
    """An FAQ entry and its similarity to the utterance, 0..1 (calibrated: 0.5 is the answer/refuse border)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class SafetyHit:
    """The deterministic screen saw danger. ``certain`` false: ask one clarifying question instead of the script."""

    hazard: Hazard
    phrase: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one utterance means. ``in_scope`` is a percentile 0..1 of the out-of-scope score, apart from confidence."""

    text: str
    language: Language
    intent: str
    confidence: float
    in_scope: float
    ranking: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    answer: Answer | None = None
    faq: tuple[FaqScore, ...] = ()
    safety: SafetyHit | None = None
    source: Source = Source.TEXT
    model: str = ""


@dataclass(frozen=True, slots=True)
class KeypadSpec:
    """Keys a question accepts: at most ``max_digits``, ended by ``terminator``; ``prefix`` goes before the value."""

    max_digits: int
    terminator: str = "#"
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the bot is waiting for; it steers recognition, entity search, silence timers and the keypad.

    ``entities``: names that may fill the pending slot, best first; ``answer``: a yes/no question is open;
    ``digits``: a number is to be read out, so the recogniser and the end-of-turn timer allow for pauses;
    ``no_input_ms``: silence after the prompt before the next rung of the ladder; ``sensitive``: speech must not be
    transcribed and keys must not be stored.
    """

    slot: str | None = None
    entities: tuple[str, ...] = ()
    answer: bool = False
    digits: bool = False
    free_text: bool = False
    keypad: KeypadSpec | None = None
    no_input_ms: int = 7000
    sensitive: bool = False
    slow: bool = False


# --- what goes into a dialogue --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is on the line and how they came: fixed at the start of a conversation."""

    tenant: TenantId
    channel: Channel
    language: Language
    caller_number: str | None = None
    entry_point: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """The conversation starts. ``customer`` holds what the back end knows of the caller's number, if anything."""

    contact: Contact
    customer: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Utterance:
    """The customer said or typed something that was understood."""

    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Unintelligible:
    """Sound of speech without usable words (noise, too faint); ``noisy`` when the background is loud."""

    noisy: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The customer pressed keys; complete as judged by the expectation's :class:`KeypadSpec` (terminator removed)."""

    digits: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came for ``Expectation.no_input_ms`` after the prompt had been played."""


@dataclass(frozen=True, slots=True)
class ActionDone:
    """A back-end action answered. ``slots`` are the slot values it set; ``failed`` when it could not be reached."""

    action: str
    slots: Mapping[str, Json] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class HungUp:
    """The customer left."""


Given = Begun | Utterance | Unintelligible | Keys | Silence | ActionDone | HungUp | SafetyHit


# --- what a dialogue asks for ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """A choice a visitor can click; ``payload`` is what is sent as if typed."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Say:
    """One prompt. ``text`` is for the screen, ``spoken`` for the voice (read-out rules applied).

    ``fixed``: no slot value inside, so it may be rendered once and cached. ``interruptible``: speech may cut it off.
    """

    text: str
    spoken: str
    response: str
    language: Language
    fixed: bool = False
    interruptible: bool = True
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class CallAction:
    """Ask the action server to run ``action`` with these slots; the answer comes back as :class:`ActionDone`."""

    action: str
    slots: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the conversation to a person with these skills (priority 1 is most urgent)."""

    skills: tuple[str, ...]
    min_level: int
    priority: int
    reason: HandoffReason
    intent: str = ""
    bypass_caps: bool = False


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """From now on recognise, understand and speak this language."""

    language: Language


@dataclass(frozen=True, slots=True)
class SetPace:
    """Speaking rate from now on; 1.0 is normal, 0.8 is slow and louder."""

    rate: float


@dataclass(frozen=True, slots=True)
class SetRecording:
    """Recording and transcription state; ``discard`` deletes what was recorded so far."""

    on: bool
    discard: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """Say goodbye is over: close the conversation."""

    disposition: Disposition


Effect = Say | CallAction | HandOff | SwitchLanguage | SetPace | SetRecording | End


# --- the event log ---------------------------------------------------------------------------------------------------


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
    """A back-end action was run."""

    action: str
    outcome: str
    took_ms: int


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
