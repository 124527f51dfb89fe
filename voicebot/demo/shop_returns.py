"""Asanagi's returns desk: returns, exchanges, refunds."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, money, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.screening import faulty as speaks_of_fault
from voicebot.demo.shop_orders import order_of, product_of
from voicebot.demo.state import Record


def check_return(call: ActionCall) -> Result:
    """Whether a delivered order can go back, and who pays.

    Unopened within 14 days; opened only when faulty, within 30 days, and then the company pays. Outcome ``ok``
    (``return_fee`` to pay), ``free``, ``expired``, ``opened_not_allowed``, ``not_delivered``, ``already_returned``,
    ``not_found``.
    """
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    product = product_of(call, order)
    if order["status"] in {"returned", "cancelled"} or call.find("returns", order_number=order["order_number"]):
        return outcome("already_returned", order_product=product)
    if order["status"] != "delivered":
        return outcome("not_delivered", order_product=product, return_days=call.rules["return_days_unopened"])
    faulty = speaks_of_fault(call.get("return_reason"))
    opened = call.get("opened") == "opened"
    age = -days_from(call.now, order["delivered_at"])
    if opened and not faulty:
        return outcome("opened_not_allowed", order_product=product)
    if age > call.rules["return_days_faulty" if faulty else "return_days_unopened"]:
        return outcome("expired", order_product=product)
    fee = 0 if faulty else call.rules["return_fee"]
    return outcome("ok" if fee else "free", order_product=product, return_fee=money(fee, "JPY"))


def create_return(call: ActionCall) -> Result:
    """Book the return and its refund; the label goes to the member's phone."""
    checked = check_return(call)
    order = order_of(call)
    if order is None or checked["outcome"] not in {"ok", "free"}:
        return checked
    fee = 0 if checked["outcome"] == "free" else call.rules["return_fee"]
    return _book(call, order, "return", "R", amount=order["amount"] - fee, reason=call.get("return_reason"))


def check_claim(call: ActionCall) -> Result:
    """Whether a damaged or wrong item can be put right as asked: ``exchange``, ``no_stock`` or ``refund``."""
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    if order["status"] in {"returned", "cancelled"} or call.find("returns", order_number=order["order_number"]):
        return outcome("already_returned")
    if order["status"] != "delivered":
        return outcome("not_delivered")
    product = product_of(call, order)
    if call.get("resolution") == "refund":
        return outcome("refund", order_product=product, amount=money(order["amount"], "JPY"))
    item = call.find("catalogue", item=order["item"])
    stocked = item is not None and item["stock"] >= order["quantity"]
    return outcome("exchange" if stocked else "no_stock", order_product=product)


def create_claim(call: ActionCall) -> Result:
    """Book the exchange or the refund of a damaged or wrong item, postage on the company."""
    checked = check_claim(call)
    order = order_of(call)
    if order is None or checked["outcome"] not in {"exchange", "refund"}:
        return checked
    reason = call.get("damage_kind")
    if checked["outcome"] == "refund":
        return _book(call, order, "claim", "R", amount=order["amount"], reason=reason)
    item = call.find("catalogue", item=order["item"])
    if item:
        item["stock"] -= order["quantity"]
    return _book(call, order, "exchange", "X", amount=0, reason=reason)


def _book(call: ActionCall, order: Record, kind: str, letter: str, amount: int, reason: str) -> Result:
    ticket = call.state.reference(letter)
    row = {"ticket": ticket, "kind": kind, "order_number": order["order_number"], "member": order["member"]}
    pickup = day(call.now, 2)
    call.rows("returns").append(row | {"reason": reason, "amount": amount, "pickup_date": pickup})
    slots = {"ticket": ticket, "pickup_date": pickup}
    if amount:
        due = day(call.now, call.rules["refund_days"] + 3)
        order["status"] = "returned"
        order["refund"] = {"status": "processing", "amount": amount, "date": due}
        slots |= {"amount": money(amount, "JPY"), "refund_date": due}
    member = call.find("members", member_number=order["member"])
    if member:
        call.message(member["phone"], "return_label", f"{ticket} https://asanagi.example/labels/{ticket}")
    return outcome("ok", **slots)


def get_refund(call: ActionCall) -> Result:
    """How far a refund is. Outcome ``processing``, ``sent``, ``overdue``, ``none``, ``not_found``."""
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    refund = order.get("refund")
    if refund is None:
        return outcome("none")
    return outcome(refund["status"], amount=money(refund["amount"], "JPY"), refund_date=refund["date"])


ACTIONS: dict[str, Action] = {
    "action_check_return": check_return,
    "action_create_return": create_return,
    "action_check_claim": check_claim,
    "action_create_claim": create_claim,
    "action_get_refund": get_refund,
}
