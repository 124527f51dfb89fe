"""Running the flow on top of the stack until something has to be waited for."""

from __future__ import annotations

from voicebot.domain import CallAction, HandoffReason, Json, SlotStatus, Source, Verification
from voicebot.flows.asking import ask_anything_else, ask_open, ask_readback, ask_slot, needs_readback
from voicebot.flows.conditions import Literal_, Test, holds
from voicebot.flows.content import (
    END,
    Act,
    Call,
    Collect,
    Confirmation,
    Flow,
    FlowKind,
    Link,
    Next,
    Noop,
    Say_,
    SetSlots,
)
from voicebot.flows.handoff import hand_off
from voicebot.flows.run import Run
from voicebot.flows.state import Frame, SlotValue, Waiting
from voicebot.flows.tasks import TASKS, builtin

_MAX_STEPS = 80
_RANK = {Verification.NONE: 0, Verification.FAILED: 0, Verification.LIGHT: 1, Verification.STRONG: 2}
VERIFY_FLOWS = {Verification.LIGHT: "pattern_verify_light", Verification.STRONG: "pattern_verify_strong"}

__all__ = ["VERIFY_FLOWS", "advance", "drop_task", "finish_flow", "run_flows", "start_flow"]


def run_flows(run: Run) -> None:
    """Go on with the running flow until it asks, waits for an action, hands off, or everything is done."""
    for _ in range(_MAX_STEPS):
        if run.state.halted or run.state.top is None:
            return
        if not _one(run, run.state.top):
            return
    hand_off(run, HandoffReason.BOT_FAILURE)


def start_flow(run: Run, flow: Flow, *, digression: bool = False, quiet: bool = False) -> None:
    """Put a flow on top; slots of yes/no questions start empty."""
    run.push(Frame(flow.id, flow.first, digression=digression, quiet=quiet))
    for collect in flow.collects:
        if collect.ask_before_filling:
            run.put(collect.slot, None)
    run.set(waiting=Waiting.NOTHING, heard_request=True)


def advance(run: Run, step_next: Next) -> None:
    """Move the running frame to the step that follows."""
    for branch in step_next.branches:
        if branch.condition is None or holds(branch.condition, run.lookup):
            run.change_top(at=branch.target)
            return
    run.change_top(at=END)


def _one(run: Run, frame: Frame) -> bool:
    """Run one step; False when something has to be waited for."""
    flow = run.flow_of(frame)
    if frame.at == END:
        return finish_flow(run)
    step = flow.steps.get(frame.at)
    match step:
        case None:
            run.change_top(at=flow.first)
        case Say_():
            run.say(step.response)
            advance(run, step.next)
        case Noop():
            advance(run, step.next)
        case SetSlots():
            for name, value in step.values:
                run.put(name, value)
            advance(run, step.next)
        case Link():
            run.pop("completed")
            start_flow(run, run.content.flows[step.flow], digression=frame.digression)
        case Call():
            advance(run, step.next)
            start_flow(run, run.content.flows[step.flow], quiet=True)
        case Collect():
            return _collect(run, frame, flow, step)
        case Act():
            return _act(run, frame, flow, step)
    return True


def _act(run: Run, frame: Frame, flow: Flow, act: Act) -> bool:
    if act.action in TASKS:
        depth = len(run.state.stack)
        builtin(run, act, flow)
        if len(run.state.stack) == depth:
            advance(run, act.next)
        return not run.state.halted and run.state.waiting is Waiting.NOTHING
    if not act.action.startswith(("action_identify_", "action_verify_")) and _verify_first(run, frame, flow):
        return True
    run.set(awaiting=act.action, waiting=Waiting.NOTHING)
    run.effects.append(CallAction(act.action, slots_for_action(run), act.changes))
    return False


def slots_for_action(run: Run) -> dict[str, Json]:
    """What an action gets to see: every slot, and who is asking."""
    slots: dict[str, Json] = {name: initial for name, initial in run.content.slot_initial.items()}
    slots |= {name: run.state.value(name) for name, _ in run.state.slots}
    slots |= {
        "tenant": str(run.state.tenant),
        "language": str(run.state.language),
        "verification": str(run.state.verification),
        "caller_number": run.state.caller_number,
    }
    return slots


