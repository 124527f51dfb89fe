"""Which script fits a contact: by the flow the bot was in, by the customer's intent, by the queue."""

from __future__ import annotations

from voicebot.assist.scripts.model import Script, ScriptSet


def choose(scripts: ScriptSet, *, flow: str = "", intent: str = "", queue: str = "") -> Script | None:
    """The script of the flow, else of the intent; of the queue only when it is the only one there."""
    listed = scripts.scripts.values()
    of_flow = next((one for one in listed if flow and flow in one.flows), None)
    of_intent = next((one for one in listed if intent and intent in one.intents), None)
    if of_flow is not None or of_intent is not None:
        return of_flow or of_intent
    of_queue = [one for one in listed if queue and queue in one.queues]
    return of_queue[0] if len(of_queue) == 1 else None
