"""A guided script as a pure machine: what is said and clicked ticks its steps, and nothing mandatory is lost.

Rules: only words of a step's own party do it. What is ahead may be done early, what is behind only when it is
mandatory and still open. The script goes on by itself over what is done or may be left out, never over a mandatory
step or an open question. Before the end, whatever mandatory step was not done is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from voicebot.assist.model import Speaker
from voicebot.assist.scripts.guide import Guide, Spoken
from voicebot.assist.scripts.manners import goodbye
from voicebot.assist.scripts.model import Key, Mark, ScriptState, ScriptStep, StepKind
from voicebot.assist.scripts.ways import Ways, missing
from voicebot.domain import Json

By = Literal["heard", "clicked", "script"]
WARN_AGAIN_S = 30.0
"""A missing step is not named again sooner than this for mere goodbye words; opening the wrap-up always names it."""


@dataclass(frozen=True, slots=True)
class SlotKnown:
    """A value is known, whoever found it out."""

    slot: str
    value: Json


@dataclass(frozen=True, slots=True)
class Clicked:
    """The agent says what became of a step."""

    key: Key
    what: Literal["done", "undone", "skipped"]


@dataclass(frozen=True, slots=True)
class Ending:
    """The agent opens the wrap-up or ends the contact."""


Given = Spoken | SlotKnown | Clicked | Ending


@dataclass(frozen=True, slots=True)
class Entered:
    """The agent is led to a step."""

    key: Key


@dataclass(frozen=True, slots=True)
class Ticked:
    """A step was done, undone or skipped. ``value``: the answer that was heard."""

    key: Key
    what: Literal["done", "undone", "skipped"]
    by: By
    utterance: str = ""
    value: Json = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A mandatory step has not been done and the talk is about to end."""

    key: Key
    utterance: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """The script is over."""


Change = Entered | Ticked | Warned | Finished


def start(
    guide: Guide, script: str, slots: Mapping[str, Json], context: Mapping[str, Json], now_s: float
) -> tuple[ScriptState, tuple[Change, ...]]:
    """Begin a script; questions whose slots are known already are done. Raises KeyError for an unknown script."""
    found = guide.scripts.scripts[script]
    first = (script, found.first)
    state = ScriptState(script, first, slots=dict(slots), context=dict(context), passed=(first,))
    state, changes = _lead(guide, state, now_s)
    return state, _entered(None, state) + changes


def step(guide: Guide, state: ScriptState, given: Given, now_s: float) -> tuple[ScriptState, tuple[Change, ...]]:
    """What comes of one thing that happened. ``now_s``: seconds on any steady clock."""
    before = state.at
    if state.ended and not isinstance(given, Clicked | Ending):
        return state, ()
    match given:
        case Spoken():
            state, changes = _spoken(guide, state, given, now_s)
        case SlotKnown(slot=slot, value=value):
            state, changes = _known(guide, replace(state, slots={**state.slots, slot: value}), now_s)
        case Clicked():
            state, changes = _clicked(guide, state, given, now_s)
        case Ending():
            named = missing(guide.scripts, state)
            state = replace(state, ended=True, warned={**state.warned, **dict.fromkeys(named, now_s)})
            return state, (*(Warned(key) for key in named), Finished())
    return state, changes + _entered(before, state)


def _spoken(guide: Guide, state: ScriptState, spoken: Spoken, now_s: float) -> tuple[ScriptState, tuple[Change, ...]]:
    ways = Ways(guide.scripts, state)
    ahead = tuple(ways.ahead(state.at))
    changes: tuple[Change, ...] = ()
    heard: list[Key] = []
    for key in () if spoken.again else guide.asked(spoken):
        if key in ahead or key in state.passed:
            state = replace(state, asked=key)
    for key in guide.heard(spoken, state.at):
        step_ = guide.scripts.step(key)
        if step_ is None or state.done(key):
            continue
        if key in ahead or (step_.mandatory and key in state.passed):
            heard.append(key)
    for key in sorted(heard, key=lambda one: ahead.index(one) if one in ahead else -1):
        state, more = _tick(state, key, "done", "heard", spoken.utterance, now_s)
        changes += more
    if spoken.party is Speaker.CUSTOMER and not (spoken.again and _did_answer(guide, state, spoken.utterance)):
        state, more = _answered(guide, state, spoken, now_s)
        changes += more
    for key in heard:
        state = _go_to(guide, state, key)
    if state.asked is not None and state.asked in ahead:
        state = _go_to(guide, state, state.asked)
    was = state.at
    state, more = _lead(guide, state, now_s)
    changes += more
    if spoken.party is Speaker.AGENT and state.at == was and not spoken.again:
        state = replace(state, spoke=True)
    if spoken.sure and goodbye(spoken.text, spoken.language):
        due = [key for key in missing(guide.scripts, state) if now_s - state.warned.get(key, -1e9) >= WARN_AGAIN_S]
        state = replace(state, warned={**state.warned, **dict.fromkeys(due, now_s)})
        changes += tuple(Warned(key, spoken.utterance) for key in due)
    return state, changes


