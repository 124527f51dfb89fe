"""What the assist shows to agents, and what they make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from voicebot.domain.vocabulary import Json, UtteranceId


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A card of the assist came on an agent's screen. ``utterance`` is what called for it, empty for silence and time.

    ``reason`` names the trigger: phrase, intent, meaning, slot, flow, silence, sentiment, talk_over, own_speech, asked.
    """

    card: str
    version: str
    agent: str
    reason: str
    utterance: str = ""
    place: Literal["prominent", "second"] = "prominent"
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEnded:
    """A card left the screen. ``how``: what the agent did with it, or why it went by itself; ``why``: a dismissal's."""

    card: str
    agent: str
    how: Literal["used", "copied", "useful", "dismissed", "expired", "replaced"]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptMoved:
    """A guided script, or one step of it, moved. ``by``: heard in the talk, clicked by the agent, or by the script.

    ``proposed``: it may fit, and the agent decides. ``value``: what the customer answered to a question that was heard.
    """

    script: str
    version: str
    agent: str
    change: Literal["proposed", "started", "entered", "done", "undone", "skipped", "warned", "ended"]
    step: str = ""
    by: Literal["heard", "clicked", "script"] = "script"
    utterance: str = ""
    value: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeShown:
    """An entry of the company's knowledge came on screen. ``asked``: by the agent's own search."""

    entry: str
    source: str
    agent: str
    score: float
    asked: bool = False
    utterance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptCorrected:
    """An agent mended what the recogniser wrote; the original stays in the log."""

    utterance: UtteranceId
    text: str
    agent: str
