"""Harbourline's mobile desk: barring a lost phone, new SIMs, activation, porting, roaming."""

from __future__ import annotations

import secrets
import string

from voicebot.demo.call import Action, ActionCall, Result, money, outcome
from voicebot.demo.dates import day
from voicebot.demo.state import Record
from voicebot.demo.telecom_accounts import account_of, strong_account_of


def _line_of(call: ActionCall) -> tuple[Record, Record] | None:
    account = account_of(call)
    number = "".join(character for character in call.get("phone_number") if character.isdigit())
    for line in account.get("mobiles", []) if account else []:
        if line["number"] == number and account:
            return account, line
    return None


def bar(call: ActionCall) -> Result:
    """Stop a lost or stolen SIM at once: ``ok``, ``already``, ``not_found``. It can be undone by a person."""
    found = _line_of(call)
    if found is None:
        return outcome("not_found")
    _, line = found
    if line["status"] == "barred":
        return outcome("already", phone_ending=line["number"][-4:])
    line["status"] = "barred"
    return outcome("ok", phone_ending=line["number"][-4:])


def order_sim(call: ActionCall) -> Result:
    """Post a new SIM to the address on file, never to another."""
    found = _line_of(call)
    if found is None:
        return outcome("not_found")
    account, line = found
    line["new_sim"] = "posted"
    call.message(account["phone"], "sim_posted", line["number"][-4:])
    return outcome("ok", arrival_date=day(call.now, 2))


def activate(call: ActionCall) -> Result:
    """Activate a SIM that was posted: ``ok``, ``pending``, ``already``, ``barred``, ``not_found``."""
    found = _line_of(call)
    if found is None:
        return outcome("not_found")
    _, line = found
    match line["status"]:
        case "sim_ready":
            line["status"] = "active"
            return outcome("ok")
        case "processing":
            return outcome("pending", activation_hours=call.rules["activation_hours"])
        case "active":
            return outcome("already")
        case _:
            return outcome("barred")


def port_number(call: ActionCall) -> Result:
    """Give out a PAC, or send the page for entering one: ``out``, ``in``, ``no_mobile``, ``not_found``."""
    account = strong_account_of(call)
    if account is None:
        return outcome("not_found")
    row = {"account_number": account["account_number"], "direction": call.get("direction")}
    if call.get("direction") == "in":
        call.message(account["phone"], "port_in_link", "https://harbourline.example/port-in")
        call.rows("ports").append(row)
        return outcome("in")
    if not account.get("mobiles"):
        return outcome("no_mobile")
    letters = "".join(secrets.choice(string.ascii_uppercase) for _ in range(3))
    pac = f"{letters}{secrets.randbelow(1_000_000):06d}"
    call.message(account["phone"], "pac", pac)
    call.rows("ports").append(row | {"until": day(call.now, call.rules["pac_days"])})
    return outcome("out", pac_days=call.rules["pac_days"])


def get_roaming(call: ActionCall) -> Result:
    """A day's price in a country: ``priced``, ``unknown_country``."""
    for zone in call.rows("roaming_zones"):
        if call.get("country") in zone["countries"]:
            return outcome("europe" if zone["zone"] == "europe" else "priced", day_price=money(zone["price"], "GBP"))
    return outcome("unknown_country")


ACTIONS: dict[str, Action] = {
    "action_bar_sim": bar,
    "action_order_sim": order_sim,
    "action_activate_sim": activate,
    "action_port_number": port_number,
    "action_get_roaming": get_roaming,
}
