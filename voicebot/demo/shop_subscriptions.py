"""Asanagi's repeat orders: skip, space out, change the quantity, resume, cancel."""

from __future__ import annotations

from datetime import date, timedelta

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.state import Record

_MONTH_DAYS = 30
_MAX_MONTHS = 6
_MAX_QUANTITY = 10


def subscription_of(call: ActionCall) -> Record | None:
    """The verified member's repeat order."""
    member = call.get("member_number")
    return call.find("subscriptions", member=member) if call.owns(member) else None


def get_subscription(call: ActionCall) -> Result:
    """What is delivered how often: ``active``, ``paused``, ``cancelled`` or ``none``."""
    if not call.owns(call.get("member_number")):
        return outcome("not_found")
    found = subscription_of(call)
    if found is None:
        return outcome("none")
    return outcome(found["status"], **_told(call, found))


def check_change(call: ActionCall) -> Result:
    """Whether the change can be made: ``skip``, ``interval``, ``quantity``, ``resume``, ``address`` or what hinders it.

    Hindrances: ``deadline_passed`` (inside the seven days before dispatch), ``not_active``, ``not_paused``,
    ``bad_value``, ``none``.
    """
    found, kind = subscription_of(call), call.get("change_kind")
    if found is None:
        return outcome("none")
    if kind == "resume":
        return outcome("resume" if found["status"] == "paused" else "not_paused", **_told(call, found))
    if found["status"] != "active":
        return outcome("not_active")
    if kind != "address" and days_from(call.now, found["next"]) < call.rules["subscription_cutoff_days"]:
        return outcome("deadline_passed", next_date=found["next"])
    if kind == "interval" and not 1 <= call.count("months") <= _MAX_MONTHS:
        return outcome("bad_value")
    if kind == "quantity" and not 1 <= call.count("quantity") <= _MAX_QUANTITY:
        return outcome("bad_value")
    told = _told(call, found)
    if kind == "skip":
        told |= {"next_date": _later(found["next"], found["every_months"])}
    return outcome(kind or "bad_value", **told)


def change(call: ActionCall) -> Result:
    """Make the change that was checked and agreed."""
    checked, found = check_change(call), subscription_of(call)
    if found is None:
        return checked
    match checked["outcome"]:
        case "skip":
            found["next"] = checked["next_date"]
        case "interval":
            found["every_months"] = call.count("months")
        case "quantity":
            found["quantity"] = call.count("quantity")
        case "resume":
            found |= {"status": "active", "next": day(call.now, call.rules["subscription_cutoff_days"] + 1)}
        case "address":
            member = call.find("members", member_number=found["member"])
            if member:
                call.message(member["phone"], "address_link", "https://asanagi.example/subscription/address")
            return outcome("link_sent")
        case _:
            return checked
    return outcome("ok", **_told(call, found))


def cancel(call: ActionCall) -> Result:
    """End the repeat order: ``ok``, ``min_term`` (deliveries left in the agreement), ``already``, ``none``."""
    found = subscription_of(call)
    if found is None:
        return outcome("none")
    if found["status"] == "cancelled":
        return outcome("already")
    if found["deliveries_left"] > 0:
        return outcome("min_term", deliveries_left=found["deliveries_left"])
    found["status"] = "cancelled"
    member = call.find("members", member_number=found["member"])
    if member:
        call.message(member["phone"], "subscription_cancelled", found["item"])
    return outcome("ok")


def _told(call: ActionCall, found: Record) -> Result:
    item = call.find("catalogue", item=found["item"])
    name = call.local(item["name"]) if item else ""
    return {"item_name": name, "next_date": found["next"], "every_months": found["every_months"]}


def _later(iso: str, months: int) -> str:
    return (date.fromisoformat(iso) + timedelta(days=_MONTH_DAYS * months)).isoformat()


ACTIONS: dict[str, Action] = {
    "action_get_subscription": get_subscription,
    "action_check_subscription_change": check_change,
    "action_change_subscription": change,
    "action_cancel_subscription": cancel,
}
