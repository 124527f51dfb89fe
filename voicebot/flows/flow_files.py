"""``flows.yml`` -> :class:`Flow`. Only Rasa's keys are allowed; ours stand under ``metadata``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from voicebot.domain import Json, KeypadSpec, Verification
from voicebot.flows.conditions import Condition, ConditionSyntax, parse
from voicebot.flows.content import (
    END,
    Act,
    Branch,
    Call,
    Collect,
    Confirm,
    Confirmation,
    Flow,
    FlowKind,
    HandoffSpec,
    Link,
    Next,
    Noop,
    Place,
    Say_,
    SetSlots,
    Step_,
)
from voicebot.flows.source import Node, nodes_of

_FLOW_ID = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_FLOW_KEYS = frozenset(
    "name description steps if always_include_in_prompt nlu_trigger persisted_slots run_pattern_completed "
    "on_activate translation file_path metadata".split()
)
_STEP_KEYS = frozenset("id next metadata".split())
_KIND_KEYS: dict[str, frozenset[str]] = {
    "action": frozenset(),
    "link": frozenset(),
    "set_slots": frozenset(),
    "noop": frozenset(),
    "call": frozenset("description mcp_server mapping exit_if".split()),
    "collect": frozenset(
        "description ask_before_filling reset_after_flow_ends utter force_slot_filling rejections "
        "silence_timeout dtmf collect-tool-binding".split()
    ),
}
_META_FLOW = frozenset("kind auth interruptible handoff cards then_ask".split())
_META_COLLECT = frozenset(
    "entity free_text validate confirm confirmation retries optional sensitive keypad default_from on_unknown "
    "values".split()
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Flows for another reader than the dialogue: keys that ``metadata`` may hold besides, and who takes them.

    ``taken(flow, step, metadata)`` is called for every flow (``step`` empty) and every step.
    """

    taken: Callable[[str, str, Node], None]
    flow: frozenset[str] = frozenset()
    step: frozenset[str] = frozenset()


def read_flows(node: Node, dialect: Dialect | None = None) -> dict[str, Flow]:
    """All flows of one file."""
    node.only(frozenset({"version", "flows", "nlu", "stories", "rules"}), "A flows file")
    flows: dict[str, Flow] = {}
    listed = node.child("flows")
    for name in listed.data:
        flow = _flow(str(name), listed.child(name), dialect)
        if flow is not None:
            flows[flow.id] = flow
    return flows


def handoff_spec(node: Node) -> HandoffSpec:
    """``{skills, min_level, priority}``."""
    node.only(frozenset({"skills", "min_level", "priority"}), "handoff")
    return HandoffSpec(node.texts("skills"), int(node.number("min_level", 1)), int(node.number("priority", 5)))


def condition_of(node: Node, key: str) -> Condition | None:
    """A predicate under a key; reported when it cannot be read."""
    value = node.data.get(key)
    try:
        return parse("true" if value is True else "false" if value is False else str(value))
    except ConditionSyntax as error:
        node.bad(key, f"The condition {str(value)!r} cannot be read: {error}.", 'Write it like: slots.x = "y".')
        return None


def _enum(node: Node, key: str, kind: type[Any], default: Any) -> Any:
    if key not in node:
        return default
    text = node.text(key)
    try:
        return kind(text)
    except ValueError:
        node.bad(key, f"{key!r} cannot be {text!r}.", f"Use one of {', '.join(item.value for item in kind)}.")
        return default