def _answered(guide: Guide, state: ScriptState, spoken: Spoken, now_s: float) -> tuple[ScriptState, tuple[Change, ...]]:
    """The customer answers what was asked: heard to be asked, or the agent is at it and has spoken."""
    ahead = (key for key in Ways(guide.scripts, state).ahead(state.at) if _telling(guide, key))
    for key in dict.fromkeys((state.asked, state.at if state.spoke else None, *ahead)):
        step_ = guide.scripts.step(key) if key is not None else None
        if key is None or step_ is None:
            continue
        agreed = guide.agreed(spoken) if key == state.asked else None
        if step_.kind is not StepKind.ASK:
            if agreed and not state.done(key) and step_.party is not Speaker.AGENT:
                return _tick(replace(state, asked=None), key, "done", "heard", spoken.utterance, now_s)
            continue
        value = guide.answer(step_, key, spoken)
        if value is None and agreed is not None and {"yes", "no"} & set(step_.answers):
            value = "yes" if agreed else "no"
        if value is None:
            continue
        state = replace(state, slots={**state.slots, step_.slot: value}, asked=None)
        kept = value if step_.answers or step_.yes_no else None  # what else was said is the customer's own
        return _tick(state, key, _what(step_, value), "heard", spoken.utterance, now_s, kept)
    return state, ()


def _did_answer(guide: Guide, state: ScriptState, utterance: str) -> bool:
    """Whether a question was answered by these words before."""
    return any(
        mark.utterance == utterance and (step_ := guide.scripts.step(key)) is not None and step_.kind is StepKind.ASK
        for key, mark in state.marks.items()
    )


def _what(step_: ScriptStep, value: Json) -> Literal["done", "skipped"]:
    return "done" if not step_.agrees or str(value) in step_.agrees else "skipped"


def _telling(guide: Guide, key: Key) -> bool:
    """Whether a question's answers tell by themselves what they answer."""
    step_ = guide.scripts.step(key)
    return step_ is not None and step_.mandatory and bool(step_.answers or step_.values)


def _known(guide: Guide, state: ScriptState, now_s: float) -> tuple[ScriptState, tuple[Change, ...]]:
    """Open questions of the way so far whose slots have a value are done."""
    changes: tuple[Change, ...] = ()
    for key in state.passed:
        step_ = guide.scripts.step(key)
        if step_ is not None and _answerable(step_, state) and not state.done(key):
            state, more = _tick(state, key, _what(step_, state.slots[step_.slot]), "script", "", now_s)
            changes += more
    state, more = _lead(guide, state, now_s)
    return state, changes + more


def _clicked(guide: Guide, state: ScriptState, given: Clicked, now_s: float) -> tuple[ScriptState, tuple[Change, ...]]:
    step_ = guide.scripts.step(given.key)
    if step_ is None or not step_.ticked:
        return state, ()
    changes: tuple[Change, ...] = ()
    if given.what != "undone":
        state, changes = _tick(state, given.key, given.what, "clicked", "", now_s)
        state = _go_to(guide, state, given.key)
    elif given.key in state.marks:
        marks = {key: mark for key, mark in state.marks.items() if key != given.key}
        slots = {name: value for name, value in state.slots.items() if not step_.slot or name != step_.slot}
        state = replace(state, marks=marks, slots=slots, passed=_with(state.passed, given.key))
        changes = (Ticked(given.key, "undone", "clicked"),)
    state, more = _lead(guide, state, now_s)
    return state, changes + more


def _tick(
    state: ScriptState,
    key: Key,
    what: Literal["done", "skipped"],
    by: By,
    utterance: str,
    now_s: float,
    value: Json = None,
) -> tuple[ScriptState, tuple[Change, ...]]:
    held = state.marks.get(key)
    if held is not None and (held.what == what or held.what == "done"):
        return state, ()
    state = replace(state, marks={**state.marks, key: Mark(what, by, utterance, now_s)})
    return state, (Ticked(key, what, by, utterance, value),)


def _go_to(guide: Guide, state: ScriptState, key: Key) -> ScriptState:
    """Lead to a step ahead, if nothing that may not be left out lies between."""
    if state.at is None or state.at == key:
        return state
    ways = Ways(guide.scripts, state)
    path = ways.way(state.at, key, lambda one: one in state.marks or not ways.step(one).holds_up)
    return state if path is None else _at(state, key, path)


def _lead(guide: Guide, state: ScriptState, now_s: float) -> tuple[ScriptState, tuple[Change, ...]]:
    """On from what is done, as far as it is decided where to."""
    changes: tuple[Change, ...] = ()
    turns = 0
    while (here := state.at) is not None and (turns := turns + 1) < 500:
        step_ = guide.scripts.step(here)
        assert step_ is not None
        if _answerable(step_, state) and here not in state.marks:
            state, more = _tick(state, here, _what(step_, state.slots[step_.slot]), "script", "", now_s)
            changes += more
        if step_.ticked and here not in state.marks:
            break
        ways = Ways(guide.scripts, state)
        targets = ways.next(here)
        if len(targets) != 1 or targets[0] == here:
            break
        to = targets[0]
        if to is not None and to in state.marks and to in state.passed:
            if not any(one not in state.marks and ways.step(one).ticked for one in ways.ahead(to)):
                break
        state = _at(state, to, () if to is None else (to,))
    return state, changes


def _answerable(step_: ScriptStep, state: ScriptState) -> bool:
    return step_.kind is StepKind.ASK and state.slots.get(step_.slot) is not None


def _at(state: ScriptState, key: Key | None, path: tuple[Key, ...]) -> ScriptState:
    return replace(state, at=key, passed=_with(state.passed, *path), spoke=False)


def _with(passed: tuple[Key, ...], *more: Key) -> tuple[Key, ...]:
    return tuple(dict.fromkeys((*passed, *more)))


def _entered(before: Key | None, state: ScriptState) -> tuple[Change, ...]:
    return () if state.at is None or state.at == before else (Entered(state.at),)
