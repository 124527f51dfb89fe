"""One call of an action, as the demo's functions see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from voicebot.demo.state import DemoState, Record

Result = dict[str, Any]
"""Slot values to set. Every result holds ``outcome``."""


@dataclass(frozen=True)
class ActionCall:
    """Who asks, with which slots, and what the customer said last."""

    tenant: str
    sender: str
    state: DemoState
    language: str = "en"
    text: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The present in the company's time zone."""
        return self.state.now(self.tenant)

    @property
    def rules(self) -> Record:
        """The company's terms."""
        rules: Record = self.state.data[self.tenant]["rules"]
        return rules

    def get(self, slot: str) -> str:
        """A slot as trimmed text; empty when it is not set."""
        value = self.slots.get(slot)
        return "" if value is None else str(value).strip()

    def flag(self, slot: str) -> bool:
        """A yes/no slot; unset counts as no."""
        value = self.slots.get(slot)
        return value if isinstance(value, bool) else str(value).lower() in {"true", "yes", "1"}

    def count(self, slot: str) -> int:
        """A slot as a whole number; 0 when it is not one."""
        try:
            return int(float(self.get(slot)))
        except (ValueError, OverflowError):
            return 0

    def find(self, table: str, **equal: Any) -> Record | None:
        """The company's first row whose fields equal these."""
        return self.state.find(self.tenant, table, **equal)

    def rows(self, table: str) -> list[Record]:
        """The company's rows."""
        return self.state.table(self.tenant, table)

    def owns(self, owner: str) -> bool:
        """Whether this conversation was verified as this member or account holder.

        The dialogue asks for verification; this check keeps one customer's proof from opening another's records.
        """
        seen = self.state.data["verified"].get(self.sender)
        return seen is not None and seen["tenant"] == self.tenant and seen["owner"] == owner

    def owns_strongly(self, owner: str) -> bool:
        """Whether a one-time code proved it."""
        return self.owns(owner) and self.state.data["verified"][self.sender]["level"] == "strong"

    def message(self, to: str, kind: str, body: str) -> None:
        """Send a message to the customer's registered phone or mailbox."""
        self.state.send(self.tenant, kind, to, body)

    def local(self, names: Mapping[str, str]) -> str:
        """The name in the language of the conversation, English when there is none."""
        return names.get(self.language) or names["en"]


Action = Callable[[ActionCall], Result]


def money(amount: float, currency: str) -> str:
    """An amount as the flows carry it: ``19800 JPY``, ``42.50 GBP``."""
    return f"{amount:.0f} {currency}" if currency == "JPY" else f"{amount:.2f} {currency}"


def parse_money(text: str) -> float | None:
    """The number of ``42.50 GBP`` or of bare ``42.5``; None when it is no amount."""
    first = text.replace(",", "").split(" ")[0]
    try:
        amount = float(first)
    except ValueError:
        return None
    return amount if 0 <= amount < 1e9 else None


def outcome(name: str, **slots: Any) -> Result:
    """A result with its outcome."""
    return {"outcome": name, **slots}
