"""Cards, and what calls for one. Values only; the rules over them are in the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.domain import Language, TenantId


class CardKind(StrEnum):
    """What a card is for."""

    SCRIPT = "script"
    REBUTTAL = "rebuttal"
    KNOWLEDGE = "knowledge"
    CHECKLIST = "checklist"
    COMPLIANCE = "compliance"
    NEXT_ACTION = "next_action"


class Speaker(StrEnum):
    """Whose words may call for a card."""

    CUSTOMER = "customer"
    AGENT = "agent"
    ANY = "any"


class Reason(StrEnum):
    """What called for a card; the word the log keeps."""

    PHRASE = "phrase"
    INTENT = "intent"
    MEANING = "meaning"
    SLOT = "slot"
    FLOW = "flow"
    SILENCE = "silence"
    SENTIMENT = "sentiment"
    TALK_OVER = "talk_over"
    OWN_SPEECH = "own_speech"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class OwnSpeech:
    """A trigger on the agent's own words: something forbidden was said, or a notice is still missing.

    ``forbidden``: phrases that must not be said. ``missing``: phrases one of which must have been said ``within_s``
    after the talk began (or before a flow step of ``before`` is entered).
    """

    forbidden: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    missing: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    within_s: float = 0.0
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Triggers:
    """Any one of these calls for the card, unless ``without`` phrases are in the same words; ``attributes`` must hold.

    ``digits_after``: words that name a number; they call for the card where a number is read out with them.
    ``slots``: names with a value, ``*`` for any. ``sentiment_below``: -1..1. Times in seconds and milliseconds.
    """

    phrases: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    intents: tuple[str, ...] = ()
    examples: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    flow_steps: tuple[str, ...] = ()
    silence_s: float | None = None
    sentiment_below: float | None = None
    talk_over_ms: int | None = None
    digits_after: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    own_speech: OwnSpeech | None = None


@dataclass(frozen=True, slots=True)
class CardText:
    """A card in one language. ``talk`` is what may be said; ``novice`` is the longer text for who is new.

    Texts may hold ``{slot}`` placeholders; a sentence whose slot is not known is left out.
    """

    title: str
    talk: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    novice: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a company. ``priority``: 1 is shown before 9. ``expires_s``: taken off the screen by itself."""

    id: str
    kind: CardKind
    triggers: Triggers
    text: Mapping[Language, CardText]
    speaker: Speaker = Speaker.CUSTOMER
    cooldown_s: float = 180.0
    expires_s: float = 60.0
    priority: int = 5
    mandatory: bool = False
    """A mandatory card (compliance) is shown whatever it was worth before."""


@dataclass(frozen=True, slots=True)
class CardSet:
    """Every card of a company in one version."""

    tenant: TenantId
    version: str
    cards: Mapping[str, Card]
    forbidden_words: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    neutral: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    """Everyday sentences that must call for nothing: the measure for phrases and for meaning."""
