"""Harbourline's engineer visits."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.telecom_accounts import account_of

_WINDOWS = ("morning", "afternoon")


def get_visit(call: ActionCall) -> Result:
    """The visit there is: ``booked`` with day and window, ``missed`` by us, ``none``, ``not_found``."""
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    for visit in call.rows("visits"):
        if visit["account_number"] != account["account_number"]:
            continue
        if visit["status"] == "missed":
            return outcome("missed")
        if visit["status"] == "booked" and days_from(call.now, visit["date"]) >= 0:
            return outcome("booked", booked_date=visit["date"], booked_window=visit["window"])
    return outcome("none")


def check_visit(call: ActionCall) -> Result:
    """Whether an engineer is free, mornings and afternoons.

    Outcome ``ok`` (with the ``visit_window`` meant by "either"), ``none_free`` with ``free_date``, ``no_evening``,
    ``date_not_possible``, ``no_date``, ``not_found``.
    """
    if account_of(call) is None:
        return outcome("not_found")
    if call.get("visit_window") == "evening":
        return outcome("no_evening")
    first, last = call.rules["visit_days"]
    wanted, window = call.get("visit_date"), call.get("visit_window")
    if window not in _WINDOWS:
        window = next((part for part in _WINDOWS if not _full(call, wanted, part)), _WINDOWS[0])
    if not wanted or not first <= days_from(call.now, wanted) <= last:
        tried = call.count("date_tries") + 1
        limits = {"earliest_date": day(call.now, first), "latest_date": day(call.now, last), "date_tries": tried}
        return outcome("no_date" if tried > 1 else "date_not_possible", **limits)
    if _full(call, wanted, window):
        days = range(days_from(call.now, wanted) + 1, last + 1)
        free = next((day(call.now, n) for n in days if not _full(call, day(call.now, n), window)), None)
        return outcome("none_free", free_date=free, visit_window=window) if free else outcome("no_date")
    return outcome("ok", date_tries=0, visit_window=window)


def take_free_date(call: ActionCall) -> Result:
    """The customer takes the free day that was named."""
    return outcome("ok", visit_date=call.get("free_date")) if call.get("free_date") else outcome("no_date")


def save_visit(call: ActionCall) -> Result:
    """Book the visit, or move the one there is."""
    checked = check_visit(call)
    if checked["outcome"] != "ok":
        return checked
    number = call.get("account_number")
    booking = {"date": call.get("visit_date"), "window": checked["visit_window"], "status": "booked"}
    existing = call.find("visits", account_number=number, status="booked")
    if existing is not None:
        existing |= booking
    else:
        call.rows("visits").append({"account_number": number} | booking)
    return outcome("ok")


def _full(call: ActionCall, iso: str, window: str) -> bool:
    return call.find("visits_full", date=iso, window=window) is not None


ACTIONS: dict[str, Action] = {
    "action_get_visit": get_visit,
    "action_check_visit": check_visit,
    "action_take_free_date": take_free_date,
    "action_save_visit": save_visit,
}
