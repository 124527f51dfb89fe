"""Harbourline's contracts: plans and their prices, what leaving costs."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, money, outcome
from voicebot.demo.dates import day, days_from
from voicebot.demo.telecom_accounts import account_of, coverage_at, strong_account_of


def quote_plan(call: ActionCall) -> Result:
    """Price and terms of a plan at this address.

    Outcome ``ok``, ``rolling`` (no minimum term), ``same``, ``not_available``, ``unknown_plan``, ``not_found``.
    """
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    plan = call.find("plans", plan=call.get("plan"))
    if plan is None:
        return outcome("unknown_plan")
    if plan["plan"] == account["plan"]:
        return outcome("same")
    if plan["needs_mbps"] > coverage_at(call, account["postcode"]):
        return outcome("not_available")
    start = day(call.now, call.rules["plan_start_days"])
    prices = {"price": money(plan["price"], "GBP"), "later_price": money(plan["later_price"], "GBP")}
    terms = {"months": plan["months"], "start_date": start, "cooling_off_days": call.rules["cooling_off_days"]}
    return outcome("rolling" if plan["months"] == 1 else "ok", **prices, **terms)


def change_plan(call: ActionCall) -> Result:
    """Switch the plan; only after a one-time code."""
    quoted, account = quote_plan(call), strong_account_of(call)
    if account is None:
        return outcome("not_found")
    if quoted["outcome"] not in {"ok", "rolling"}:
        return quoted
    plan = call.find("plans", plan=call.get("plan"))
    assert plan is not None
    if plan["plan"].startswith("sim_"):
        account["mobile_plan"] = plan["plan"]
    elif plan["plan"] == "sport":
        account["extras"] = [*account.get("extras", []), "sport"]
    else:
        account["plan"] = plan["plan"]
    call.message(account["phone"], "contract", f"{plan['plan']} {quoted['price']} {quoted['start_date']}")
    return outcome("ok", start_date=quoted["start_date"])


def exit_terms(call: ActionCall) -> Result:
    """What leaving costs now: ``fee``, ``free`` (the term is over), ``free_in_term``, ``not_found``."""
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    contract = account["contract"]
    told = {"end_date": contract["end"], "exit_fee": money(contract["exit_fee"], "GBP")}
    if contract["exit_fee"] > 0:
        return outcome("fee", **told)
    return outcome("free" if days_from(call.now, contract["end"]) < 0 else "free_in_term", **told)


ACTIONS: dict[str, Action] = {
    "action_quote_plan": quote_plan,
    "action_change_plan": change_plan,
    "action_get_exit_terms": exit_terms,
}
