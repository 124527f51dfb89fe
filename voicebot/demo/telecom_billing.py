"""Harbourline's bills: why one differs, what is owed, paying it, what is left of the data."""

from __future__ import annotations

from voicebot.demo.call import Action, ActionCall, Result, money, outcome, parse_money
from voicebot.demo.telecom_accounts import account_of


def explain_bill(call: ActionCall) -> Result:
    """The current bill: ``changed`` with the reasons, ``same`` as the last one, ``not_found``."""
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    bill = account["bill"]
    told = {"bill_amount": money(bill["amount"], "GBP"), "due_date": bill["due"]}
    if bill["amount"] == bill["last"] or "reasons" not in bill:
        return outcome("same", **told)
    return outcome("changed", reasons=call.local(bill["reasons"]), last_amount=money(bill["last"], "GBP"), **told)


def get_balance(call: ActionCall) -> Result:
    """What is owed: ``due``, ``nothing_due``, ``not_found``."""
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    owed = account["bill"]["balance"]
    return outcome("due" if owed > 0 else "nothing_due", balance=money(owed, "GBP"))


def check_payment(call: ActionCall) -> Result:
    """Whether this amount can be paid: ``ok``, ``too_much``, ``bad_amount``, ``nothing_due``, ``not_found``."""
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    owed, amount = account["bill"]["balance"], parse_money(call.get("amount"))
    if owed <= 0:
        return outcome("nothing_due", balance=money(owed, "GBP"))
    if not amount:
        return outcome("bad_amount")
    return outcome("ok" if amount <= owed else "too_much", balance=money(owed, "GBP"))


def pay_bill(call: ActionCall) -> Result:
    """Charge the captured card: ``ok`` with the new balance, ``not_paid``, or what the check says."""
    checked, account, amount = check_payment(call), account_of(call), parse_money(call.get("amount"))
    if checked["outcome"] != "ok" or account is None or amount is None:
        return checked
    paid = call.find("payments", token=call.get("card_token"), status="authorised")
    if paid is None:
        return outcome("not_paid")
    paid |= {"status": "charged", "amount": money(amount, "GBP"), "account_number": account["account_number"]}
    account["bill"]["balance"] = round(account["bill"]["balance"] - amount, 2)
    return outcome("ok", balance=money(account["bill"]["balance"], "GBP"), card_token=None)


def get_usage(call: ActionCall) -> Result:
    """Data left this month: ``limited``, ``unlimited``, ``no_mobile``, ``not_found``."""
    account = account_of(call)
    if account is None:
        return outcome("not_found")
    usage = account.get("usage")
    if usage is None:
        return outcome("no_mobile")
    if usage["data_left"] is None:
        return outcome("unlimited", reset_date=usage["reset"])
    left = usage["data_left"]
    return outcome(
        "limited", data_left=f"{left}ギガ" if call.language == "ja" else f"{left} gigabytes", reset_date=usage["reset"]
    )


ACTIONS: dict[str, Action] = {
    "action_explain_bill": explain_bill,
    "action_get_balance": get_balance,
    "action_check_payment": check_payment,
    "action_pay_bill": pay_bill,
    "action_get_usage": get_usage,
}
