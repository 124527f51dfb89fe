"""Links for changing details, sent to the customer's own phone."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.identity import customer, owner_of

_LINK_MINUTES = 30


def send_update_link(call: ActionCall) -> Result:
    """Text a link for changing details to the phone on file; only after a one-time code."""
    for owner in owner_of(call):
        row = customer(call, owner)
        if row and call.owns_strongly(owner):
            field = call.get("account_field") or "details"
            call.message(row["phone"], "update_link", f"https://{call.tenant}.example/account/{field}")
            return outcome("ok", link_minutes=_LINK_MINUTES)
    return outcome("not_found")


ACTIONS: dict[str, Action] = {"action_send_update_link": send_update_link}
