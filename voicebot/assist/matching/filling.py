"""Values in the texts of cards; what is not known is never guessed: its sentence is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from voicebot.assist.model import Card, CardText
from voicebot.domain import Language

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SENTENCE = re.compile(r"[^。．!?！？.…]*(?:[。．!?！？…]+|\.(?=\s|$)|\.(?=\S)|$)\s*")


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the conversation besides the words.

    ``attributes``: tenant, channel, language, product and customer.<name>. ``summary``: what the customer wants, in
    their words. ``slots`` are as people would say them, secrets already left out.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    name: str = ""
    brand: str = ""
    agent: str = ""

    def values(self) -> dict[str, str]:
        """Every value a placeholder may stand for."""
        given = {"summary": self.summary, "name": self.name, "brand": self.brand, "agent": self.agent}
        return {name: text for name, text in {**self.slots, **given}.items() if text}

    def holds(self, card: Card) -> bool:
        """True when every attribute the card asks for is as it asks."""
        return all(
            bool(self.attributes.get(name)) if wanted == "*" else self.attributes.get(name) == wanted
            for name, wanted in card.triggers.attributes.items()
        )


def needed(text: CardText) -> frozenset[str]:
    """Names of the placeholders of a text."""
    parts = (text.title, text.talk, text.novice, *text.do, *text.dont)
    return frozenset(name for part in parts for name in _PLACEHOLDER.findall(part))


def values_for(card: Card, language: Language, context: Context) -> dict[str, str]:
    """The values that this card's text takes, as far as they are known."""
    text = card.text.get(language)
    known = context.values()
    return {} if text is None else {name: known[name] for name in sorted(needed(text)) if name in known}


def filled(text: CardText, values: Mapping[str, str]) -> CardText:
    """The text with its values; sentences and lines that lack one are gone."""
    return replace(
        text,
        title=_sentences(text.title, values),
        talk=_sentences(text.talk, values),
        novice=_sentences(text.novice, values),
        do=tuple(done for item in text.do if (done := _sentences(item, values))),
        dont=tuple(done for item in text.dont if (done := _sentences(item, values))),
    )


def _sentences(text: str, values: Mapping[str, str]) -> str:
    kept = [
        _PLACEHOLDER.sub(lambda found: values[found.group(1)], sentence)
        for sentence in _SENTENCE.findall(text)
        if all(name in values for name in _PLACEHOLDER.findall(sentence))
    ]
    return "".join(kept).strip()
