"""Asanagi's repair desk: open repairs, warranty, pick-up; and spare parts."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, money, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.screening import mentions

_PICKUP_DAYS = (1, 30)


def find_open_repair(call: ActionCall) -> Result:
    """A repair of this member that is still under way: ``open`` with its state, or ``none``."""
    member = call.get("member_number")
    if not call.owns(member):
        return outcome("not_found")
    for repair in call.rows("repairs"):
        if repair["member"] == member and repair["status"] != "done":
            item = call.find("catalogue", item=repair["item"])
            product = item["product"] if item else ""
            told = {"ticket": repair["ticket"], "ready_date": repair.get("ready_date")}
            return outcome("open", repair_status=repair["status"], repair_product=product, **told)
    return outcome("none")


def check_warranty(call: ActionCall) -> Result:
    """Whether the newest purchase of this product is under warranty: ``covered``, ``charged``, ``date_not_possible``.

    Without a purchase on record a repair is charged; the estimate is per product.
    """
    member = call.find("members", member_number=call.get("member_number"))
    if member is None or not call.owns(member["member_number"]):
        return outcome("not_found")
    first, last = _PICKUP_DAYS
    wanted = call.get("pickup_date")
    if not wanted or not first <= days_from(call.now, wanted) <= last:
        tried = call.count("date_tries") + 1
        limits = {"earliest_date": day(call.now, first), "latest_date": day(call.now, last), "date_tries": tried}
        return outcome("no_date" if tried > 1 else "date_not_possible", **limits)
    term = call.rules["extended_warranty_days" if member.get("extended_warranty") else "warranty_days"]
    for order in call.rows("orders"):
        item = call.find("catalogue", item=order["item"])
        bought = order.get("delivered_at")
        if order["member"] != member["member_number"] or not item or item["product"] != call.get("product"):
            continue
        if bought and order["status"] == "delivered" and -days_from(call.now, bought) <= term:
            return outcome("covered", repair_item=item["item"], date_tries=0)
    estimate = call.state.data["shop"]["repair_estimates"].get(call.get("product"))
    if estimate is None:
        return outcome("not_repairable")
    return outcome("charged", estimate=money(estimate, "JPY"), date_tries=0)


def create_repair(call: ActionCall) -> Result:
    """Book the pick-up; the reference goes to the member's phone too."""
    checked = check_warranty(call)
    if checked["outcome"] not in {"covered", "charged"}:
        return checked
    member = call.find("members", member_number=call.get("member_number"))
    product = call.get("product")
    item = checked.get("repair_item") or next(
        (row["item"] for row in call.rows("catalogue") if row["product"] == product), product
    )
    ticket = call.state.reference("S")
    row = {"ticket": ticket, "member": call.get("member_number"), "item": item, "status": "booked"}
    call.rows("repairs").append(row | {"pickup_date": call.get("pickup_date"), "terms": checked["outcome"]})
    if member:
        call.message(member["phone"], "repair_booked", f"{ticket} {call.get('pickup_date')}")
    return outcome("ok", ticket=ticket)


def find_part(call: ActionCall) -> Result:
    """The spare part meant, from the words of the request and the model: ``found``, ``out_of_stock``, ``none``."""
    product, model = call.get("product"), call.get("model").upper()
    spoken = " ".join((call.get("part_words"), call.text))
    for part in call.rows("parts"):
        words = tuple(word for language in part["words"].values() for word in language)
        right_model = not model or part["model"] == model
        if part["product"] == product and right_model and mentions(spoken, words):
            found = {"part_name": call.local(part["name"]), "price": money(part["price"], "JPY")}
            return outcome("found" if part["stock"] else "out_of_stock", part=part["part"], **found)
    return outcome("none")


def identify_part(call: ActionCall) -> Result:
    """Keep the words that named the part: the next answers will be about product and model."""
    return outcome("ok", part_words=call.text)


ACTIONS: dict[str, Action] = {
    "action_find_open_repair": find_open_repair,
    "action_check_warranty": check_warranty,
    "action_create_repair": create_repair,
    "action_find_part": find_part,
    "action_identify_part": identify_part,
}
