"""Phone numbers in one spelling, so that the same customer is found however the number was written."""

from __future__ import annotations

import hashlib

import phonenumbers


def canonical(number: str | None, country: str = "") -> str | None:
    """E.164 of a dialable number; ``country`` (ISO 3166) reads national spellings. None for what is no number."""
    try:
        parsed = phonenumbers.parse(number or "", country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def concealed(tenant: str, number: str | None) -> str | None:
    """A digest under which contacts of one number are found again without the number being kept."""
    return None if number is None else hashlib.sha256(f"{tenant}\0{number}".encode()).hexdigest()
