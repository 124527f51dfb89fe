"""Telephone numbers: one way of writing each, where it is, and how much of it is said aloud."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import timezone

from voicebot.numbering import meant

_HIDDEN = 3
_SIP = re.compile(r"sips?:[^\s<>\"]{1,120}@[^\s<>\"]{1,120}|sips?:[^\s<>\"@]{1,120}", re.IGNORECASE)


def dialled(number: str, country: str) -> str | None:
    """The number as it is dialled: E.164, a SIP address as it is, or short digits; None when it is nothing of these.

    ``country``: ISO 3166 code of the company, for numbers without an international prefix.
    """
    text = number.strip()
    if _SIP.fullmatch(text):
        return text
    parsed = meant(text, country)
    if parsed is not None:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    digits = re.sub(r"[\s().-]", "", text)
    return digits if re.fullmatch(r"\d{2,8}", digits) else None


def place_of(number: str, otherwise: str) -> str:
    """The time zone (IANA) a number belongs to; ``otherwise`` where it cannot be told or is one of several.

    A number that the numbering plan does not know, such as one given out of late, is where its prefix is.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return otherwise
    found = timezone.time_zones_for_number(parsed)
    if timezone.UNKNOWN_TIMEZONE in found:
        found = timezone.time_zones_for_geographical_number(parsed)
    zones = [zone for zone in found if zone != timezone.UNKNOWN_TIMEZONE]
    return otherwise if not zones or otherwise in zones else zones[0]


def masked(number: str, country: str) -> str:
    """What is said or shown to confirm it: written as at home, the last three digits hidden."""
    shown = number
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        pass  # an internal or SIP number is shown as it is
    else:
        home = phonenumbers.region_code_for_number(parsed) == country
        style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
        shown = phonenumbers.format_number(parsed, style)
    places = [place for place, sign in enumerate(shown) if sign.isdigit()][-_HIDDEN:]
    return "".join("*" if place in places else sign for place, sign in enumerate(shown))
