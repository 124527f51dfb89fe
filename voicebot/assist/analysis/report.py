"""One look at a company's talks: everything the page shows, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import NormalDist

from voicebot.assist.analysis.findings import (
    Finding,
    ScriptFunnel,
    findings,
    funnels,
    judged,
    outlines_of,
)
from voicebot.assist.analysis.intervals import Share, share
from voicebot.assist.analysis.measures import Average, averages
from voicebot.assist.analysis.outcomes import Effect, Outcome
from voicebot.assist.analysis.suggestions import Suggestion, suggestions
from voicebot.assist.analysis.talks import Talk

HINT_P = 0.10
"""A difference this unlikely by luck alone is worth watching when it is not found yet; one in ten hints is luck."""
_POWER = 0.8
_SURE = 0.05


@dataclass(frozen=True, slots=True)
class Choice:
    """Which talks are looked at; empty: all."""

    channel: str = ""
    language: str = ""
    matter: str = ""
    agent: str = ""

    def takes(self, talk: Talk) -> bool:
        """Whether a talk is among them."""
        wanted = (
            (self.channel, talk.channel),
            (self.language, talk.language),
            (self.matter, talk.talked.stratum),
            (self.agent, talk.talked.agent),
        )
        return all(not want or want == has for want, has in wanted)


@dataclass(frozen=True, slots=True)
class Report:
    """``outcomes``: share of each among the talks of which it can be told. ``matters``: talks by intent."""

    talks: int
    outcomes: Mapping[Outcome, Share]
    measures: Mapping[str, Average | None]
    found: tuple[Finding, ...]
    funnels: tuple[ScriptFunnel, ...]
    suggestions: tuple[Suggestion, ...]
    matters: Mapping[str, int]


def report(talks: Sequence[Talk], outcome: Outcome, scripts: Mapping[str, Sequence[str]], *, agents: bool) -> Report:
    """Everything about these talks. ``scripts``: steps in order by script, as far as they are known."""
    outlines = outlines_of(talks, scripts)
    found = findings(talks, outcome, outlines, agents=agents)
    where = funnels(talks, outlines)
    return Report(
        len(talks),
        {one: outcome_share(talks, one) for one in Outcome},
        averages([talk.measures for talk in talks]),
        found,
        where,
        suggestions(talks, outcome, found, where),
        matters(talks),
    )


def outcome_share(talks: Sequence[Talk], outcome: Outcome) -> Share:
    """How often it happened, of the talks of which that can be told."""
    known = judged(talks, outcome)
    return share(sum(outcome in talk.outcomes for talk in known), len(known))


def matters(talks: Sequence[Talk]) -> Mapping[str, int]:
    """Talks by intent, the commonest first."""
    counts: dict[str, int] = {}
    for talk in talks:
        counts[talk.talked.stratum] = counts.get(talk.talked.stratum, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def verdict(effect: Effect) -> str:
    """``found``, ``hint``, ``none`` or ``few``: what may be said of a comparison."""
    if effect.difference is None or not effect.enough:
        return "few"
    if effect.found:
        return "found"
    return "hint" if effect.difference.p < HINT_P else "none"


def talks_needed(effect: Effect) -> int | None:
    """Talks on both sides together that would show a difference of this size four times out of five; None if found.

    The usual formula for two shares, at the mix of talks seen so far. None also where there is no difference to show.
    """
    if effect.difference is None or effect.found or abs(effect.difference.by) < 0.005:
        return None
    normal = NormalDist()
    z = normal.inv_cdf(1 - _SURE / 2) + normal.inv_cdf(_POWER)
    sides = (effect.with_it, effect.without)
    rates = [side.rate or 0.0 for side in sides]
    total = sum(side.of for side in sides)
    spread = sum(rate * (1 - rate) * total / side.of for rate, side in zip(rates, sides, strict=True))
    return max(total + 1, ceil(spread * (z / effect.difference.by) ** 2))
