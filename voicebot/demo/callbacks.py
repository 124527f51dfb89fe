"""Requests to be called back, stored with a reference."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome


def book_callback(call: ActionCall) -> Result:
    """Store the wish to be called; the same number asking again keeps its reference (never two calls for one wish)."""
    number = call.get("callback_number") or call.get("caller_number")
    if not number:
        return outcome("no_number")
    open_one = call.find("callbacks", number=number, status="open")
    if open_one is not None:
        open_one["time"] = call.get("callback_time") or open_one["time"]
        return outcome("ok", ticket=open_one["ticket"])
    ticket = call.state.reference("T")
    row = {"ticket": ticket, "number": number, "time": call.get("callback_time"), "status": "open"}
    call.rows("callbacks").append(row | {"reason": call.get("reason"), "language": call.language})
    return outcome("ok", ticket=ticket)


ACTIONS: dict[str, Action] = {"action_book_callback": book_callback}
