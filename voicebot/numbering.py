"""Telephone numbers as people and telephone networks write them: which number is meant."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumber

_SEPARATORS = re.compile(r"[\s().\-‐-―−]+")
_LEAST_ABROAD = 10
"""Digits of the shortest international number that is believed without a sign of being one."""


def meant(number: str | None, country: str) -> PhoneNumber | None:
    """The number that is meant, None for what is no telephone number.

    ``country`` (ISO 3166): where it was written or dialled, for numbers without an international prefix. Networks
    also hand over international numbers without any prefix, and callers key in that of another country; both are
    read so only where the digits are no valid number of the country itself.
    """
    text = _SEPARATORS.sub("", number or "")
    at_home = _read(text, country)
    if text.startswith("+") or (at_home is not None and phonenumbers.is_valid_number(at_home)):
        return at_home
    if text.isascii() and text.isdigit():
        abroad = _read(f"+{text.removeprefix('00')}", "") if _from_abroad(text) else None
        if abroad is not None:
            return abroad
    return at_home


def _from_abroad(digits: str) -> bool:
    return len(digits) >= _LEAST_ABROAD and (digits.startswith("00") or not digits.startswith("0"))


def _read(text: str, country: str) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
