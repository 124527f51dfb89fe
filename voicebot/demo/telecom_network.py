"""Harbourline's network desk: outages, line tests, coverage, moving house."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.telecom_accounts import account_of, area_of, coverage_at


def find_outage(call: ActionCall) -> Result:
    """A known outage at the postcode for the service: ``known`` with ``outage_eta``, or ``none``."""
    area, service = area_of(call.get("postcode")), call.get("service")
    for outage in call.rows("outages"):
        if outage["area"] == area and (not service or service in outage["services"]):
            return outcome("known", outage_eta=outage["eta"], outage_area=area)
    return outcome("none")


def notify_outage(call: ActionCall) -> Result:
    """Send a message when the outage is over: to the number given, else the number called from."""
    number = call.get("sms_number") or call.get("caller_number")
    if not number:
        return outcome("no_number")
    row = {"ticket": call.state.reference("N"), "kind": "outage_notice", "number": number}
    call.rows("tickets").append(row | {"area": area_of(call.get("postcode"))})
    return outcome("ok")


def line_test(call: ActionCall) -> Result:
    """Test the line of an account: ``ok``, ``fault``, ``no_line``, ``not_found``. It tells nothing else of it."""
    account = call.find("accounts", account_number=call.get("account_number"))
    if account is None:
        return outcome("not_found")
    vulnerable = bool(account.get("vulnerable", False))
    return outcome(account.get("line", "no_line"), vulnerable=vulnerable)


def check_coverage(call: ActionCall) -> Result:
    """What can be had at a postcode: ``ok`` with ``speed``, or ``none``. Mobile is everywhere."""
    mbps = coverage_at(call, call.get("new_postcode") or call.get("postcode"))
    if not mbps:
        return outcome("mobile" if call.get("service") == "mobile" else "none")
    return outcome("ok", speed=f"毎秒{mbps}メガビット" if call.language == "ja" else f"{mbps} megabits a second")


def check_move(call: ActionCall) -> Result:
    """Whether the account can move.

    Outcome ``ok``, ``none`` (no coverage), ``date_not_possible``, ``no_date``, ``not_found``.
    """
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    if not coverage_at(call, call.get("new_postcode")):
        return outcome("none")
    first, last = call.rules["move_days"]
    wanted = call.get("move_date")
    if not wanted or not first <= days_from(call.now, wanted) <= last:
        tried = call.count("date_tries") + 1
        limits = {"earliest_date": day(call.now, first), "latest_date": day(call.now, last), "date_tries": tried}
        return outcome("no_date" if tried > 1 else "date_not_possible", **limits)
    return outcome("ok", date_tries=0)


def create_move(call: ActionCall) -> Result:
    """Book the move."""
    checked = check_move(call)
    if checked["outcome"] != "ok":
        return checked
    ticket = call.state.reference("V")
    row = {"ticket": ticket, "account_number": call.get("account_number"), "postcode": call.get("new_postcode")}
    call.rows("moves").append(row | {"date": call.get("move_date")})
    return outcome("ok", ticket=ticket)


ACTIONS: dict[str, Action] = {
    "action_find_outage": find_outage,
    "action_notify_outage": notify_outage,
    "action_test_line": line_test,
    "action_check_coverage": check_coverage,
    "action_check_move": check_move,
    "action_create_move": create_move,
}
