"""What is known of a conversation besides the words spoken now, gathered from its log. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from voicebot.assist.matching import Context
from voicebot.domain import (
    ChannelChanged,
    Event,
    FlowChanged,
    Heard,
    Json,
    Language,
    LanguageChanged,
    SlotSet,
    Started,
    TranscriptCorrected,
    Understood,
)

_NO_WISH = frozenset(
    (
        "greet affirm deny ambiguous_ok ask_repeat ask_slower cant_hear hold_on correct_info start_over nevermind "
        "goodbye bot_challenge switch_language prefer_keypad ask_wait_time out_of_scope request_human "
        "express_frustration request_callback continue_on_chat"
    ).split()
)
"""Intents of the core that say how the talk goes, not what the customer wants."""
_MOST_SUMMARY = 160


@dataclass(frozen=True, slots=True)
class Known:
    """Where a conversation stands. ``intent``: the last wish the customer told the bot; ``flow``: the one not over.

    ``sureness``: the confidence, 0..1, of the intent.
    """

    language: Language
    attributes: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    intent: str = ""
    summary: str = ""
    flow: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    sureness: float = 0.0

    def after(self, event: Event) -> Known:
        """After one more event of the log."""
        match event:
            case Started():
                found = {"tenant": str(event.tenant), "channel": event.channel.value, "language": str(event.language)}
                return replace(self, language=event.language, attributes={**self.attributes, **found})
            case LanguageChanged(language=language):
                return replace(self, language=language, attributes={**self.attributes, "language": str(language)})
            case ChannelChanged(channel=channel):
                return replace(self, attributes={**self.attributes, "channel": channel.value})
            case SlotSet():
                return self._slot(event)
            case FlowChanged(flow=flow, change=change):
                if change in ("started", "resumed"):
                    return replace(self, flow=flow)
                over = change in ("completed", "cancelled", "failed") and flow == self.flow
                return replace(self, flow="") if over else self
            case Heard(utterance=utterance, text=text):
                return replace(self, words={**self.words, utterance: text})
            case TranscriptCorrected(utterance=utterance, text=text) if utterance in self.words:
                return replace(self, words={**self.words, utterance: text})
            case Understood(intent=intent, confidence=confidence) if is_wish(intent):
                summary = self.words.get(event.utterance, "")[:_MOST_SUMMARY] or self.summary
                return replace(self, intent=intent, summary=summary, sureness=confidence)
            case _:
                return self

    def context(self, *, brand: str = "", agent: str = "") -> Context:
        """For matching and for filling texts."""
        attributes = dict(self.attributes)
        if "product" in self.slots:
            attributes["product"] = self.slots["product"]
        return Context(
            attributes=attributes,
            slots=self.slots,
            summary=self.summary,
            name=self.slots.get("customer_name", ""),
            brand=brand,
            agent=agent,
        )

    def _slot(self, event: SlotSet) -> Known:
        slots = dict(self.slots)
        slots.pop(event.slot, None)
        if not event.sensitive and (shown := _shown(event.value)):
            slots[event.slot] = shown
        return replace(self, slots=slots)


def is_wish(intent: str) -> bool:
    """Whether an intent says what the customer wants, not only how the talk goes."""
    return bool(intent) and intent not in _NO_WISH


def _shown(value: Json) -> str:
    """A value as it may stand in a sentence; what is no plain value is not shown."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
