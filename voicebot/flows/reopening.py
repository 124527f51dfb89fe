"""Going on by another channel: what is kept of where the conversation stood, and what is said first.

Nothing that the customer agreed to is asked again, and nothing that may have been done is done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from voicebot.domain import (
    ActionDone,
    BookCallback,
    Channel,
    ChannelChanged,
    Disposition,
    Event,
    HandoffReason,
    Json,
    SlotStatus,
    Texts,
    Verification,
    Verified,
)
from voicebot.flows.asking import ask_again, ask_anything_else, ask_open, needs_readback, shown_value
from voicebot.flows.content import Act, Collect, Flow, FlowKind, HandoffSpec, TenantFlows
from voicebot.flows.handoff import CALLBACK, DESK, hand_off, out_of_line, requested_again
from voicebot.flows.interpreter import VERIFY_FLOWS, run_flows
from voicebot.flows.run import Run
from voicebot.flows.standing import LinePhase
from voicebot.flows.state import LINE_WAITS, DialogueState, Frame, Moved, Waiting
from voicebot.flows.telling import line_again

_MATTERS = frozenset({FlowKind.TASK, FlowKind.INFO})
_VERIFY = frozenset(VERIFY_FLOWS.values())
_LONGEST_FACT = 60
"""Values longer than this many characters are whole stories; the customer knows them."""


def unfinished(content: TenantFlows, state: DialogueState) -> bool:
    """A customer whose line breaks now would want to go on: a task is open, or a person was asked for.

    So would one who has gone silent, as all do whose line is dead before the network says so. With a person on the line
    it is that person's business; in danger it is not a chat's.
    """
    line = state.line
    waiting = state.left if state.ended is Disposition.NO_INPUT else state.waiting
    if state.ended not in (None, Disposition.NO_INPUT) or waiting in (Waiting.AGENT, Waiting.DANGER):
        return False
    if line is not None and line.phase is not LinePhase.OUT:
        return line.waiting and not line.emergency
    return waiting in (LINE_WAITS | {Waiting.REASON}) or task_of(content, state) is not None


def task_of(content: TenantFlows, state: DialogueState) -> Frame | None:
    """The matter the customer is in the middle of, below patterns such as verification."""
    for frame in reversed(state.stack):
        if not frame.quiet and frame.flow in content.flows and content.flows[frame.flow].kind in _MATTERS:
            return frame
    return None


def reopened(
    state: DialogueState, channel: Channel, *, fresh: bool, in_line: bool
) -> tuple[DialogueState, tuple[Event, ...]]:
    """The state as it goes on by another channel, ended before or not, and what goes into the log for it.

    ``fresh``: whoever comes by the new channel is without doubt who spoke on the old one; otherwise verification and
    what was known by the number that called are taken back. ``in_line``: the desk still has the contact.
    """
    over = state.ended is not None
    events: list[Event] = [ChannelChanged(channel=channel)]
    waiting, awaiting = (state.left, state.cut_off) if over else (state.waiting, state.awaiting)
    line = state.line
    if line is not None and line.phase is not LinePhase.OUT and not in_line and awaiting is None:
        waiting = Waiting.NOTHING if line.phase is LinePhase.AGENT else Waiting.QUEUE
        line = None if line.phase is LinePhase.AGENT else out_of_line(line)
    known = Moved.KNOWN
    if not fresh:
        known = Moved.UNKNOWN if state.verification is not Verification.NONE else known
        events.append(Verified(level=Verification.NONE, method="late_link"))
        checking = any(frame.flow in _VERIFY for frame in state.stack)
        stack = state.stack if checking else tuple(replace(frame, checked=False) for frame in state.stack)
        state = replace(
            state, verification=Verification.NONE, caller_number=None, customer=(), stack=stack, texts=Texts.NONE
        )
    after = replace(
        state,
        channel=channel,
        ended=None,
        line=line,
        waiting=waiting,
        awaiting=awaiting if awaiting in (DESK, CALLBACK) and line is not None else None,
        cut_off=None if awaiting in (DESK, CALLBACK) else awaiting,
        left=Waiting.NOTHING,
        deferred=None,
        moved=known,
        silences=0,
        fails=0,
        holding=False,
        by_keys=False,
    )
    return after, tuple(events)


def go_on(run: Run, take: Callable[[Run, ActionDone], None]) -> None:
    """The first words on the new channel: where we were, what is known, and the question that is open.

    ``take`` is how an action's answer is taken over, for one that came when the customer had left.
    """
    again, cut_off, late = run.state.moved is Moved.UNKNOWN, run.state.cut_off, run.state.late
    run.set(moved=Moved.NO, cut_off=None, late=None)
    if again:
        run.say("utter_reopen_verify")
    if run.state.waiting is Waiting.AGENT:
        return
    if run.state.awaiting is not None:
        _ask_desk_again(run)
    elif run.state.line is not None and run.state.waiting in LINE_WAITS:
        _in_line(run)
    elif cut_off is not None and run.state.top is not None:
        if late is None:
            _cut_off(run, cut_off)
        else:
            _where(run, task_of(run.content, run.state) or run.state.top)
            run.set(waiting=Waiting.NOTHING, awaiting=cut_off)
            take(run, ActionDone(cut_off, dict(late.slots), late.responses, late.failed))
    elif (frame := task_of(run.content, run.state)) is not None:
        _where(run, frame)
        _rewind_secrets(run)
        _question(run)
    else:
        run.say("utter_reopen_open")
        _question(run)


def _ask_desk_again(run: Run) -> None:
    """The question to the desk that had no answer yet: under the same id it is the same one."""
    line = run.state.line
    assert line is not None, "the desk is asked for somebody"
    run.say("utter_reopen_open")
    run.effects.append(requested_again(line) if run.state.awaiting == DESK else BookCallback(line.number or ""))


def _in_line(run: Run) -> None:
    line = run.state.line
    assert line is not None
    if line.phase is LinePhase.OUT and run.state.waiting is Waiting.QUEUE:
        run.say("utter_reopen_line_again")
        hand_off(run, line.reason, say=None, spec=HandoffSpec(line.skills, line.min_level, line.priority))
        return
    run.say("utter_reopen_line" if line.held else "utter_reopen_open")
    line_again(run)


def _cut_off(run: Run, action: str) -> None:
    """An action had been asked for and its answer was lost. One that changes something is never asked for again."""
    top = run.state.top
    assert top is not None
    step = run.flow_of(top).steps.get(top.at)
    run.set(waiting=Waiting.NOTHING)
    if isinstance(step, Act) and step.action == action and step.changes:
        run.say("utter_reopen_unsure")
        hand_off(run, HandoffReason.BACKEND_ERROR, say=None)
        return
    _where(run, task_of(run.content, run.state) or top)
    _rewind_secrets(run)
    run_flows(run)


def _where(run: Run, frame: Frame) -> None:
    flow = run.flow_of(frame)
    label = flow.label(run.state.language)
    known = _facts(run, flow)
    extra = {"flow_label": (label, label)}
    if not known:
        run.say("utter_reopen_task_bare", extra)
        return
    comma = "、" if run.state.language == "ja" else ", "
    value = comma.join(shown for shown, _ in known), comma.join(spoken for _, spoken in known)
    run.say("utter_reopen_task", extra | {"value": value})


def _facts(run: Run, flow: Flow) -> list[tuple[str, str]]:
    """What the customer has given for the task, without what is asked about next and without secrets."""
    top = run.state.top
    asked = top.at if top is not None and top.flow == flow.id else ""
    said: dict[str, tuple[str, str]] = {}
    for collect in flow.collects:
        held = run.state.slot(collect.slot)
        if held is None or held.value is None or held.sensitive or collect.sensitive or collect.yes_no:
            continue
        reading = needs_readback(held, collect)
        if held.status is SlotStatus.REFUSED or reading or (collect.id == asked and run.state.waiting is Waiting.SLOT):
            continue
        if not _short(held.value):
            continue
        said[collect.slot] = shown_value(run, collect.slot, held.value)
        run.state = run.state.with_slot(collect.slot, replace(held, asked=True))
    return list(said.values())


def _short(value: Json) -> bool:
    return not isinstance(value, str) or len(value) <= _LONGEST_FACT


def _rewind_secrets(run: Run) -> None:
    """Secrets are not kept: one that was given and not used yet is asked for again, where the flow asks for it."""
    top = run.state.top
    assert top is not None
    order = list(run.flow_of(top).steps)
    used = max((order.index(name) for name in top.ran if name in order), default=-1)
    for collect in run.flow_of(top).collects:
        if _given(collect, top) and run.state.slot(collect.slot) is None and order.index(collect.id) > used:
            run.change_top(at=collect.id)
            run.set(waiting=Waiting.NOTHING)
            return


def _given(collect: Collect, frame: Frame) -> bool:
    return collect.sensitive and collect.slot in frame.filled


def _question(run: Run) -> None:
    state = run.state
    if state.waiting is not Waiting.NOTHING and state.waiting is not Waiting.OPEN:
        ask_again(run)
    elif state.top is not None:
        run.set(waiting=Waiting.NOTHING)
        run_flows(run)
    elif state.tasks_done or state.answers_given:
        ask_anything_else(run)
    else:
        ask_open(run)
