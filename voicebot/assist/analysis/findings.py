"""What goes with an outcome: cards, steps, phrases and agents, each against the talks it can fairly be held against.

A card that was used is held against talks in which it came up and was not used; a step that was done against talks
that went past it without; a phrase and an agent against all others. Every comparison is balanced by intent, and all
comparisons of one look are judged together (agents apart), so that looking at many things finds nothing by luck alone
more often than one time in twenty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from voicebot.assist.analysis.intervals import Share, believed, share
from voicebot.assist.analysis.outcomes import Effect, FunnelStep, Outcome, Talked, effects
from voicebot.assist.analysis.talks import Talk

_ONLY_WHERE_MET = frozenset((Outcome.SOLD, Outcome.KEPT))
"""These are no question in most matters: they are judged in the matters in which they occur at all."""


class About(StrEnum):
    """What a finding is about."""

    CARD = "card"
    STEP = "step"
    PHRASE = "phrase"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. ``name``: id of the card or agent, ``script/step``, or the phrase."""

    about: About
    name: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Outline:
    """A script as analysis sees it: its steps in order."""

    script: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScriptFunnel:
    """Where one script loses people; ``begun`` talks began it."""

    script: str
    begun: int
    steps: tuple[FunnelStep, ...]


def judged(talks: Iterable[Talk], outcome: Outcome) -> list[Talked]:
    """The talks of which the outcome can be told."""
    known = [talk.talked for talk in talks if outcome in talk.judged]
    if outcome not in _ONLY_WHERE_MET:
        return known
    matters = {talk.stratum for talk in known if outcome in talk.outcomes}
    return [talk for talk in known if talk.stratum in matters]


def findings(
    talks: Sequence[Talk], outcome: Outcome, outlines: Iterable[Outline], *, agents: bool
) -> tuple[Finding, ...]:
    """Every comparison for an outcome, those that are more than chance first; agents by name, only when asked for."""
    known = judged(talks, outcome)
    found = [*_cards(known, outcome), *_steps(known, outcome, outlines), *_phrases(known, outcome)]
    people = _agents(known, outcome) if agents else []
    return tuple(sorted([*_told(found), *_told(people)], key=_order))


def _told(found: Sequence[Finding]) -> list[Finding]:
    """The same with what may be believed. Agents are judged apart: whoever may not see them sees the same of cards."""
    enough = [one for one in found if one.effect.enough and one.effect.difference is not None]
    kept = believed([one.effect.difference.p for one in enough if one.effect.difference is not None])
    known = {(one.about, one.name) for one, yes in zip(enough, kept, strict=True) if yes}
    return [replace(one, effect=replace(one.effect, found=(one.about, one.name) in known)) for one in found]


def _order(one: Finding) -> tuple[bool, bool, bool, float, str]:
    effect = one.effect
    size = abs(effect.difference.by) if effect.difference is not None else 0.0
    if one.about is About.AGENT:
        return True, False, False, 0.0, one.name
    return False, not effect.found, not effect.enough, -size, one.name


def _named(marks: Iterable[str], prefix: str) -> list[str]:
    return sorted({mark.removeprefix(prefix) for mark in marks if mark.startswith(prefix)})


def _marks(talks: Iterable[Talked]) -> set[str]:
    return {mark for talk in talks for mark in talk.marks}


def _cards(known: Sequence[Talked], outcome: Outcome) -> list[Finding]:
    met: dict[str, list[Talked]] = {}
    for talk in known:
        for card in {mark.split(":", 1)[1] for mark in talk.marks if mark.startswith(("card:", "used:"))}:
            met.setdefault(card, []).append(talk)
    return [Finding(About.CARD, card, *effects(met[card], outcome, [f"used:{card}"])) for card in sorted(met)]


def _steps(known: Sequence[Talked], outcome: Outcome, outlines: Iterable[Outline]) -> list[Finding]:
    found = []
    for outline in outlines:
        for step in outline.steps:
            mark, met, *left = (f"{kind}:{outline.script}/{step}" for kind in ("done", "step", "last", "passed"))
            reached = [talk for talk in known if met in talk.marks and talk.marks.isdisjoint(left)]
            if any(mark in talk.marks for talk in reached):
                found.append(Finding(About.STEP, f"{outline.script}/{step}", *effects(reached, outcome, [mark])))
    return found


def _phrases(known: Sequence[Talked], outcome: Outcome) -> list[Finding]:
    names = _named(_marks(known), "phrase:")
    found = effects(known, outcome, [f"phrase:{name}" for name in names]) if names else ()
    return [Finding(About.PHRASE, one.mark.removeprefix("phrase:"), one) for one in found]


def _agents(known: Sequence[Talked], outcome: Outcome) -> list[Finding]:
    tagged = [replace(talk, marks=frozenset({f"agent:{talk.agent}"})) for talk in known if talk.agent]
    found = effects(tagged, outcome) if tagged else ()
    return [Finding(About.AGENT, one.mark.removeprefix("agent:"), one) for one in found]


def funnels(talks: Iterable[Talk], outlines: Iterable[Outline]) -> tuple[ScriptFunnel, ...]:
    """Every script that was begun."""
    talked = [talk.talked for talk in talks]
    found = []
    for outline in outlines:
        begun = sum(f"script:{outline.script}" in talk.marks for talk in talked)
        if begun and outline.steps:
            found.append(ScriptFunnel(outline.script, begun, tuple(_funnel(talked, outline))))
    return tuple(found)


def _funnel(talked: Sequence[Talked], outline: Outline) -> Iterator[FunnelStep]:
    """Steps that were met. A talk is lost at its last step unless that was done or the next agent went on from there.

    Branches not taken lose nobody.
    """
    counts = Counter(mark for talk in talked for mark in talk.marks if mark.startswith(("step:", "last:")))
    for step in outline.steps:
        reached, left = (counts[f"{kind}:{outline.script}/{step}"] for kind in ("step", "last"))
        if reached:
            yield FunnelStep(step, reached, share(reached - left, reached))


def lost(step: FunnelStep) -> Share:
    """How many of the talks that reached a step ended there before it was done, with no agent who went on."""
    return share(step.went_on.of - step.went_on.hits, step.went_on.of)


def outlines_of(talks: Iterable[Talk], known: Mapping[str, Sequence[str]]) -> tuple[Outline, ...]:
    """Scripts met in these talks: in the order of their files, else by how seldom a step is reached."""
    counts: dict[str, dict[str, int]] = {}
    for talk in talks:
        for mark in talk.talked.marks:
            if mark.startswith("step:"):
                script, _, step = mark.removeprefix("step:").partition("/")
                steps = counts.setdefault(script, {})
                steps[step] = steps.get(step, 0) + 1
    return tuple(
        Outline(script, tuple(known.get(script) or sorted(steps, key=lambda step: (-steps[step], step))))
        for script, steps in sorted(counts.items())
    )
