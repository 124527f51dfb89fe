"""Asanagi's catalogue: what there is, what it costs delivered, and placing an order."""

from __future__ import annotations

from dataclasses import replace

from voicebot.demo.call import Action, ActionCall, Result, money, outcome
from voicebot.demo.dates import day
from voicebot.demo.screening import mentions
from voicebot.demo.state import Record

_MAX_PIECES = 20


def item_of(call: ActionCall) -> Record | None:
    """The catalogue row meant by model, catalogue number or product (then the first, the standard model)."""
    model, wanted = call.get("model").upper(), call.get("product")
    for row in call.rows("catalogue"):
        if model and row["item"] == model:
            return row
    for row in call.rows("catalogue"):
        if wanted and wanted in {row["product"], row["item"], row["catalogue_number"]}:
            return row
    return None


def get_item(call: ActionCall) -> Result:
    """Price and stock of the product named in the question: ``in_stock``, ``out_of_stock``, ``none``."""
    words = call.state.data["shop"]["product_words"]
    named = next((product for product, terms in words.items() if mentions(call.text, tuple(terms))), None)
    row = item_of(replace(call, slots={**call.slots, "product": named})) if named else None
    if row is None:
        return outcome("none")
    told = {"item_name": call.local(row["name"]), "price": money(row["price"], "JPY")}
    if row["stock"] > 0:
        return outcome("in_stock", **told)
    return outcome("out_of_stock", restock_date=row.get("restock", day(call.now, 14)), **told)


def quote_order(call: ActionCall) -> Result:
    """The total with delivery and fees, and the day it would arrive.

    Outcome ``ok``, ``no_stock`` (with ``restock_date`` where known), ``pay_later_limit``, ``too_many``,
    ``not_in_catalogue``.
    """
    row = item_of(call)
    if row is None:
        return outcome("not_in_catalogue")
    quantity = _quantity(call)
    if quantity is None:
        return outcome("too_many")
    name = call.local(row["name"])
    if row["stock"] < quantity:
        return outcome("no_stock", item_name=name, restock_date=row.get("restock", day(call.now, 14)))
    amount = _total(call, row, quantity)
    if call.get("pay_by") == "later" and amount > call.rules["pay_later_max"]:
        return outcome("pay_later_limit", limit=money(call.rules["pay_later_max"], "JPY"))
    terms = {"item_name": name, "amount": money(amount, "JPY"), "eta": day(call.now, call.rules["delivery_days"])}
    return outcome("ok", return_days=call.rules["return_days_unopened"], **terms)


def create_order(call: ActionCall) -> Result:
    """Place the order for the verified member.

    A card needs the token of a captured card, or the page on which the customer is to pay (then payment is pending).
    """
    quoted = quote_order(call)
    row, quantity = item_of(call), _quantity(call)
    if quoted["outcome"] != "ok" or row is None or quantity is None:
        return quoted
    member = call.find("members", member_number=call.get("member_number"))
    if member is None or not call.owns(member["member_number"]):
        return outcome("not_found")
    amount, pay_by = _total(call, row, quantity), call.get("pay_by")
    pending = pay_by == "card" and not call.get("card_token") and bool(call.get("payment_link"))
    if pay_by == "card" and not pending:
        paid = call.find("payments", token=call.get("card_token"), status="authorised")
        if paid is None:
            return outcome("not_paid")
        paid |= {"status": "charged", "amount": money(amount, "JPY")}
    number = _next_number(call)
    order = {"order_number": number, "member": member["member_number"], "item": row["item"], "quantity": quantity}
    dates = {"ship_date": day(call.now, 1), "eta": quoted["eta"]}
    order |= {"amount": amount, "status": "preparing"}
    order |= dates | {"pay_by": pay_by, "paid": pay_by == "card" and not pending}
    call.rows("orders").append(order)
    row["stock"] -= quantity
    call.message(member["phone"], "order_placed", f"{number} {quoted['item_name']} x{quantity} {quoted['amount']}")
    return outcome("ok", new_order_number=number, eta=quoted["eta"])


def notify_restock(call: ActionCall) -> Result:
    """Keep the wish to be told when the product is back."""
    row = item_of(call)
    if row is None:
        return outcome("none")
    notice = {"ticket": call.state.reference("N"), "kind": "restock", "item": row["item"]}
    call.rows("tickets").append(notice | {"member": call.get("member_number")})
    return outcome("ok")


def _quantity(call: ActionCall) -> int | None:
    count = call.count("quantity") if call.get("quantity") else 1
    return count if 1 <= count <= _MAX_PIECES else None


def _total(call: ActionCall, row: Record, quantity: int) -> int:
    goods: int = row["price"] * quantity
    rules = call.rules
    delivery = 0 if goods >= rules["free_shipping_from"] else rules["shipping_fee"]
    return goods + int(delivery) + int(rules["cod_fee"] if call.get("pay_by") == "cod" else 0)


def _next_number(call: ActionCall) -> str:
    highest = max(int(order["order_number"][1:]) for order in call.rows("orders"))
    return f"A{highest + 1:08d}"


ACTIONS: dict[str, Action] = {
    "action_get_item": get_item,
    "action_quote_order": quote_order,
    "action_create_order": create_order,
    "action_notify_restock": notify_restock,
}
