"""Accounts, sessions and the audit log of one store, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.clock import Clock
from voicebot.people.accounts import Accounts
from voicebot.people.audit import AuditLog
from voicebot.people.outside import Outside
from voicebot.people.passwords import Passwords
from voicebot.people.sessions import SessionRules, Sessions
from voicebot.store import SqlStore


@dataclass(frozen=True, slots=True)
class People:
    """What the rest of the product asks about people."""

    accounts: Accounts
    sessions: Sessions
    audit: AuditLog
    outside: Outside

    @classmethod
    def on(
        cls, store: SqlStore, clock: Clock, *, rules: SessionRules | None = None, passwords: Passwords | None = None
    ) -> People:
        """The people kept in a store."""
        passwords = passwords or Passwords()
        sessions = Sessions(store, clock, passwords, rules or SessionRules())
        return cls(
            Accounts(store, clock, passwords, sessions),
            sessions,
            AuditLog(store, clock),
            Outside(store, clock, sessions),
        )
