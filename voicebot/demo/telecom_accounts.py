"""Harbourline's account records, opened only for the verified holder."""

from __future__ import annotations

from voicebot.demo.call import ActionCall
from voicebot.demo.state import Record


def account_of(call: ActionCall) -> Record | None:
    """The account of the slot, if it exists and the conversation is verified for it."""
    account = call.find("accounts", account_number=call.get("account_number"))
    return account if account and call.owns(account["account_number"]) else None


def strong_account_of(call: ActionCall) -> Record | None:
    """The same, proved by a one-time code."""
    account = account_of(call)
    return account if account and call.owns_strongly(account["account_number"]) else None


def area_of(postcode: str) -> str:
    """The first part of a UK postcode: ``SE15 3QF`` and ``SE153QF`` give ``SE15``."""
    whole = postcode.replace(" ", "").upper()
    return whole[:-3] if len(whole) > 4 else whole


def coverage_at(call: ActionCall, postcode: str) -> int:
    """Megabits a second that can be had at a postcode; 0 when none."""
    row = call.find("coverage", area=area_of(postcode))
    return int(row["mbps"]) if row else 0
