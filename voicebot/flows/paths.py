"""Every way through a flow, followed over its yes/no answers: what cannot be reached, what changes without a yes."""

from __future__ import annotations

from collections.abc import Iterator

from voicebot.errors import ContentError
from voicebot.flows.conditions import All, Any_, Condition, Literal_, Name, Not, Test
from voicebot.flows.content import END, Act, Collect, Confirmation, Flow, Link, Next
from voicebot.flows.tasks import TASKS

_Known = frozenset[tuple[str, bool]]
_LIMIT = 20000


def check_paths(flow: Flow) -> Iterator[ContentError]:
    """Problems in a flow's shape."""
    visited, unconfirmed = _walk(flow)
    for step_id, step in flow.steps.items():
        if step_id not in visited:
            yield ContentError(
                step.place.file,
                step.place.line,
                f"Step {step_id!r} of flow {flow.id!r} is never reached.",
                "Point a `next` at it, mend the conditions before it, or take it out.",
            )
    for act in unconfirmed:
        yield ContentError(
            act.place.file,
            act.place.line,
            f"{act.action!r} changes something, and flow {flow.id!r} can reach it without an explicit yes.",
            "Put a collect step with `metadata: {confirmation: explicit}` before it and branch on its slot.",
        )
    yield from _circles(flow, visited)


def _walk(flow: Flow) -> tuple[set[str], list[Act]]:
    explicit = {c.slot for c in flow.collects if c.confirmation is Confirmation.EXPLICIT}
    seen: set[tuple[str, _Known]] = set()
    todo: list[tuple[str, _Known]] = [(flow.first, frozenset())]
    unconfirmed: dict[str, Act] = {}
    while todo and len(seen) < _LIMIT:
        at, known = todo.pop()
        step = flow.steps.get(at)
        if at == END or (at, known) in seen or step is None:
            continue
        seen.add((at, known))
        if isinstance(step, Link):
            continue
        if isinstance(step, Act):
            if step.changes and not any(value and slot in explicit for slot, value in known):
                unconfirmed[step.id] = step
            if step.action in ("action_handoff", "action_end", "action_restart"):
                continue
        answers: list[_Known] = [known]
        if isinstance(step, Collect) and step.yes_no:
            rest = frozenset(item for item in known if item[0] != step.slot)
            answers = [rest | {(step.slot, True)}, rest | {(step.slot, False)}]
        for answer in answers:
            todo.extend((target, answer) for target in _targets(step.next, dict(answer)))
    return {at for at, _ in seen}, list(unconfirmed.values())


def _targets(following: Next, known: dict[str, bool]) -> Iterator[str]:
    for branch in following.branches:
        truth = True if branch.condition is None else _truth(branch.condition, known)
        if truth is not False:
            yield branch.target
        if truth is True:
            return


def _truth(condition: Condition, known: dict[str, bool]) -> bool | None:
    """True, False, or None when it depends on more than the yes/no answers."""
    match condition:
        case Not(inner):
            value = _truth(inner, known)
            return None if value is None else not value
        case All(parts):
            values = [_truth(part, known) for part in parts]
            return False if False in values else None if None in values else True
        case Any_(parts):
            values = [_truth(part, known) for part in parts]
            return True if True in values else None if None in values else False
        case Test(Name("slots", name), "truthy", _) if name in known:
            return known[name]
        case Test(Name("slots", name), op, Literal_(bool() as wanted)) if name in known and op in ("=", "!="):
            return (known[name] == wanted) == (op == "=")
    return None


def _circles(flow: Flow, visited: set[str]) -> Iterator[ContentError]:
    """Circles on which nothing is ever waited for would run for ever."""
    moving: dict[str, list[str]] = {}
    for step_id in visited:
        step = flow.steps[step_id]
        waits = isinstance(step, Collect) or (isinstance(step, Act) and step.action not in TASKS)
        moving[step_id] = [] if waits or isinstance(step, Link) else [b.target for b in step.next.branches]
    for start in sorted(visited, key=lambda s: flow.steps[s].place.line):
        todo, seen = list(moving[start]), set[str]()
        while todo:
            at = todo.pop()
            if at == start:
                place = flow.steps[start].place
                yield ContentError(
                    place.file,
                    place.line,
                    f"Flow {flow.id!r} goes round in a circle without asking anything.",
                    "Let one of the steps collect something, call an action, or end.",
                )
                return
            if at in seen or at == END or at not in moving:
                continue
            seen.add(at)
            todo.extend(moving[at])
