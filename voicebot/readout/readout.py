"""One rendering of a value for the screen and one for the voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import phonenumbers

from voicebot.domain import JA, Json, Language
from voicebot.numbering import meant
from voicebot.readout.amounts import parsed, shown_amount, spoken_amount
from voicebot.readout.characters import identifier_groups, spelled
from voicebot.readout.dates import shown_date, spoken_date

Labels = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Labels of closed lists: list name, canonical value, language."""

_IDENTIFIERS = frozenset(
    {"order_number", "member_number", "account_number", "phone_last4", "one_time_code", "error_code", "model", "ticket"}
)
_WHOLE_WORDS = {
    ("datetime", "asap"): {"ja": "順番が来次第", "en": "as soon as it's your turn"},
    ("amount", "full"): {"ja": "全額", "en": "the full amount"},
}
"""Values that stand for no single moment or sum."""
_PLUS = {"ja": "プラス", "en": "plus"}
_NOT_NEAR = timedelta(days=30)
_YES = {"ja": ("はい", "いいえ"), "en": ("yes", "no")}


class Readout:
    """Renders values for one company; ``today`` is the date at its place."""

    def __init__(self, labels: Labels, country: str, today: Callable[[], date]) -> None:
        self._labels, self._country, self._today = labels, country, today

    def __call__(self, name: str, value: Json, language: Language) -> tuple[str, str]:
        """``(shown, spoken)`` of a value of the kind ``name``; an unknown kind is rendered as it is."""
        if value is None:
            return "", ""
        if isinstance(value, bool):
            word = _YES.get(language, _YES["en"])[0 if value else 1]
            return word, word
        if isinstance(value, int | float):
            word = f"{value:g}"
            return word, word
        if not isinstance(value, str):
            return str(value), str(value)
        return self._text(name, value, language)

    def _text(self, name: str, value: str, language: Language) -> tuple[str, str]:
        label = self._labels.get(name, {}).get(value, {}).get(language)
        if label is not None:
            return label, label
        whole = _WHOLE_WORDS.get((name, value), {}).get(language)
        if whole is not None:
            return whole, whole
        if name == "date":
            return self._date(value, language)
        if name in ("datetime", "datetime_there"):
            return self._datetime(value, language, near=name == "datetime")
        if name == "amount" and (money := parsed(value)) is not None and money[1]:
            return shown_amount(*money, language), spoken_amount(*money, language)
        if name == "phone_number" and value.startswith("+"):
            return _whole_number(value, self._country, language)
        if name == "phone_number" or (name.endswith("_number") and value.isdigit() and name not in _IDENTIFIERS):
            written = _phone_groups(value, self._country)
            return written.replace(" ", "-") if self._country == "JP" else written, spelled(written, language)
        if name == "postcode":
            return value, spelled(value, language)
        if name in _IDENTIFIERS:
            return value, spelled(identifier_groups(value), language)
        return value, value

    def _date(self, value: str, language: Language, *, near: bool = True) -> tuple[str, str]:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value, value
        today = self._today() if near else day - _NOT_NEAR
        return shown_date(day, today, language), spoken_date(day, today, language)

    def _datetime(self, value: str, language: Language, *, near: bool) -> tuple[str, str]:
        """``near``: days close by are called today and tomorrow, which at another place they may not be."""
        day, _, part = value.partition(" ")
        if part:
            shown, spoken = self._date(day, language)
            window = self._labels.get("time_window", {}).get(part, {}).get(language, part)
            between = " " if language == JA else ", "
            return f"{shown}{between}{window}", f"{spoken}{between}{window}"
        day, _, time = value.partition("T")
        shown, spoken = self._date(day, language, near=near)
        hour, _, minute = time.partition(":")
        if not (hour.isdigit() and minute[:2].isdigit()):
            return shown, spoken
        return f"{shown} {hour}:{minute[:2]}", f"{spoken} {_clock(int(hour), int(minute[:2]), language)}"


def _clock(hour: int, minute: int, language: Language) -> str:
    if language == JA:
        half = "午前" if hour < 12 else "午後"
        return f"{half}{hour % 12}時" + (f"{minute}分" if minute else "")
    half = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    shown = hour % 12 or 12
    return f"{shown} {half}" if minute == 0 else f"{shown} {minute:02d} {half}"


def _whole_number(value: str, country: str, language: Language) -> tuple[str, str]:
    """A number with its country's code: as at home where it is of the country, else with the code."""
    number = meant(value, "")
    if number is None:
        return value, spelled(value, language)
    if phonenumbers.country_code_for_region(country) == number.country_code:
        style = phonenumbers.PhoneNumberFormat.NATIONAL
        written = phonenumbers.format_number(number, style)
        return written, spelled(written, language)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    plus = _PLUS.get(language, _PLUS["en"])
    return written, f"{plus}{'、' if language == JA else ', '}{spelled(written, language)}"


def _phone_groups(digits: str, country: str) -> str:
    """Groups as people read numbers out: 090 0000 1111 in Japan, 07700 900 123 in Britain."""
    if country == "JP":
        cut = (3, 4) if len(digits) == 11 else (2, 4) if digits[:2] in ("03", "06") else (3, 3)
    else:
        cut = (5, 3) if digits.startswith("07") else (4, 3)
    first, second = cut
    return " ".join(part for part in (digits[:first], digits[first : first + second], digits[first + second :]) if part)
