"""Giving the conversation to people, with an honest sentence about what happens next."""

from __future__ import annotations

from voicebot.domain import Alerted, Disposition, End, HandOff, HandoffReason, HandoffRequested
from voicebot.flows.content import Flow, HandoffSpec
from voicebot.flows.run import Run
from voicebot.flows.state import Waiting

EMERGENCY_FLOW = "emergency_safety"


def hand_off(
    run: Run,
    reason: HandoffReason,
    *,
    flow: Flow | None = None,
    say: str | None = "utter_handoff_ack",
    spec: HandoffSpec | None = None,
) -> None:
    """Record the request, say so, and close.

    Nobody picks up live here: the words promise that the request was passed on, never a connection. ``flow`` decides
    the skills; without one the top flow does, else the tenant's default.
    """
    state = run.state
    if state.ended is not None:
        return
    top = run.flow_of(state.top) if state.top is not None else None
    owner = flow or _owner(run) or top
    chosen = spec or (owner.handoff if owner is not None and owner.handoff.skills else run.policy.default_handoff)
    priority = (
        max(1, chosen.priority - 2) if state.frustration and reason is not HandoffReason.EMERGENCY else chosen.priority
    )
    intent = owner.intents[0][0] if owner is not None and owner.intents else (owner.id if owner is not None else "")
    emergency = reason is HandoffReason.EMERGENCY
    if say is not None:
        run.say(say)
    if not emergency:
        run.say("utter_handoff_hours" if run.lookup("context", "hours") else "utter_handoff_next")
    run.emit(
        HandoffRequested(
            skills=chosen.skills, min_level=chosen.min_level, priority=priority, reason=reason, intent=intent
        )
    )
    run.effects.append(HandOff(chosen.skills, chosen.min_level, priority, reason, intent, bypass_caps=emergency))
    disposition = Disposition.EMERGENCY if emergency else Disposition.HANDED_OFF
    run.set(ended=disposition, waiting=Waiting.NOTHING, awaiting=None, deferred=None)
    run.effects.append(End(disposition))


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


def anger(run: Run, *, strong: bool) -> None:
    """One sentence of empathy; strong or repeated anger goes to a person at once, without another question."""
    level = run.state.frustration + (2 if strong else 1)
    run.set(frustration=level)
    if level >= 2:
        run.emit(Alerted(alert="angry"))
        hand_off(run, HandoffReason.FRUSTRATION, say="utter_empathy_2")
        return
    run.say("utter_empathy_1")
