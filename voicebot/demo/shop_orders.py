"""Asanagi's order desk: where an order is, moving it to another day, cancelling it."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, money, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.state import Record

_UNDELIVERED = {"preparing", "shipped", "delayed"}


def order_of(call: ActionCall) -> Record | None:
    """The order of the slot, if it exists and belongs to the verified customer."""
    order = call.find("orders", order_number=call.get("order_number"))
    return order if order and call.owns(order["member"]) else None


def product_of(call: ActionCall, order: Record) -> str:
    """The kind of product in an order."""
    item = call.find("catalogue", item=order["item"])
    return str(item["product"]) if item else ""


def get_order(call: ActionCall) -> Result:
    """Status, dates and contents of an order. Outcome: its status, or ``not_found``."""
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    slots: Result = {field: order.get(field) for field in ("ship_date", "eta", "delivered_at", "tracking_code")}
    slots |= {"order_status": order["status"], "order_window": order.get("time_window")}
    return outcome("ok", order_product=product_of(call, order), **slots)


def check_delivery_change(call: ActionCall) -> Result:
    """Whether the order can come on ``delivery_date``. The courier takes changes until the parcel is on the van.

    Outcome ``ok``, ``too_late``, ``date_not_possible`` (with ``earliest_date`` and ``latest_date``; the second time
    ``no_date``), ``not_found``.
    """
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    if order["status"] not in _UNDELIVERED:
        return outcome("too_late")
    first = max(1, days_from(call.now, order["ship_date"]) + 1 if order["status"] == "preparing" else 1)
    last = call.rules["reschedule_max_days"]
    wanted = call.get("delivery_date")
    if not wanted or not first <= days_from(call.now, wanted) <= last:
        tried = call.count("date_tries") + 1
        limits = {"earliest_date": day(call.now, first), "latest_date": day(call.now, last), "date_tries": tried}
        return outcome("no_date" if tried > 1 else "date_not_possible", **limits)
    return outcome("ok", date_tries=0)


def reschedule(call: ActionCall) -> Result:
    """Move the delivery. The same outcomes as the check, which is made again."""
    checked = check_delivery_change(call)
    order = order_of(call)
    if checked["outcome"] != "ok" or order is None:
        return checked
    order["eta"] = call.get("delivery_date")
    order["time_window"] = None if call.get("time_window") in {"", "any"} else call.get("time_window")
    return outcome("ok", eta=order["eta"])


def send_address_link(call: ActionCall) -> Result:
    """Text a link for another address: an address said aloud is not safe to act on."""
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    if order["status"] not in {"preparing", "delayed"}:
        return outcome("too_late")
    member = call.find("members", member_number=order["member"])
    if member is None:
        return outcome("not_found")
    call.message(member["phone"], "address_link", f"https://asanagi.example/orders/{order['order_number']}/address")
    return outcome("ok")


def leave_parcel(call: ActionCall) -> Result:
    """Ask the courier to leave the parcel in the locker: ``ok``, ``too_late``, ``not_found``."""
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    if order["status"] not in _UNDELIVERED:
        return outcome("too_late")
    order["leave_at"] = "locker"
    return outcome("ok")


def check_cancel(call: ActionCall) -> Result:
    """Whether an order can be cancelled: until it ships.

    Outcome ``ok``, ``several`` (more than one piece), ``shipped``, ``delivered``, ``cancelled``, ``lost``,
    ``not_found``.
    """
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    match order["status"]:
        case "preparing" | "delayed":
            name = "several" if order["quantity"] > 1 else "ok"
        case "shipped" | "out_for_delivery":
            name = "shipped"
        case "returned":
            name = "delivered"
        case status:
            name = str(status)
    amount = money(order["amount"], call.state.data["shop"]["currency"])
    return outcome(name, order_product=product_of(call, order), amount=amount)


def cancel(call: ActionCall) -> Result:
    """Cancel an order that has not shipped and start its refund."""
    checked = check_cancel(call)
    order = order_of(call)
    if order is None or checked["outcome"] not in {"ok", "several"}:
        return checked
    refund_days = call.rules["refund_days"]
    order["status"] = "cancelled"
    order["refund"] = {"status": "processing", "amount": order["amount"], "date": day(call.now, refund_days)}
    item = call.find("catalogue", item=order["item"])
    if item:
        item["stock"] += order["quantity"]
    return outcome("ok", refund_days=refund_days)


ACTIONS: dict[str, Action] = {
    "action_get_order": get_order,
    "action_check_delivery_change": check_delivery_change,
    "action_reschedule": reschedule,
    "action_send_address_link": send_address_link,
    "action_leave_parcel": leave_parcel,
    "action_check_cancel": check_cancel,
    "action_cancel_order": cancel,
}