def _verify_first(run: Run, frame: Frame, flow: Flow) -> bool:
    wanted = flow.auth
    if _RANK[run.state.verification] >= _RANK[wanted]:
        return False
    pattern = run.content.flows.get(VERIFY_FLOWS[wanted])
    if pattern is None:
        return False
    if frame.checked or any(other.flow == pattern.id for other in run.state.stack):
        hand_off(run, HandoffReason.AUTH_FAILED, say="utter_auth_failed")
        return True
    run.change_top(checked=True)
    start_flow(run, pattern, quiet=True)
    return True


def _collect(run: Run, frame: Frame, flow: Flow, collect: Collect) -> bool:
    held = run.state.slot(collect.slot)
    if held is None and collect.default_from_caller and collect.confirmation is None:
        known = dict(run.state.customer).get(collect.slot)
        if known is not None:
            run.state = run.state.with_slot(
                collect.slot, SlotValue(known, SlotStatus.HEARD, Source.TEXT, True, flow.id, asked=True)
            )
            held = run.state.slot(collect.slot)
    if held is None or (collect.yes_no and held.value is None):
        if held is not None and held.status is SlotStatus.REFUSED:
            advance(run, collect.next)
            return True
        ask_slot(run, collect)
        return False
    if needs_readback(held, collect):
        ask_readback(run, collect)
        return False
    if collect.confirmation is Confirmation.EXPLICIT and held.value is True:
        for name in frame.filled:
            run.confirm_slot(name)
        run.change_top(agreed=(*frame.agreed, collect.slot))
    advance(run, collect.next)
    return True


def finish_flow(run: Run, change: str = "completed") -> bool:
    """The running flow is over: forget what belongs to it alone and go back to what was before.

    Returns True when a flow below goes on.
    """
    frame = run.pop(change)
    flow = run.flow_of(frame)
    for collect in flow.collects:
        entity_kept = any(name in run.policy.keep_entities for name in collect.entities)
        if collect.slot not in flow.persisted and not (entity_kept and change == "completed"):
            run.put(collect.slot, None)
    if change == "completed":
        if flow.kind is FlowKind.TASK and flow.then_ask:
            run.set(tasks_done=run.state.tasks_done + 1)
        elif flow.kind is FlowKind.INFO:
            run.set(answers_given=run.state.answers_given + 1)
    if run.state.halted:
        return False
    below = run.state.top
    if below is None:
        if flow.kind in (FlowKind.TASK, FlowKind.INFO) and (flow.then_ask or run.state.tasks_done):
            ask_anything_else(run)
        else:
            ask_open(run)
        return False
    if not frame.quiet:
        run.returning = run.flow_of(below)
        run.emit_resumed(below.flow)
    run.set(waiting=Waiting.NOTHING)
    return True


def drop_task(run: Run) -> None:
    """The customer gives the running task up, with the patterns it was waiting for."""
    while run.state.top is not None:
        frame = run.state.top
        quiet = frame.quiet
        if run.flow_of(frame).kind is FlowKind.TASK and not quiet:
            run.set(declined=run.state.declined + 1)
        more = finish_quietly(run)
        if not quiet:
            if more:
                run.returning = run.flow_of(run.state.stack[-1])
                run.emit_resumed(run.state.stack[-1].flow)
                run.set(waiting=Waiting.NOTHING)
            return


def finish_quietly(run: Run) -> bool:
    """Take the running flow off as cancelled without asking anything; True when another flow lies below."""
    frame = run.pop("cancelled")
    flow = run.flow_of(frame)
    for collect in flow.collects:
        if collect.slot not in flow.persisted and not any(n in run.policy.keep_entities for n in collect.entities):
            run.put(collect.slot, None)
    return run.state.top is not None


def tests_for_error(flow: Flow) -> bool:
    """The author handles an unreachable back end in this flow."""
    return any(
        _mentions_error(branch.condition)
        for step in flow.steps.values()
        if not isinstance(step, Link)
        for branch in step.next.branches
        if branch.condition is not None
    )


def _mentions_error(condition: object) -> bool:
    match condition:
        case Test(_, _, Literal_(value)):
            return value == "error"
        case _:
            inner = getattr(condition, "parts", None) or (getattr(condition, "inner", None),)
            return any(_mentions_error(part) for part in inner if part is not None)
