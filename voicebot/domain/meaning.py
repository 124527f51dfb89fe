"""What was understood, and what the bot is waiting for."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.domain.vocabulary import Answer, Hazard, Language, Source


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
