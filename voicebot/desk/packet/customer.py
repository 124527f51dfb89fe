"""Who the customer is, as far as it is known, and how a number is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.domain import Json


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's record. ``verified`` is not part of it: knowing a number proves nothing."""

    id: str | None = None
    name: str | None = None
    phone: str | None = None
    crm_url: str | None = None
    vulnerable: bool = False
    vip: bool = False
    preferences: Mapping[str, Json] = field(default_factory=dict)


def masked_phone(number: str | None) -> str | None:
    """A number with its middle hidden: ``090-****-1234`` style, last four digits kept; None when there is none."""
    digits = "".join(sign for sign in number or "" if sign.isdigit())
    if len(digits) < 6:
        return None
    head = digits[:3]
    return f"{head}-{'*' * min(6, len(digits) - 7) or '**'}-{digits[-4:]}"


def known_caller(snapshot: Json) -> Customer:
    """What the dialogue's snapshot holds of the caller: the back end's answer to the number, and the number."""
    match snapshot:
        case {"dialogue": {"customer": list() as pairs, **dialogue}}:
            facts = {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2}
            number = dialogue.get("caller_number")
            name = facts.get("customer_name")
            record = next((facts[key] for key in ("member_number", "account_number") if facts.get(key)), None)
            slow = {"pace": "slow"} if facts.get("slow_pace") is True or dialogue.get("slow") is True else {}
            return Customer(
                id=None if record is None else str(record),
                name=str(name) if name else None,
                phone=number if isinstance(number, str) else None,
                vulnerable=facts.get("vulnerable") is True,
                preferences=dict(slow),
            )
        case _:
            return Customer()
