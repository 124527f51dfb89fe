"""Where a script may still lead, given what is known: conditions are true, false, or not decided yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from voicebot.assist.scripts.model import Key, ScriptSet, ScriptState, ScriptStep, StepKind
from voicebot.flows.conditions import All, Any_, Condition, Not, Test, holds, names
from voicebot.flows.content import END


def truth(condition: Condition, state: ScriptState, open_slots: frozenset[str]) -> bool | None:
    """Kleene's three values. A slot without a value is undecided while its question is still open."""
    match condition:
        case Not(inner):
            value = truth(inner, state, open_slots)
            return None if value is None else not value
        case All(parts):
            values = [truth(part, state, open_slots) for part in parts]
            return False if False in values else None if None in values else True
        case Any_(parts):
            values = [truth(part, state, open_slots) for part in parts]
            return True if True in values else None if None in values else False
        case Test():
            for name in names(condition):
                known = state.slots if name.scope == "slots" else state.context
                if known.get(name.name) is None and (name.scope == "slots" and name.name in open_slots):
                    return None
            return holds(condition, lambda scope, name: (state.slots if scope == "slots" else state.context).get(name))


class Ways:
    """The ways on from where an agent is; made anew for each state."""

    def __init__(self, scripts: ScriptSet, state: ScriptState) -> None:
        self._scripts, self._state = scripts, state
        self._open = frozenset(
            step.slot
            for script in scripts.scripts.values()
            for step in script.steps.values()
            if step.kind is StepKind.ASK and (script.id, step.id) not in state.marks
        )

    def step(self, key: Key) -> ScriptStep:
        """A step that is known to exist."""
        found = self._scripts.step(key)
        assert found is not None
        return found

    def next(self, key: Key) -> tuple[Key | None, ...]:
        """Where a step may lead, first choice first; one entry when that is decided. None is the end."""
        step = self.step(key)
        if step.kind is StepKind.LINK:
            script = self._scripts.scripts[step.link]
            return ((script.id, script.first),)
        found: list[Key | None] = []
        for branch in step.next.branches:
            value = True if branch.condition is None else truth(branch.condition, self._state, self._open)
            if value is not False:
                found.append(None if branch.target == END else (key[0], branch.target))
            if value is True:
                break
        return tuple(dict.fromkeys(found))

    def ahead(self, start: Key | None) -> Iterator[Key]:
        """Every step that may still come, ``start`` included, nearest first."""
        yield from self._flood(start, lambda key: True)[0]

    def certain(self, start: Key | None) -> tuple[Key, ...]:
        """The mandatory steps that every way from ``start`` to the end goes through, done or not."""
        keys, _ = self._flood(start, lambda key: True)
        found: list[Key] = []
        for key in keys:
            if self.step(key).mandatory:
                ends = self._ends_without(start, key)
                if not ends:
                    found.append(key)
        return tuple(found)

    def _ends_without(self, start: Key | None, key: Key) -> bool:
        return self._flood(start, lambda other: other != key)[1]

    def way(self, start: Key, goal: Key, free: Callable[[Key], bool]) -> tuple[Key, ...] | None:
        """The shortest way from ``start`` to ``goal`` over steps that are free to pass; both ends included."""
        came: dict[Key, Key | None] = {start: None}
        todo = deque([start])
        while todo:
            at = todo.popleft()
            if at == goal:
                path: list[Key] = []
                back: Key | None = at
                while back is not None:
                    path.append(back)
                    back = came[back]
                return tuple(reversed(path))
            if not free(at):
                continue
            for after in self.next(at):
                if after is not None and after not in came:
                    came[after] = at
                    todo.append(after)
        return None

    def _flood(self, start: Key | None, may: Callable[[Key], bool]) -> tuple[tuple[Key, ...], bool]:
        """Steps that can be reached over steps that ``may`` be passed, and whether the end can."""
        if start is None:
            return (), True
        if not may(start):
            return (), False
        seen: dict[Key, None] = {start: None}
        todo, ends = deque([start]), False
        while todo:
            for after in self.next(todo.popleft()):
                if after is None:
                    ends = True
                elif after not in seen and may(after):
                    seen[after] = None
                    todo.append(after)
        return tuple(seen), ends


def missing(scripts: ScriptSet, state: ScriptState) -> tuple[Key, ...]:
    """Mandatory steps that were not done: those the agent was led past, and those on every way that is left."""
    ways = Ways(scripts, state)
    due = dict.fromkeys(key for key in state.passed if ways.step(key).mandatory)
    due |= dict.fromkeys(ways.certain(state.at))
    return tuple(key for key in due if not state.done(key) and not _declined(ways.step(key), state))


def answered(scripts: ScriptSet, state: ScriptState) -> frozenset[str]:
    """Slots that the agent knows: they have a value, or a step was done that settles them in words nobody keeps."""
    done = [step for key in state.marks if (step := scripts.step(key)) is not None and state.done(key)]
    kept = {name for name, value in state.slots.items() if value not in (None, "")}
    return frozenset(kept | {name for step in done for name in step.settles})


def _declined(step: ScriptStep, state: ScriptState) -> bool:
    """The question was answered, though not as hoped: nothing is missing."""
    value = state.slots.get(step.slot) if step.slot else None
    return value is not None and bool(step.agrees) and str(value) not in step.agrees
