"""Which script fits a contact: by the flow the bot was in, by the customer's intent, by the queue."""

from __future__ import annotations

from voicebot.assist.scripts.model import Script, ScriptSet


def choose(scripts: ScriptSet, *, flow: str = "", intent: str = "", queue: str = "") -> Script | None:
    """The script of the flow, else of the intent; of the queue only when it is the only one there."""
    listed = scripts.scripts.values()
    for fits in (lambda one: bool(flow) and flow in one.flows, lambda one: bool(intent) and intent in one.intents):
        found = next((one for one in listed if fits(one)), None)
        if found is not None:
            return found
    of_queue = [one for one in listed if queue and queue in one.queues]
    return of_queue[0] if len(of_queue) == 1 else None
