"""Danger comes before everything: no authentication, no question about orders, people first."""

from __future__ import annotations

from voicebot.domain import DangerSeen, FlowChanged, Hazard, Understanding
from voicebot.flows.asking import ask_danger
from voicebot.flows.handoff import EMERGENCY_FLOW
from voicebot.flows.interpreter import run_flows, start_flow
from voicebot.flows.run import Run
from voicebot.flows.state import Waiting


def danger(run: Run, hazard: Hazard, phrase: str, *, certain: bool, partial: bool = False) -> None:
    """The screen saw danger: the script at once when certain, else one question, asked once for each kind."""
    if not certain and hazard.value in run.state.danger_cleared:
        return
    run.emit(DangerSeen(hazard=hazard, phrase=phrase, certain=certain, partial=partial))
    run.set(silences=0, holding=False)
    if certain:
        run.set(hazard=hazard)
        script(run)
    elif run.state.waiting is not Waiting.DANGER:
        _check(run, hazard)


def suspected(run: Run, u: Understanding) -> bool:
    """Only the classifier thinks of danger: one question, once in a conversation."""
    if u.safety is not None or "classifier" in run.state.danger_cleared or run.state.waiting is Waiting.DANGER:
        return False
    first_three = list(u.ranking[:3])
    if not any(
        score.name == EMERGENCY_FLOW and score.confidence >= run.policy.danger for score in first_three
    ) and not (u.intent == EMERGENCY_FLOW and u.confidence >= run.policy.danger):
        return False
    run.emit(DangerSeen(hazard=Hazard.FIRE_ELECTRIC, phrase="", certain=False))
    _check(run, None)
    return True


def _check(run: Run, hazard: Hazard | None) -> None:
    run.overlay()
    run.set(hazard=hazard)
    ask_danger(run)


def cleared(run: Run) -> None:
    """The customer says there is no danger."""
    asked = run.state.hazard.value if run.state.hazard is not None else "classifier"
    run.set(hazard=None, danger_cleared=(*run.state.danger_cleared, asked))


def script(run: Run) -> None:
    """Say the script of the hazard and call for people; whatever ran before is set aside."""
    if run.state.ended is not None:
        return
    for frame in reversed(run.state.stack):
        run.emit(FlowChanged(flow=frame.flow, change="suspended"))
    hazard = run.state.hazard
    run.put("hazard", hazard.value if hazard is not None else "unknown")
    run.set(stack=(), awaiting=None, deferred=None, waiting=Waiting.NOTHING)
    start_flow(run, run.content.flows[EMERGENCY_FLOW])
    run_flows(run)