def _flow(name: str, node: Node, dialect: Dialect | None) -> Flow | None:
    if not _FLOW_ID.match(name):
        node.bad(None, f"{name!r} is no flow id.", "Use letters, digits and underscores, not starting with a digit.")
    node.only(_FLOW_KEYS, "A flow")
    for key in ("description", "steps"):
        if key not in node:
            node.bad(None, f"Flow {name!r} has no {key!r}.", f"Add `{key}:`.")
    meta = node.child("metadata")
    meta.only(_META_FLOW | (dialect.flow if dialect else frozenset()), "metadata of a flow")
    if dialect is not None:
        dialect.taken(name, "", meta)
    steps = _Steps(name, meta, dialect)
    first = steps.block(node.children("steps"), "s", top=True)
    if first is None:
        return None
    steps.check_targets(node)
    names = {"en": node.text("name", name)}
    translation = node.child("translation")
    for language in translation.data:
        names[str(language)] = translation.child(language).text("name", names["en"])
    return Flow(
        id=name,
        kind=_enum(meta, "kind", FlowKind, FlowKind.TASK),
        names=names,
        intents=tuple(_trigger(item) for item in node.children("nlu_trigger")),
        steps=steps.steps,
        first=first,
        place=node.place,
        guard=condition_of(node, "if") if "if" in node else None,
        auth=_enum(meta, "auth", Verification, Verification.NONE)
        if meta.text("auth", "none") != "none"
        else Verification.NONE,
        interruptible=meta.flag("interruptible", True),
        handoff=handoff_spec(meta.child("handoff")) if "handoff" in meta else HandoffSpec(),
        persisted=node.texts("persisted_slots"),
        cards=meta.texts("cards"),
        then_ask=meta.flag("then_ask", True),
    )


def _trigger(node: Node) -> tuple[str, float | None]:
    intent = node.data.get("intent")
    if isinstance(intent, dict):
        inner = node.child("intent")
        threshold = inner.number("confidence_threshold", 0.0) if "confidence_threshold" in inner else None
        return inner.text("name"), threshold
    return node.text("intent"), None


class _Steps:
    """Flattens nested step lists into one mapping."""

    def __init__(self, flow: str, flow_meta: Node, dialect: Dialect | None = None) -> None:
        self.flow, self.flow_meta, self.dialect = flow, flow_meta, dialect
        self.steps: dict[str, Step_] = {}
        self._targets: list[tuple[Node, str, str]] = []

    def check_targets(self, node: Node) -> None:
        for place, key, target in self._targets:
            if target != END and target not in self.steps:
                place.bad(
                    key,
                    f"Step {target!r} does not exist in flow {self.flow!r}.",
                    "Name a step id of this flow, or END.",
                )

    def block(self, nodes: list[Node], prefix: str, *, top: bool = False) -> str | None:
        """Add a list of steps; returns the id of the first."""
        ids = [item.text("id") or f"{prefix}{index}" for index, item in enumerate(nodes, 1)]
        for index, item in enumerate(nodes):
            follower = ids[index + 1] if index + 1 < len(nodes) else END
            open_end = not top and index + 1 == len(nodes)
            self._add(item, ids[index], follower, open_end=open_end)
        return ids[0] if ids else None

    def _add(self, node: Node, step_id: str, follower: str, *, open_end: bool) -> None:
        kinds = [kind for kind in _KIND_KEYS if kind in node]
        if len(kinds) != 1:
            node.bad(
                None, "A step needs exactly one of action, collect, link, call, set_slots, noop.", "Split or mend it."
            )
            return
        kind = kinds[0]
        node.only(_STEP_KEYS | {kind} | _KIND_KEYS[kind], f"A {kind} step")
        if step_id in self.steps:
            node.bad("id", f"Step id {step_id!r} is used twice in flow {self.flow!r}.", "Give it another id.")
            return
        final = kind == "link" or node.text("action") in ("action_handoff", "action_end", "action_restart")
        if open_end and "next" not in node and not final:
            node.bad(None, "The last step under `then`/`else` leads nowhere.", "Add `next: END` or a step id.")
        if kind == "noop" and "next" not in node:
            node.bad(None, "A noop step needs `next`.", "Add `next:` with branches.")
        placeholder = Noop(step_id, Next((Branch(None, END),)), node.place)
        self.steps[step_id] = placeholder  # keeps file order: nested steps come after
        self.steps[step_id] = self._step(kind, node, step_id, self._next(node, step_id, follower))

    def _next(self, node: Node, step_id: str, follower: str) -> Next:
        value = node.data.get("next")
        if value is None:
            return Next((Branch(None, follower),))
        if not isinstance(value, list):
            self._targets.append((node, "next", str(value)))
            return Next((Branch(None, str(value)),))
        branches: list[Branch] = []
        for index, item in enumerate(nodes_of(node, value, node.line_of("next")), 1):
            item.only(frozenset({"if", "then", "else"}), "A branch")
            if "else" in item:
                branches.append(Branch(None, self._target(item, "else", f"{step_id}.{index}.")))
            elif "if" in item and "then" in item:
                condition = condition_of(item, "if")
                target = self._target(item, "then", f"{step_id}.{index}.")
                if condition is not None:
                    branches.append(Branch(condition, target))
            else:
                item.bad(None, "A branch needs `if` and `then`, or `else`.", "Add the missing key.")
        if not branches or branches[-1].condition is not None:
            node.bad("next", "The branches have no `else`.", "End the list with `- else: END` or a step id.")
            branches.append(Branch(None, END))
        return Next(tuple(branches))

    def _target(self, node: Node, key: str, prefix: str) -> str:
        value = node.data.get(key)
        if isinstance(value, list):
            return self.block(node.children(key), prefix) or END
        self._targets.append((node, key, str(value)))
        return str(value)

    def _step(self, kind: str, node: Node, step_id: str, after: Next) -> Step_:
        place = node.place
        more = self.dialect.step if self.dialect is not None else frozenset()
        if self.dialect is not None:
            self.dialect.taken(self.flow, step_id, node.child("metadata"))
        match kind:
            case "action":
                name = node.text("action")
                if name.startswith("utter_"):
                    return Say_(step_id, name, after, place)
                meta = node.child("metadata")
                meta.only(
                    frozenset({"changes", "reason", "handoff", "hazard", "alert", "languages"}) | more,
                    "metadata of an action",
                )
                kept: Mapping[str, Json] = {str(key): meta.plain(key) for key in meta.data}
                return Act(step_id, name, after, place, changes=meta.flag("changes"), metadata=kept)
            case "link":
                return Link(step_id, node.text("link"), place)
            case "call":
                return Call(step_id, node.text("call"), after, place)
            case "set_slots":
                values = tuple((str(k), item.plain(k)) for item in node.children("set_slots") for k in item.data)
                return SetSlots(step_id, values, after, place)
            case "noop":
                return Noop(step_id, after, place)
        return _collect(node, step_id, after, place, more)


