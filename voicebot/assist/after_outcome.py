"""Suggested disposition of a contact, from the company's own list, and what the customer's problem and its cure were."""

# ruff: noqa: E501 - patterns and word lists read better on one line

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicebot.assist.after_facts import Line, Story
from voicebot.assist.after_promises import Promise
from voicebot.assist.matching.phrases import PhraseIndex, line
from voicebot.assist.matching.words import Kind
from voicebot.assist.scripts.model import ScriptSet
from voicebot.domain import Answer, Language
from voicebot.nlu.answers import answer_of
from voicebot.redaction import redact

_OK = frozenset(("ok", "done", "success", "created", "sent"))
_SCRIPT, _ACTION, _INTENT, _WORDS, _PROMISED, _UNRESOLVED = 4.0, 2.0, 1.0, 1.5, 1.2, 0.6
LEAST = 1.0
"""What speaks for a disposition must weigh this much."""
_TOKEN = re.compile(r"[a-z]+")
_PROBLEM_CHARS, _SOLUTION_CHARS = 300, 500
_FIXED = {
    "en": ("it works", "it's working", "that's fixed it", "that did it", "that worked", "it's back", "that solved it", "sorted now"),
    "ja": ("直りました", "動きました", "つきました", "できました", "つながりました", "解決しました", "使えるようになりました", "戻りました"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """One disposition of the company. ``resolved``: yes, no or unknown."""

    code: str
    labels: Mapping[str, str]
    resolved: str = "unknown"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A disposition, how much speaks for it, and the events that do."""

    code: str
    weight: float
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem and what cured it, in the speakers' words, redacted; ``turns`` are their events."""

    problem: str
    solution: str
    turns: tuple[int, ...]
    language: Language


def dispositions(
    story: Story, codes: Sequence[Code], scripts: ScriptSet | None, promised: Sequence[Promise], limit: int = 3
) -> tuple[Suggestion, ...]:
    """The likeliest first; empty when nothing speaks for any."""
    weights: dict[str, float] = {}
    turns: dict[str, dict[int, None]] = {}
    known = {one.code: one for one in codes}

    def add(code: str, weight: float, *seqs: int) -> None:
        if code in known:
            weights[code] = weights.get(code, 0.0) + weight
            turns.setdefault(code, {}).update(dict.fromkeys(seqs))

    if not any(one.who == "customer" for one in story.lines):
        add("line_lost" if any(one.who == "agent" for one in story.lines) else "silent", _ACTION)
    for place, (seq, script, step) in enumerate(sorted(story.done)):
        found = scripts.scripts.get(script) if scripts is not None else None
        if found is not None and step in found.dispositions:
            add(found.dispositions[step], _SCRIPT + place / 100, seq)
    for one in codes:
        tokens = _stems(one.code)
        for seq, action, outcome in story.actions:
            if outcome in _OK and (shared := len(tokens & _stems(action))):
                add(one.code, _ACTION * shared / len(tokens), seq)
        if story.intents and (shared := len(tokens & _stems(story.intents[-1]))):
            add(one.code, _INTENT * shared / len(tokens))
        for said in story.lines:
            if said.who == "agent" and _label_said(one, said):
                add(one.code, _WORDS, said.seq)
    if fixed := cure(story):
        for code in ("fault_fixed", "order_answered", "advice_given"):
            if code in known:
                add(code, _SCRIPT - 1, *fixed.turns)
                break
    for promise in promised:
        add("callback_agreed" if promise.kind == "callback" else "follow_up", _PROMISED, promise.turn)
    ranked = sorted(weights, key=lambda code: (-weights[code], list(known).index(code)))
    return tuple(
        Suggestion(code, round(weights[code], 3), tuple(sorted(turns[code])))
        for code in ranked[:limit]
        if weights[code] >= LEAST
    )


def cure(story: Story) -> Solved | None:
    """The problem and what was said right before the customer confirmed that it works; None when nobody confirmed."""
    for place in range(len(story.lines) - 1, -1, -1):
        said = story.lines[place]
        if said.who != "customer" or not _confirms(story.lines, place):
            continue
        told = [one for one in story.lines[:place] if one.who == "agent" and not _asks(one)]
        telling = [one for one in story.lines[:place] if one.who == "customer" and _content(one) >= 3]
        if not told or not telling:
            return None
        problem = max(telling[:6], key=_content)
        solution = told[-2:] if len(told) > 1 and told[-2].seq > problem.seq else told[-1:]
        words = (" " if said.language != "ja" else "").join(one.text for one in solution)
        return Solved(
            redact(problem.text).text[:_PROBLEM_CHARS],
            redact(words).text[:_SOLUTION_CHARS],
            (problem.seq, *(one.seq for one in solution), said.seq),
            problem.language,
        )
    return None


def _confirms(lines: Sequence[Line], place: int) -> bool:
    said = lines[place]
    index = PhraseIndex({"fixed": _FIXED.get(said.language, ())}, said.language)
    if index.find(line(said.text, said.language)):
        return True
    before = next((one for one in reversed(lines[:place]) if one.who == "agent"), None)
    asked = before is not None and re.search(
        r"working now|is it working|did that (?:help|work)|any better|直りました|動きました|いかがでしょう|解決しました",
        before.text.lower(),
    )
    return bool(asked) and answer_of(said.text, said.language) is Answer.YES


def _asks(one: Line) -> bool:
    return one.text.rstrip().endswith(("?", "？", "か。", "か"))


def _content(one: Line) -> int:
    return sum(word.kind is Kind.CONTENT for word in line(one.text, one.language).words)


def _label_said(code: Code, said: Line) -> bool:
    label = code.labels.get(said.language, "")
    return bool(label) and bool(PhraseIndex({"": (label,)}, said.language).find(line(said.text, said.language)))


def _stems(name: str) -> set[str]:
    """Words of a code or action, so cut that "cancelled" is "cancel": five letters."""
    return {token[:5] for token in _TOKEN.findall(name) if len(token) > 3 and token not in ("action", "with", "given")}
