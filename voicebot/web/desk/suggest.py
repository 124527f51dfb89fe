"""Which disposition the facts of a packet point to; pure, and it says why.

Codes and the names of intents and actions are written by the same authors in the same words (``return_arranged``,
``return_request``, ``create_return``), so words they share are evidence. Nothing shared: nothing suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voicebot.web.desk.ports import Disposition

_ALERTS = {"emergency": "safety", "fraud_suspected": "fraud"}
_OF_ANYTHING = frozenset(("request",))
"""Words that name no matter: whoever asks for a person (``request_human``) asks for no ``privacy_request``."""
_SHORT = 4
"""Words are compared by their beginnings from this length on, so that ``cancel`` is ``cancelled``."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened: its name, the words in it, and how much it says about the end."""

    name: str
    words: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """A disposition and the names of the facts for it."""

    disposition: Disposition
    because: tuple[str, ...]


def suggest(packet: Mapping[str, Any], dispositions: Sequence[Disposition]) -> Suggested | None:
    """The best supported disposition; of equals the one more of whose words are met, then the first in the list."""
    facts = tuple(facts_of(packet))
    best: tuple[tuple[float, float], Suggested] | None = None
    for disposition in dispositions:
        words = _words(disposition.code)
        meeting = [fact for fact in facts if any(_met(word, fact.words) for word in words)]
        score = sum(fact.weight for fact in meeting)
        share = sum(any(_met(word, fact.words) for fact in meeting) for word in words) / max(1, len(words))
        if meeting and (best is None or (score, share) > best[0]):
            best = (score, share), Suggested(disposition, tuple(fact.name for fact in meeting))
    return best[1] if best is not None else None


def facts_of(packet: Mapping[str, Any]) -> Iterator[Fact]:
    """What the packet knows that may decide how the contact is filed."""
    intent = packet.get("intent", {})
    if intent.get("name"):
        yield _fact("intent", intent["name"], 2.0)
    for name in dict.fromkeys(intent.get("history", [])):
        if name != intent.get("name"):
            yield _fact("intent", name, 0.5)
    for attempt in packet.get("attempts", []):
        done = attempt["result"] == "ok"
        yield _fact("done" if done else "tried", attempt["what"], 3.0 if done else 1.0)
    for alert in packet.get("headline", {}).get("alerts", []):
        if alert in _ALERTS:
            yield Fact(f"alert:{alert}", frozenset((_ALERTS[alert],)), 5.0)
    if packet.get("contact", {}).get("direction") == "callback":
        yield _fact("direction", "callback", 1.0)


def _fact(kind: str, name: str, weight: float) -> Fact:
    return Fact(f"{kind}:{name}", _words(name), weight)


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[^a-z]+", name.lower()) if len(word) > 2) - _OF_ANYTHING


def _met(word: str, words: frozenset[str]) -> bool:
    return any(
        word == other or (min(len(word), len(other)) > _SHORT and (word.startswith(other) or other.startswith(word)))
        for other in words
    )
