"""What to try next, each with its numbers: where a script loses people, what helps there, what is hardly used.

A suggestion is a question worth an experiment, never a verdict: talks were not drawn by lot. Nothing is suggested from
fewer talks than :data:`~voicebot.assist.analysis.outcomes.LEAST` or from a difference that may be luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode

from voicebot.assist.analysis.findings import About, Finding, ScriptFunnel, lost
from voicebot.assist.analysis.intervals import Share, difference, share
from voicebot.assist.analysis.outcomes import LEAST, Effect, Outcome, Talked, effects
from voicebot.assist.analysis.talks import Talk

_SELDOM = 0.5
_MOST = 12
_BAD = frozenset((Outcome.ESCALATED, Outcome.REPEATED))
"""Outcomes there should be less of."""


class Kind(StrEnum):
    """What is suggested."""

    CARD_AT_STEP = "card_at_step"
    """A step loses many; talks that use a card there lose fewer."""
    LEAKY_STEP = "leaky_step"
    """A step loses more than the others of its script, and no card is seen to help."""
    USE_CARD = "use_card"
    """A card goes with the outcome and is taken up in less than half of the talks in which it comes up."""
    MEND_CARD = "mend_card"
    """A card is dismissed in more than half of them."""
    DO_STEP = "do_step"
    """Talks in which a step was done end better than those that went past it."""
    SAY_PHRASE = "say_phrase"
    """A wording goes with the outcome."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``share`` is what is suggested about: the loss at the step, or how often the card or phrase is used.

    ``with_it`` and ``without`` are what the change might bring; None where nothing is compared. ``edit`` opens the
    editor at the place.
    """

    kind: Kind
    share: Share
    edit: str
    script: str = ""
    step: str = ""
    card: str = ""
    phrase: str = ""
    with_it: Share | None = None
    without: Share | None = None


def suggestions(
    talks: Sequence[Talk],
    outcome: Outcome,
    found: Iterable[Finding],
    scripts: Iterable[ScriptFunnel],
) -> tuple[Suggestion, ...]:
    """The most telling ones, steps first."""
    talked = [talk.talked for talk in talks]
    made = [one for funnel in scripts for one in _leaks(talked, funnel)]
    for finding in found:
        made += _of_finding(talked, finding, outcome)
    made += _dismissed(talked)
    return tuple(made[:_MOST])


def _leaks(talked: Sequence[Talked], script: ScriptFunnel) -> list[Suggestion]:
    made: list[Suggestion] = []
    for step in script.steps:
        here = lost(step)
        rest = [lost(other) for other in script.steps if other is not step]
        others = share(sum(one.hits for one in rest), sum(one.of for one in rest))
        if here.of < LEAST or not here.hits or (others.of and difference(here, others).low <= 0):
            continue
        edit = "/assist/edit?" + urlencode({"script": script.script, "step": step.step})
        best = _helping(talked, f"{script.script}/{step.step}")
        if best is None:
            made.append(Suggestion(Kind.LEAKY_STEP, here, edit, script.script, step.step))
        else:
            card, with_it, without = best
            made.append(
                Suggestion(
                    Kind.CARD_AT_STEP, here, edit, script.script, step.step, card, with_it=with_it, without=without
                )
            )
    return sorted(made, key=lambda one: -one.share.hits)


def _helping(talked: Sequence[Talked], place: str) -> tuple[str, Share, Share] | None:
    """The card with which the fewest are lost at a step, if that is more than chance: loss with it and without it."""
    prefix = f"at:{place}:"
    stayed = [
        replace(talk, outcomes=frozenset() if f"last:{place}" in talk.marks else frozenset({Outcome.KEPT}))
        for talk in talked
        if f"step:{place}" in talk.marks
    ]
    marks = {mark for talk in stayed for mark in talk.marks if mark.startswith(prefix)}
    tried = [one for one in effects(stayed, Outcome.KEPT, marks) if one.found and _by(one) > 0] if marks else []
    if not tried:
        return None
    best = max(tried, key=_by)
    return best.mark.removeprefix(prefix), _rest(best.with_it), _rest(best.without)


def _of_finding(talked: Sequence[Talked], finding: Finding, outcome: Outcome) -> list[Suggestion]:
    effect = finding.effect
    better = _by(effect) * (-1 if outcome in _BAD else 1) > 0
    if not (effect.found and better):
        return []
    made = _made_of(talked, finding)
    return [replace(made, with_it=effect.with_it, without=effect.without)] if made is not None else []


def _made_of(talked: Sequence[Talked], finding: Finding) -> Suggestion | None:
    match finding.about:
        case About.CARD:
            used = _taken_up(talked, finding.name)
            edit = "/assist/edit?" + urlencode({"card": finding.name})
            seldom = used.of >= LEAST and used.hits < _SELDOM * used.of
            return Suggestion(Kind.USE_CARD, used, edit, card=finding.name) if seldom else None
        case About.STEP:
            script, _, step = finding.name.partition("/")
            edit = "/assist/edit?" + urlencode({"script": script, "step": step})
            done = _share(talked, f"step:{finding.name}", f"done:{finding.name}")
            return Suggestion(Kind.DO_STEP, done, edit, script, step)
        case About.PHRASE:
            said = share(sum(f"phrase:{finding.name}" in talk.marks for talk in talked), len(talked))
            seldom = said.hits < _SELDOM * said.of
            script = _script_of([talk for talk in talked if f"phrase:{finding.name}" in talk.marks])
            edit = "/assist/edit?" + urlencode(
                {"script": script, "phrase": finding.name} if script else {"phrase": finding.name}
            )
            return Suggestion(Kind.SAY_PHRASE, said, edit, script, phrase=finding.name) if seldom else None
        case _:
            return None


def _script_of(talks: Sequence[Talked]) -> str:
    """The script that most of these talks went by; empty where there is none."""
    counts = Counter(
        mark.removeprefix("script:") for talk in talks for mark in talk.marks if mark.startswith("script:")
    )
    script, met = max(sorted(counts.items()), key=lambda one: one[1], default=("", 0))
    return script if 2 * met > len(talks) else ""


def _dismissed(talked: Sequence[Talked]) -> list[Suggestion]:
    cards = sorted({mark.removeprefix("card:") for talk in talked for mark in talk.marks if mark.startswith("card:")})
    shares = [(card, _share(talked, f"card:{card}", f"dismissed:{card}")) for card in cards]
    return [
        Suggestion(Kind.MEND_CARD, one, "/assist/edit?" + urlencode({"card": card}), card=card)
        for card, one in shares
        if one.of >= LEAST and one.low > _SELDOM
    ]


def _taken_up(talked: Sequence[Talked], card: str) -> Share:
    came_up = [talk for talk in talked if talk.marks & {f"card:{card}", f"used:{card}"}]
    return share(sum(f"used:{card}" in talk.marks for talk in came_up), len(came_up))


def _share(talked: Sequence[Talked], of: str, hit: str) -> Share:
    met = [talk for talk in talked if of in talk.marks]
    return share(sum(hit in talk.marks for talk in met), len(met))


def _by(effect: Effect) -> float:
    return effect.difference.by if effect.difference is not None else 0.0


def _rest(one: Share) -> Share:
    return share(one.of - one.hits, one.of)
