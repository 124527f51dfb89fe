"""Complaints, written down with a reference before a person takes over."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome


def create_ticket(call: ActionCall) -> Result:
    """Write a complaint down in the customer's own words."""
    ticket = call.state.reference("C")
    row = {"ticket": ticket, "kind": "complaint", "summary": call.get("complaint_summary"), "language": call.language}
    call.rows("tickets").append(row)
    return outcome("ok", ticket=ticket)


ACTIONS: dict[str, Action] = {"action_create_ticket": create_ticket}
