"""Anger: one sentence of empathy, an alert for the agent, and a person before anything else when it is strong.

Anger is often told beside a matter ("this is ridiculous, where is my parcel"). Then the matter is served, and whoever
takes over knows; the contact counts as angry from there on, with the priority that goes with it.
"""

from __future__ import annotations

from voicebot.domain import Alerted, HandoffReason, Understanding
from voicebot.flows.content import FlowKind
from voicebot.flows.handoff import hand_off
from voicebot.flows.run import Run
from voicebot.flows.words import says

INTENT = "express_frustration"
_STRONG = 2
"""From this level on a person is asked for at once."""


def anger(run: Run, *, strong: bool) -> None:
    """Nothing but anger: one sentence of empathy; strong or repeated it goes to a person without another question."""
    level = run.state.frustration + (_STRONG if strong else 1)
    run.set(frustration=level)
    if level >= _STRONG:
        _alert(run)
        hand_off(run, HandoffReason.FRUSTRATION, say="utter_empathy_2")
        return
    run.say("utter_empathy_1")


def is_strong(run: Run) -> bool:
    """The anger of this utterance is clear by its words or to the classifier."""
    u = run.understanding
    return u is not None and (u.confidence >= run.policy.frustration_strong or says(run, "angry", u.text))


def overheard(run: Run, u: Understanding) -> bool:
    """Angry words beside whatever else is said raise the alert and count; False when there are none.

    Words that are understood as nothing but anger are left to :func:`anger`.
    """
    alone = u.intent == INTENT and u.confidence >= run.policy.control
    if alone or not says(run, "angry", u.text):
        return False
    _noted(run)
    return True


def waiting_in_anger(run: Run, u: Understanding) -> None:
    """Somebody in line is angry: whoever answers is to know; nothing is said of it and the place stays."""
    if run.state.line is None or not run.state.line.waiting:
        return
    if says(run, "angry", u.text) or (u.intent == INTENT and u.confidence >= run.policy.frustration_strong):
        _noted(run)


def beside(run: Run, u: Understanding, *, anything: bool) -> bool:
    """What angry words are answered with: empathy once, and a person the second time. True: a person was.

    ``anything``: something else was understood of them, if only an answer. Where nothing was, they are anger alone.
    """
    flow = run.content.flow_of(u.intent)
    matter = flow is not None and flow.kind in (FlowKind.TASK, FlowKind.INFO) and u.confidence >= run.policy.act
    if run.state.frustration >= _STRONG or not (anything or matter):
        hand_off(run, HandoffReason.FRUSTRATION, say="utter_empathy_2", flow=flow if matter else None)
        return True
    run.say("utter_empathy_1")
    return False


def _noted(run: Run) -> None:
    run.set(frustration=run.state.frustration + 1)
    _alert(run)


def _alert(run: Run) -> None:
    """The alert, once in a conversation."""
    if not run.state.angry:
        run.set(angry=True)
        run.emit(Alerted(alert="angry"))
