"""Giving the conversation to people: what is asked of the desk, with whom and how urgently."""

from __future__ import annotations

from dataclasses import replace

from voicebot.domain import Disposition, HandOff, HandoffReason, HandoffRequested, LeaveQueue
from voicebot.flows.content import Flow, FlowKind, HandoffSpec
from voicebot.flows.run import Run
from voicebot.flows.standing import InLine, LinePhase
from voicebot.flows.state import Waiting
from voicebot.flows.telling import tell_place

EMERGENCY_FLOW = "emergency_safety"
DESK, CALLBACK = "desk_request", "desk_callback"
"""What :attr:`DialogueState.awaiting` holds while the desk is asked."""

_BY_CHOICE = frozenset({HandoffReason.CUSTOMER_ASKED, HandoffReason.FRUSTRATION})
"""Reasons for which the customer might as well go on alone when nobody is there."""


def hand_off(
    run: Run,
    reason: HandoffReason,
    *,
    flow: Flow | None = None,
    say: str | None = "utter_handoff_ack",
    spec: HandoffSpec | None = None,
) -> None:
    """Ask the desk for a person; its :class:`DeskReply` is awaited, and only then something is promised.

    ``flow`` decides the skills; without one the top flow does, else the tenant's default. ``say`` is the reason given
    to the customer. Somebody who is in line already stays there, unless danger makes it urgent.
    """
    state = run.state
    if state.ended is not None:
        return
    emergency = reason is HandoffReason.EMERGENCY
    before = state.line
    if before is not None and before.phase is not LinePhase.OUT:
        if before.emergency or not emergency:
            _stay(run, before)
            return
        if before.held:
            run.effects.append(LeaveQueue())
    top = run.flow_of(state.top) if state.top is not None else None
    owner = flow or _owner(run) or top
    chosen = spec or (owner.handoff if owner is not None and owner.handoff.skills else run.policy.default_handoff)
    priority = chosen.priority
    if state.frustration and not emergency:
        priority = max(min(2, priority), priority - 2)
    intent = owner.intents[0][0] if owner is not None and owner.intents else (owner.id if owner is not None else "")
    promised = say in ("utter_handoff_ack", "utter_empathy_2")
    if say is not None and say != "utter_handoff_ack":
        run.say(say)
    alone = owner is not None and owner.kind is FlowKind.TASK and owner.id != EMERGENCY_FLOW and reason in _BY_CHOICE
    line = InLine(
        LinePhase.ASKED,
        chosen.skills,
        chosen.min_level,
        priority,
        reason,
        intent,
        bypass_caps=emergency,
        promise="utter_handoff_ack" if promised else "",
        flow=owner.id if alone and owner is not None else "",
    )
    run.emit(
        HandoffRequested(
            skills=chosen.skills, min_level=chosen.min_level, priority=priority, reason=reason, intent=intent
        )
    )
    run.set(line=line, handoffs=state.handoffs + 1, waiting=Waiting.NOTHING, before=Waiting.NOTHING)
    run.set(awaiting=DESK, deferred=None)
    run.effects.append(HandOff(chosen.skills, chosen.min_level, priority, reason, intent, bypass_caps=emergency))


def _stay(run: Run, line: InLine) -> None:
    """Somebody in line asks for a person again, or is in danger still: the place is kept."""
    if line.phase is LinePhase.QUEUED:
        run.set(stack=(), before=Waiting.NOTHING) if line.emergency else run.set(before=Waiting.NOTHING)
        tell_place(run)
    elif line.phase is LinePhase.ASKED:
        run.set(awaiting=DESK, waiting=Waiting.NOTHING)
    else:
        run.set(waiting=Waiting.AGENT)


def end_of_line(run: Run, otherwise: Disposition) -> Disposition:
    """How a contact ends that was meant for people; danger outweighs everything."""
    line = run.state.line
    return Disposition.EMERGENCY if line is not None and line.emergency else otherwise


def put_down(run: Run) -> None:
    """The flows that were open are over; what the customer gave for them stays known and is not asked again."""
    while run.state.top is not None:
        run.pop("cancelled")
    run.set(before=Waiting.NOTHING, choices=(), silences=0, fails=0)


def _owner(run: Run) -> Flow | None:
    """The task a customer is in the middle of, below patterns such as verification."""
    for frame in reversed(run.state.stack):
        flow = run.flow_of(frame)
        if flow.handoff.skills and flow.kind.value in ("task", "info"):
            return flow
    return None


def person_asked(run: Run, *, urgent: bool) -> None:
    """The customer wants a person: at most one question, and none when the matter is known or it is the second time."""
    state = run.state
    run.set(human_asked=state.human_asked + 1)
    known = any(run.flow_of(frame).kind.value in ("task", "info") for frame in state.stack)
    if urgent or known or state.human_asked or state.frustration or state.waiting is Waiting.REASON or state.awaiting:
        hand_off(run, HandoffReason.CUSTOMER_ASKED)
        return
    run.ask("reason", Waiting.REASON, "utter_handoff_reason_ask")


def requested_again(line: InLine) -> HandOff:
    """The effect that asks the desk once more for what was asked before."""
    return HandOff(line.skills, line.min_level, line.priority, line.reason, line.intent, line.bypass_caps)


def out_of_line(line: InLine) -> InLine:
    """Nothing is queued any more."""
    return replace(line, phase=LinePhase.OUT, contact=None, position=None, low_min=None, high_min=None)
