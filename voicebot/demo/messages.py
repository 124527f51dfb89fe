"""Links sent to the customer's own phone: to change details, to carry on by chat, to stop advertising."""

from __future__ import annotations

import secrets

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


def send_resume_link(call: ActionCall) -> Result:
    """Text a one-use link for carrying on by chat."""
    number = call.get("sms_number") or call.get("caller_number")
    if not number:
        return outcome("no_number")
    token = secrets.token_urlsafe(16)
    call.message(number, "resume_link", f"https://{call.tenant}.example/chat?resume={token}")
    return outcome("ok", minutes=_LINK_MINUTES)


def stop_marketing(call: ActionCall) -> Result:
    """Remember that this number is not to get offers."""
    call.rows("tickets").append(
        {"ticket": call.state.reference("M"), "kind": "no_marketing", "number": call.get("caller_number")}
    )
    return outcome("ok")


ACTIONS: dict[str, Action] = {
    "action_send_update_link": send_update_link,
    "action_send_resume_link": send_resume_link,
    "action_stop_marketing": stop_marketing,
}
