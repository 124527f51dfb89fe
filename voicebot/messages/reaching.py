"""Which numbers take short messages."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberType

from voicebot.domain import Texts
from voicebot.numbering import meant

_WIRED = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST})


def texts_to(number: str | None, country: str) -> Texts:
    """What a short message to a number would do; ``country`` (ISO 3166) reads national spellings.

    Where the numbering plan does not tell landlines from mobiles, it is taken to arrive.
    """
    parsed = meant(number, country)
    if parsed is None:
        return Texts.NONE
    return Texts.LANDLINE if phonenumbers.number_type(parsed) in _WIRED else Texts.ARRIVE


def dialled(number: str, country: str) -> str | None:
    """E.164 of a number that takes messages; None for what is no telephone number."""
    parsed = meant(number, country)
    return None if parsed is None else phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
