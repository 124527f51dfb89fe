"""Which steps of a script only some talks come to, and on which question that depends: for whoever draws the script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from voicebot.assist.scripts.model import Script, ScriptStep, StepKind
from voicebot.flows.conditions import names
from voicebot.flows.content import END


def branches(script: Script) -> Mapping[str, str]:
    """Steps that can be gone round, each with the step whose answer decides; empty when none of this script does.

    A link ends the script here: what it leads to has a shape of its own.
    """
    found: dict[str, str] = {}
    order = list(script.steps)
    for name in order:
        if _ends(script, script.first, name):
            forks = [one for one in order if _decides(script, one, name)]
            asked = [question for one in reversed(forks) if (question := _question(script, script.steps[one]))]
            found[name] = asked[0] if asked else ""
    return found


def _targets(step: ScriptStep) -> tuple[str, ...]:
    return tuple(dict.fromkeys(branch.target for branch in step.next.branches))


def _reached(script: Script, start: str, but: str = "") -> Iterator[str]:
    """Every step that can be come to without ``but``, and END where the script can end."""
    seen, todo = {but}, [start]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        step = script.steps.get(name)
        if step is not None:
            todo += [END] if step.kind is StepKind.LINK else _targets(step)


def _ends(script: Script, start: str, but: str) -> bool:
    return END in _reached(script, start, but)


def _decides(script: Script, fork: str, name: str) -> bool:
    """Whether it depends on where this step leads if ``name`` comes."""
    targets = _targets(script.steps[fork])
    if len(targets) < 2:
        return False
    to = any(name in _reached(script, one) for one in targets)
    return to and any(name != one and _ends(script, one, name) for one in targets)


def _question(script: Script, fork: ScriptStep) -> str:
    conditions = [branch.condition for branch in fork.next.branches if branch.condition is not None]
    slots = {one.name for condition in conditions for one in names(condition) if one.scope == "slots"}
    asked = [step.id for step in script.steps.values() if step.kind is StepKind.ASK and step.slot in slots]
    return asked[-1] if asked else ""
