"""Asanagi's receipts."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.shop_orders import order_of


def send_receipt(call: ActionCall) -> Result:
    """Mail the receipt of an order that has shipped: ``ok``, ``not_yet``, ``cancelled``, ``not_found``."""
    order = order_of(call)
    if order is None:
        return outcome("not_found")
    if order["status"] in {"preparing", "delayed"}:
        return outcome("not_yet")
    if order["status"] == "cancelled":
        return outcome("cancelled")
    member = call.find("members", member_number=order["member"])
    if member is None:
        return outcome("not_found")
    name = call.get("receipt_name") or member["name"]
    call.rows("documents").append({"order_number": order["order_number"], "name": name, "to": member["email"]})
    call.message(member["email"], "receipt", f"{order['order_number']} {name} {order['amount']} JPY")
    return outcome("ok", receipt_name=name)


ACTIONS: dict[str, Action] = {"action_send_receipt": send_receipt}
