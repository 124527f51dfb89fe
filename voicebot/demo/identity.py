"""Who is speaking: by number shown, by the last digits of the phone on file, by postcode, by one-time code."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from voicebot.demo.call import Action, ActionCall, Result, outcome
from voicebot.demo.state import Record

_MAX_FAILURES = 3
_READINGS = 2
_CODE_MINUTES = 10


def owner_of(call: ActionCall) -> list[str]:
    """The customers the filled slots may speak of, most specific first; empty when none is known."""
    found: list[str] = []
    if call.tenant == "shop":
        order = call.find("orders", order_number=call.get("order_number"))
        member = call.find("members", member_number=call.get("member_number"))
        found = [order["member"]] if order else []
        found += [member["member_number"]] if member else []
    else:
        account = call.find("accounts", account_number=call.get("account_number"))
        found = [account["account_number"]] if account else []
    return list(dict.fromkeys(found))


def customer(call: ActionCall, owner: str) -> Record | None:
    """The member or account record of an owner."""
    if call.tenant == "shop":
        return call.find("members", member_number=owner)
    return call.find("accounts", account_number=owner)


def identify_caller(call: ActionCall) -> Result:
    """What the number shown tells: enough to greet and to save a question, never to open a record."""
    number = _digits(call.get("caller_number"))
    table = "members" if call.tenant == "shop" else "accounts"
    row = call.find(table, phone=number) if number else None
    if row is None:
        return outcome("unknown")
    known = {"customer_name": row["name"], "customer_language": row.get("lang", "en")}
    known |= {"vulnerable": bool(row.get("vulnerable", False)), "slow_pace": row.get("pace") == "slow"}
    if call.tenant == "shop":
        return outcome("known", member_number=row["member_number"], **known)
    return outcome("known", account_number=row["account_number"], **known)


def identify_order(call: ActionCall) -> Result:
    """Whether such an order exists; nothing of it is told."""
    return outcome("ok" if call.find("orders", order_number=call.get("order_number")) else "not_found")


def identify_member(call: ActionCall) -> Result:
    """Whether such a member exists."""
    return outcome("ok" if call.find("members", member_number=call.get("member_number")) else "not_found")


def identify_account(call: ActionCall) -> Result:
    """Whether such an account exists; a vulnerable customer is told to the queue, not to the caller."""
    account = call.find("accounts", account_number=call.get("account_number"))
    if account is None:
        return outcome("not_found")
    return outcome("ok", vulnerable=bool(account.get("vulnerable", False)))


def identify_line(call: ActionCall) -> Result:
    """The account of a mobile number, proved by the postcode on file (the number alone proves nothing)."""
    if _locked(call):
        return outcome("locked")
    number = _digits(call.get("phone_number"))
    wanted = _postcode(call.get("account_postcode"))
    for account in call.rows("accounts"):
        for line in account.get("mobiles", []):
            if line["number"] == number and _postcode(account["postcode"]) == wanted:
                _accept(call, account["account_number"], "light")
                return outcome("ok", account_number=account["account_number"], verification="light")
    return outcome(_refuse(call))


def verify_light(call: ActionCall) -> Result:
    """The last four digits of the phone on file for the order, the member or the account.

    Two further readings of what was said count as well: three guesses in ten thousand prove as much as one, and a
    caller whose number was misheard is not sent away.
    """
    if _locked(call):
        return outcome("locked", verification="failed")
    others = call.slots.get("phone_last4_alternatives")
    readings = [call.get("phone_last4"), *(map(str, others[:_READINGS]) if isinstance(others, list) else ())]
    for owner in owner_of(call):
        row = customer(call, owner)
        if row and any(len(digits) == 4 and row["phone"].endswith(digits) for digits in map(_digits, readings)):
            _accept(call, owner, "light")
            return outcome("ok", verification="light", customer_name=row["name"])
    return outcome(_refuse(call), verification="failed")


def send_code(call: ActionCall) -> Result:
    """Text a fresh six-digit code to the phone on file; it is in the outbox only and never in an answer."""
    if _locked(call):
        return outcome("locked")
    verified = call.state.data["verified"].get(call.sender)
    owners = owner_of(call) or ([verified["owner"]] if verified and verified["tenant"] == call.tenant else [])
    row = customer(call, owners[0]) if owners else None
    if row is None:
        return outcome("no_phone")
    code = f"{secrets.randbelow(1_000_000):06d}"
    until = (call.now + timedelta(minutes=_CODE_MINUTES)).isoformat()
    call.state.data["codes"][call.sender] = {"digest": _digest(call.sender, code), "owner": owners[0], "until": until}
    call.message(row["phone"], "one_time_code", code)
    return outcome("ok", code_minutes=_CODE_MINUTES)


def check_code(call: ActionCall) -> Result:
    """Compare the keyed code; it works once and for ten minutes."""
    if _locked(call):
        return outcome("locked", verification="failed")
    kept = call.state.data["codes"].get(call.sender)
    if kept is None or datetime.fromisoformat(kept["until"]) < call.now:
        return outcome("expired")
    if not hmac.compare_digest(kept["digest"], _digest(call.sender, _digits(call.get("one_time_code")))):
        return outcome(_refuse(call), verification="failed")
    del call.state.data["codes"][call.sender]
    _accept(call, kept["owner"], "strong")
    return outcome("ok", verification="strong")


def _accept(call: ActionCall, owner: str, level: str) -> None:
    call.state.data["verified"][call.sender] = {"tenant": call.tenant, "owner": owner, "level": level}
    call.state.data["failures"].pop(call.sender, None)


def _refuse(call: ActionCall) -> str:
    failures = call.state.data["failures"]
    failures[call.sender] = failures.get(call.sender, 0) + 1
    return "locked" if _locked(call) else "mismatch"


def _locked(call: ActionCall) -> bool:
    count: int = call.state.data["failures"].get(call.sender, 0)
    return count >= _MAX_FAILURES


def _digits(text: str) -> str:
    number = "".join(character for character in text if character.isdigit())
    return "0" + number[2:] if number.startswith(("81", "44")) and len(number) > 10 else number


def _postcode(text: str) -> str:
    return text.replace(" ", "").upper()


def _digest(sender: str, code: str) -> str:
    return hashlib.sha256(f"{sender}:{code}".encode()).hexdigest()


ACTIONS: dict[str, Action] = {
    "action_identify_caller": identify_caller,
    "action_verify_light": verify_light,
    "action_send_code": send_code,
    "action_check_code": check_code,
}
OWN_ACTIONS: dict[str, dict[str, Action]] = {
    "shop": {"action_identify_order": identify_order, "action_identify_member": identify_member},
    "telecom": {"action_identify_account": identify_account, "action_identify_line": identify_line},
}
"""What can be identified differs between the companies."""
