"""Scripts in the conversation's log: what a change is written as, and where a script stands by what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from voicebot.assist.scripts.guide import Guide
from voicebot.assist.scripts.model import Mark, ScriptState
from voicebot.assist.scripts.step import Change, Entered, Finished, SlotKnown, Ticked, Warned, start, step
from voicebot.domain import ContactChanged, Event, Json, Recorded, ScriptMoved, SlotSet


def moved(change: Change, *, script: str, version: str, agent: str) -> ScriptMoved:
    """The event of a change. ``script``: the one that was started; a step's own script stands with the step."""
    match change:
        case Entered(key=key):
            return ScriptMoved(script=key[0], version=version, agent=agent, change="entered", step=key[1])
        case Ticked(key=key):
            return ScriptMoved(
                script=key[0],
                version=version,
                agent=agent,
                change=change.what,
                step=key[1],
                by=change.by,
                utterance=change.utterance,
                value=change.value,
            )
        case Warned(key=key, utterance=utterance):
            return ScriptMoved(
                script=key[0], version=version, agent=agent, change="warned", step=key[1], utterance=utterance
            )
        case Finished():
            return ScriptMoved(script=script, version=version, agent=agent, change="ended")


def over(event: Event) -> bool:
    """Whether a contact was finished: a later one in the same conversation begins without its script.

    A contact that is passed on, taken over or given back to the bot takes its script along.
    """
    return isinstance(event, ContactChanged) and event.change == "closed"


def replayed(guide: Guide, events: Iterable[Recorded], slots: Mapping[str, Json]) -> ScriptState | None:
    """The state of the script that was started last, from the log; None when there is none or it is gone.

    Whoever led the contact moved it. ``slots``: what was known besides the log. Marks of steps that the version no
    longer has are left out.
    """
    state: ScriptState | None = None
    held = dict(slots)
    for recorded in events:
        match recorded.event:
            case SlotSet(slot=slot, value=value, sensitive=False):
                held[slot] = value
                if state is not None:
                    state, _ = step(guide, state, SlotKnown(slot, value), recorded.at.timestamp())
            case ScriptMoved() as event:
                state = taken(guide, state, event, held, recorded.at.timestamp())
            case event if over(event):
                state = None
            case _:
                pass
    return state


def taken(
    guide: Guide, state: ScriptState | None, event: ScriptMoved, slots: Mapping[str, Json], at_s: float
) -> ScriptState | None:
    """The state after one more event of the script. ``slots``: what is known, for a script that begins."""
    if event.change == "started":
        known = event.script in guide.scripts.scripts
        return start(guide, event.script, slots, {}, at_s)[0] if known else None
    return None if state is None else _applied(guide, state, event, at_s)


def _applied(guide: Guide, state: ScriptState, event: ScriptMoved, at_s: float) -> ScriptState:
    key = (event.script, event.step)
    if event.change == "ended":
        return replace(state, ended=True)
    found = guide.scripts.step(key)
    if found is None:
        return state
    passed = tuple(dict.fromkeys((*state.passed, key)))
    match event.change:
        case "entered":
            return replace(state, at=key, passed=passed, spoke=False)
        case "done" | "skipped":
            mark = Mark(event.change, event.by, event.utterance, at_s, event.agent)
            answered = {found.slot: event.value} if found.slot and event.value is not None else {}
            return replace(state, marks={**state.marks, key: mark}, slots={**state.slots, **answered})
        case "undone":
            marks = {other: mark for other, mark in state.marks.items() if other != key}
            slots = {name: value for name, value in state.slots.items() if not found.slot or name != found.slot}
            return replace(state, marks=marks, slots=slots, passed=passed)
        case "warned":
            return replace(state, warned={**state.warned, key: at_s})
    return state
