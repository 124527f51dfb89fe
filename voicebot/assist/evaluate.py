"""How good the cards are: labelled passages played through matching and the engine on a virtual clock.

Precision and recall are of cards shown, each passage a talk of its own. Restraint is measured on talks of several
passages in a row, one every half minute: cards a minute, and cards that came back before their cooldown was over.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from voicebot.assist.engine import PER_WINDOW, WINDOW_S, AssistState, Candidate, Show, offer
from voicebot.assist.evaluate_files import Passage
from voicebot.assist.kept import Kept
from voicebot.assist.matching.filling import Context
from voicebot.assist.matching.learnt import Learnt
from voicebot.assist.matching.meaning import Embedding
from voicebot.assist.matching.spoken import Matcher, Spoken, matcher
from voicebot.assist.model import CardSet, Speaker
from voicebot.assist.ranking import Usefulness
from voicebot.domain import Expectation, Language, Source, TenantId, Understanding

TURN_S, TAIL_S = 4.0, 14.0
"""Seconds between turns; quiet after a passage."""
_PASSAGES_A_TALK, _EVERY_S = 8, 30.0
PRECISION, RECALL, A_MINUTE = 0.9, 0.8, 1.5
"""Targets."""


class Understander(Embedding, Protocol):
    """The understanding worker."""

    async def understand(
        self, text: str, *, tenant: TenantId, language: Language, expects: Expectation, source: Source = Source.TEXT
    ) -> Understanding:
        """One utterance of a customer."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A passage with everything that is known of its words."""

    passage: Passage
    turns: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one set of passages. ``right``, ``wrong`` and ``missed`` count cards by id."""

    passages: int = 0
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    minutes: float = 0.0
    shown: int = 0
    crowded: int = 0
    """Stretches of 160 s with more than four cards that were not mandatory."""
    too_soon: int = 0
    """Cards that came back before their cooldown was over."""

    @property
    def precision(self) -> float:
        """Part of the shown cards that were due; 1 when none was shown."""
        shown = self.right.total() + self.wrong.total()
        return self.right.total() / shown if shown else 1.0

    @property
    def recall(self) -> float:
        """Part of the due cards that were shown; 1 when none was due."""
        due = self.right.total() + self.missed.total()
        return self.right.total() / due if due else 1.0

    @property
    def a_minute(self) -> float:
        """Cards a minute of busy talk."""
        return self.shown / self.minutes if self.minutes else 0.0

    @property
    def good(self) -> bool:
        """True when every target is met."""
        return (
            self.precision >= PRECISION
            and self.recall >= RECALL
            and self.a_minute <= A_MINUTE
            and not self.too_soon
            and not self.crowded
        )


async def understood(
    passages: Iterable[Passage], tenant: TenantId, worker: Understander, meaning: Learnt
) -> tuple[Heard, ...]:
    """Ask the worker for intent and meaning of every turn, as the live session does."""
    found: list[Heard] = []
    for passage in passages:
        turns: list[Spoken] = []
        for place, turn in enumerate(passage.turns):
            name, language = f"{passage.id}-{place}", passage.language
            spoken = Spoken(turn.who, turn.text, language, name)
            if turn.who is Speaker.CUSTOMER:
                known = await worker.understand(
                    turn.text, tenant=tenant, language=language, expects=Expectation(), source=Source.SPEECH
                )
                spoken = replace(spoken, intent=known.intent, confidence=known.confidence)
            turns.append(replace(spoken, meaning=await meaning.scores(turn.text, language, turn.who)))
        found.append(Heard(passage, tuple(turns)))
    return tuple(found)


def measure(cards: CardSet, heard: Sequence[Heard], ready: Matcher | None = None) -> Figures:
    """Play passages; pure."""
    ready = matcher(cards) if ready is None else ready
    figures = Figures(passages=len(heard))
    for one in heard:
        talk = _Talk(cards, ready)
        talk.play(one.turns)
        shown = {card for _, card in talk.shown}
        figures.right.update(shown & one.passage.due)
        figures.wrong.update(shown - one.passage.due)
        figures.missed.update(one.passage.due - shown)
    shuffled = list(heard)
    random.Random(7).shuffle(shuffled)
    minutes, shown_in_all, crowded, too_soon = 0.0, 0, 0, 0
    for start in range(0, len(shuffled), _PASSAGES_A_TALK):
        talk = _Talk(cards, ready)
        for one in shuffled[start : start + _PASSAGES_A_TALK]:
            began_s = talk.now_s
            talk.play(one.turns)
            talk.wait(began_s + _EVERY_S - talk.now_s)
        minutes += talk.now_s / 60
        shown_in_all += len(talk.shown)
        crowded += _crowded(cards, talk.shown)
        too_soon += _too_soon(cards, talk.shown)
    return replace(figures, minutes=minutes, shown=shown_in_all, crowded=crowded, too_soon=too_soon)


class _Talk:
    """One conversation on a clock of its own."""

    def __init__(self, cards: CardSet, ready: Matcher) -> None:
        self._cards, self._ready = cards, ready
        self._state, self._kept = AssistState(), Kept()
        self._context = Context({"tenant": cards.tenant})
        self.now_s = 0.0
        self.shown: list[tuple[float, str]] = []

    def play(self, turns: Sequence[Spoken]) -> None:
        for spoken in turns:
            self.wait(TURN_S)
            found = tuple(self._ready.candidates(spoken, self._context))
            if found:
                self._kept = self._kept.plus(found, self.now_s)
            self._offer(found, spoken.intent)
        self.wait(TAIL_S)

    def wait(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s + 1 <= until_s:
            self.now_s += 1
            waiting = self._kept.at(self.now_s)
            if waiting:
                self._offer(waiting, "")
        self.now_s = max(self.now_s, until_s)

    def _offer(self, found: Sequence[Candidate], intent: str) -> None:
        self._state, changes = offer(self._state, self._cards, found, Usefulness(), self.now_s, intent=intent)
        self.shown.extend((self.now_s, one.candidate.card) for one in changes if isinstance(one, Show))


def _crowded(cards: CardSet, shown: Sequence[tuple[float, str]]) -> int:
    times = [at for at, card in shown if not cards.cards[card].mandatory]
    return sum(sum(at <= other < at + WINDOW_S for other in times) > PER_WINDOW for at in times)


def _too_soon(cards: CardSet, shown: Sequence[tuple[float, str]]) -> int:
    last: dict[str, float] = {}
    found = 0
    for at, card in shown:
        found += card in last and at - last[card] < cards.cards[card].cooldown_s
        last[card] = at
    return found


def worst(figures: Figures, most: int = 12) -> list[tuple[str, int, int, int]]:
    """Cards with the most mistakes: id, right, wrong, missed."""
    names: Mapping[str, int] = figures.wrong + figures.missed
    ranked = sorted(names, key=lambda name: (-names[name], name))[:most]
    return [(name, figures.right[name], figures.wrong[name], figures.missed[name]) for name in ranked]
