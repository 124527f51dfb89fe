"""How useful a card is expected to be, learnt from what agents did with it.

Per card and intent, useful and useless ends are counted; the estimate is the mean of a Beta distribution whose prior is
the card's own record over all intents, and whose prior in turn is the company's hope for any new card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from voicebot.domain import CardEnded, CardShown

HOPE, HOPE_WEIGHT = 0.6, 6.0
"""A card nobody has judged yet: expected to be useful six times in ten, worth six judgements."""
OWN_WEIGHT = 8.0
"""Judgements that a card's overall record is worth when an intent has few of its own."""
FLOOR = 0.25
"""Below this a card is not shown unless it is mandatory."""
_GOOD = {"used": 1.0, "useful": 1.0, "copied": 1.0}
_BAD = {"dismissed": 1.0, "expired": 0.25}
"""A card that went by itself was at least not wanted; four of them weigh as one dismissal."""


@dataclass(frozen=True, slots=True)
class Record:
    """Judgements of one card: weights of good and bad ends."""

    good: float = 0.0
    bad: float = 0.0

    def plus(self, how: str) -> Record:
        """With one more end; a card that was merely replaced tells nothing."""
        return Record(self.good + _GOOD.get(how, 0.0), self.bad + _BAD.get(how, 0.0))

    def mean(self, prior: float, weight: float) -> float:
        """Mean of Beta(prior * weight + good, (1 - prior) * weight + bad)."""
        return (prior * weight + self.good) / (weight + self.good + self.bad)


@dataclass(frozen=True, slots=True)
class Usefulness:
    """What agents' feedback says so far."""

    cards: Mapping[str, Record] = field(default_factory=dict)
    by_intent: Mapping[tuple[str, str], Record] = field(default_factory=dict)

    def expected(self, card: str, intent: str = "") -> float:
        """The chance, 0..1, that showing this card for this intent helps."""
        overall = self.cards.get(card, Record()).mean(HOPE, HOPE_WEIGHT)
        here = self.by_intent.get((card, intent))
        return overall if here is None else here.mean(overall, OWN_WEIGHT)

    def plus(self, card: str, intent: str, how: str) -> Usefulness:
        """With one more end of a card."""
        key = (card, intent)
        return Usefulness(
            {**self.cards, card: self.cards.get(card, Record()).plus(how)},
            {**self.by_intent, key: self.by_intent.get(key, Record()).plus(how)},
        )


def learnt(shown_and_ended: Iterable[tuple[CardShown, str, CardEnded]]) -> Usefulness:
    """Usefulness from the log: cards that were shown, the customer's intent at that time, and how they ended."""
    found = Usefulness()
    for shown, intent, ended in shown_and_ended:
        found = found.plus(shown.card, intent, ended.how)
    return found
