"""Which cards, steps and phrases go with which outcomes: shares side by side, with sample sizes and intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.assist.analysis.intervals import Difference, Share, believed, difference, share

LEAST = 20
"""Fewer talks than this on either side are shown, and nothing is concluded from them."""


class Outcome(StrEnum):
    """How a contact ended for the company and the customer."""

    RESOLVED = "resolved"
    SOLD = "sold"
    KEPT = "kept"
    ESCALATED = "escalated"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Talked:
    """One contact an agent handled, as analysis sees it: facts, no words.

    ``marks`` holds what was met in it: ``card:<id>``, ``used:<id>``, ``step:<script>/<step>``, ``phrase:<phrase>``.

    ``stratum`` is what talks have to share to be compared, usually the intent: a card for angry customers must not look
    bad because angry customers are harder to please.
    """

    conversation: str
    agent: str
    stratum: str
    outcomes: frozenset[Outcome]
    marks: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Effect:
    """Talks with a mark against talks without it. ``found``: more than chance, also given how many were looked at."""

    mark: str
    with_it: Share
    without: Share
    difference: Difference | None
    found: bool = False
    enough: bool = False


def effects(talks: Sequence[Talked], outcome: Outcome, marks: Iterable[str] | None = None) -> tuple[Effect, ...]:
    """How every mark goes with an outcome, the strongest first.

    Counts are balanced over strata: within each stratum talks with and without the mark are compared, and the shares
    are of the talks of strata in which both occur. A mark is no cause: it is a question for an experiment.
    """
    wanted = sorted(set(marks) if marks is not None else {mark for talk in talks for mark in talk.marks})
    found = [_effect(talks, outcome, mark) for mark in wanted]
    judged = [effect for effect in found if effect.enough and effect.difference is not None]
    kept = believed([effect.difference.p for effect in judged if effect.difference is not None])
    sure = {effect.mark for effect, yes in zip(judged, kept, strict=True) if yes}
    marked = [Effect(one.mark, one.with_it, one.without, one.difference, one.mark in sure, one.enough) for one in found]
    return tuple(sorted(marked, key=lambda one: (not one.found, -abs(one.difference.by if one.difference else 0.0))))


def _effect(talks: Sequence[Talked], outcome: Outcome, mark: str) -> Effect:
    strata: dict[str, list[list[Talked]]] = {}
    for talk in talks:
        strata.setdefault(talk.stratum, [[], []])[mark in talk.marks].append(talk)
    both = [sides for sides in strata.values() if sides[0] and sides[1]]
    ones = [talk for sides in both for talk in sides[1]]
    hits = sum(outcome in talk.outcomes for talk in ones)
    with_it = share(hits, len(ones))
    without = _standardised(both, outcome)
    enough = with_it.of >= LEAST and without.of >= LEAST
    between = difference(with_it, without) if with_it.of and without.of else None
    return Effect(mark, with_it, without, between, enough=enough)


def _standardised(both: Sequence[Sequence[Sequence[Talked]]], outcome: Outcome) -> Share:
    """The share without the mark, as it would be with the strata mixed as they are with the mark.

    Direct standardisation; the effective number of talks is that of the weighted mean (Kish 1965), so intervals stay
    honest when a stratum has few talks to compare with.
    """
    total = sum(len(sides[1]) for sides in both)
    if not total:
        return share(0, 0)
    rate = sum(len(sides[1]) / total * _rate(sides[0], outcome) for sides in both)
    spread = sum((len(sides[1]) / total) ** 2 / len(sides[0]) for sides in both)
    of = max(1, round(1 / spread))
    return share(min(of, round(rate * of)), of)


def _rate(talks: Sequence[Talked], outcome: Outcome) -> float:
    return sum(outcome in talk.outcomes for talk in talks) / len(talks)


def shares(talks: Iterable[Talked], outcome: Outcome, key: Callable[[Talked], str]) -> Mapping[str, Share]:
    """An outcome's share by agent, intent or anything else a talk tells."""
    counts: dict[str, list[int]] = {}
    for talk in talks:
        entry = counts.setdefault(key(talk), [0, 0])
        entry[0] += outcome in talk.outcomes
        entry[1] += 1
    return {name: share(hits, of) for name, (hits, of) in sorted(counts.items())}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of a script: how many talks reached it, and how many of those went on to the next."""

    step: str
    reached: int
    went_on: Share


def funnel(talks: Iterable[Talked], script: str, steps: Sequence[str]) -> tuple[FunnelStep, ...]:
    """Where a script loses people; a step counts as reached when it or a later one was."""
    furthest = [0] * (len(steps) + 1)
    for talk in talks:
        met = [place for place, step in enumerate(steps) if f"step:{script}/{step}" in talk.marks]
        if met:
            furthest[max(met) + 1] += 1
    reached = [sum(furthest[place + 1 :]) for place in range(len(steps))]
    return tuple(
        FunnelStep(step, reached[place], share(reached[place + 1] if place + 1 < len(steps) else 0, reached[place]))
        for place, step in enumerate(steps)
    )
