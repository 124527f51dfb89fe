"""Scripts in the conversation's log: what a change is written as, and where a script stands by what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from voicebot.assist.scripts.guide import Guide
from voicebot.assist.scripts.model import Mark, ScriptState
from voicebot.assist.scripts.step import Change, Entered, Finished, SlotKnown, Ticked, Warned, start, step
from voicebot.domain import Json, Recorded, ScriptMoved, SlotSet


def moved(change: Change, *, script: str, version: str, agent: str) -> ScriptMoved:
    """The event of a change. ``script``: the one that was started; a step's own script stands with the step."""
    match change:
        case Entered(key=key):
            return ScriptMoved(script=key[0], version=version, agent=agent, change="entered", step=key[1])
        case Ticked(key=key, what=what, by=by, utterance=utterance):
            return ScriptMoved(
                script=key[0], version=version, agent=agent, change=what, step=key[1], by=by, utterance=utterance
            )
        case Warned(key=key, utterance=utterance):
            return ScriptMoved(
                script=key[0], version=version, agent=agent, change="warned", step=key[1], utterance=utterance
            )
        case Finished():
            return ScriptMoved(script=script, version=version, agent=agent, change="ended")


def replayed(guide: Guide, events: Iterable[Recorded], slots: Mapping[str, Json]) -> ScriptState | None:
    """The state of the script that was started last, from the log; None when there is none or it is gone.

    ``slots``: what was known besides the log. Marks of steps that the version no longer has are left out.
    """
    state: ScriptState | None = None
    held = dict(slots)
    for recorded in events:
        match recorded.event:
            case SlotSet(slot=slot, value=value, sensitive=False):
                held[slot] = value
                if state is not None:
                    state, _ = step(guide, state, SlotKnown(slot, value), recorded.at.timestamp())
            case ScriptMoved(change="started", script=script):
                known = script in guide.scripts.scripts
                state = start(guide, script, held, {}, recorded.at.timestamp())[0] if known else None
            case ScriptMoved() as event if state is not None:
                state = _applied(guide, state, event, recorded.at.timestamp())
            case _:
                pass
    return state


def _applied(guide: Guide, state: ScriptState, event: ScriptMoved, at_s: float) -> ScriptState:
    key = (event.script, event.step)
    if event.change == "ended":
        return replace(state, ended=True)
    if guide.scripts.step(key) is None:
        return state
    passed = tuple(dict.fromkeys((*state.passed, key)))
    match event.change:
        case "entered":
            return replace(state, at=key, passed=passed)
        case "done" | "skipped":
            mark = Mark(event.change, event.by, event.utterance, at_s)
            return replace(state, marks={**state.marks, key: mark})
        case "undone":
            marks = {other: mark for other, mark in state.marks.items() if other != key}
            return replace(state, marks=marks, passed=passed)
        case "warned":
            return replace(state, warned={**state.warned, key: at_s})
    return state
