"""Guided checks, step by step, from the company's ``troubleshooting.yml``."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.state import Record


def find_guide(call: ActionCall) -> Result:
    """The guide for product and symptom or error code: ``found`` or ``none``; sets where the walk starts."""
    product, code = call.get("guide_topic") or call.get("product"), call.get("error_code").upper()
    for guide in call.state.guides[call.tenant]:
        if _fits(guide, product, code, call.get("symptom")):
            safety = guide.get("safety")
            start = {"guide": guide["id"], "guide_step": 0, "has_safety": safety is not None}
            return outcome("found", safety_text=call.local(safety) if safety else None, **start)
    return outcome("none")


def _fits(guide: Record, product: str, code: str, symptom: str) -> bool:
    if guide["product"] != product:
        return False
    if "error_code" in guide:
        return bool(guide["error_code"] == code)
    return bool(guide.get("default", False)) or symptom in guide.get("symptoms", [])


def next_step(call: ActionCall) -> Result:
    """The next thing to try: ``step`` with ``step_text``, or ``finished``."""
    guide = next((g for g in call.state.guides[call.tenant] if g["id"] == call.get("guide")), None)
    at = call.count("guide_step")
    if guide is None or at >= len(guide["steps"]):
        return outcome("finished")
    return outcome("step", step_text=call.local(guide["steps"][at]), guide_step=at + 1)


ACTIONS: dict[str, Action] = {"action_find_guide": find_guide, "action_next_guide_step": next_step}