def _collect(node: Node, step_id: str, after: Next, place: Place, more: frozenset[str]) -> Collect:
    slot = node.text("collect")
    meta = node.child("metadata")
    meta.only(_META_COLLECT | more, "metadata of a collect step")
    pattern = meta.text("validate") or None
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            meta.bad("validate", f"{pattern!r} is not a regular expression: {error}.", "Mend the pattern.")
            pattern = None
    rejections: list[tuple[Condition, str]] = []
    for item in node.children("rejections"):
        condition = condition_of(item, "if")
        if condition is not None:
            rejections.append((condition, item.text("utter")))
    on_unknown = meta.text("on_unknown", "handoff")
    if on_unknown not in ("handoff", "ask"):
        meta.bad("on_unknown", f"on_unknown cannot be {on_unknown!r}.", "Use handoff or ask.")
    confirmation = _enum(meta, "confirmation", Confirmation, None)
    free_text = meta.flag("free_text")
    entities = meta.texts("entity")
    return Collect(
        id=step_id,
        slot=slot,
        utter=node.text("utter") or f"utter_ask_{slot}",
        next=after,
        place=place,
        entities=entities or (() if free_text or confirmation else (slot,)),
        free_text=free_text,
        validate=pattern,
        confirm=_enum(meta, "confirm", Confirm, Confirm.NONE),
        confirmation=confirmation,
        retries=int(meta.number("retries", 2)),
        optional=meta.flag("optional"),
        sensitive=meta.flag("sensitive"),
        keypad=_keypad(meta.child("keypad")) if "keypad" in meta else None,
        default_from_caller=meta.text("default_from") == "caller",
        ask_before_filling=node.flag("ask_before_filling") or confirmation is not None,
        handoff_when_unknown=on_unknown == "handoff",
        values=meta.texts("values"),
        rejections=tuple(rejections),
    )


def _keypad(node: Node) -> KeypadSpec | None:
    node.only(frozenset({"max_digits", "terminator", "prefix"}), "keypad")
    digits = node.number("max_digits", 0)
    if not 1 <= digits <= 32 or digits != int(digits):
        node.bad(
            "max_digits", "max_digits must be a whole number from 1 to 32.", "Write how many digits the value has."
        )
        return None
    terminator = node.text("terminator", "#")
    if terminator not in ("#", "*", ""):
        node.bad("terminator", f"{terminator!r} is no terminator.", "Use '#' or '*'.")
        return None
    return KeypadSpec(int(digits), terminator, node.text("prefix"))
