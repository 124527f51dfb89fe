"""A place in line and an honest wait as words; a range, never one number."""

from __future__ import annotations

from voicebot.domain import JA, Language

_ONES = "zero one two three four five six seven eight nine ten eleven twelve".split()
_PLACES = "next second third fourth fifth sixth seventh eighth ninth tenth".split()


def place_words(position: int, language: Language) -> str:
    """「2番目」, "second", "number 14"; the first in line is next."""
    if language == JA:
        return f"{position}番目"
    return _PLACES[position - 1] if position <= len(_PLACES) else f"number {position}"


def wait_words(low_min: int, high_min: int, language: Language) -> str:
    """「1分から3分」, "about one to three minutes"; 0 to 1 is under a minute."""
    low, high = max(0, low_min), max(1, low_min, high_min)
    if language == JA:
        if low == 0:
            return f"{high}分以内"
        return f"{low}分から{max(high, low + 1)}分"
    if high == 1 and low == 0:
        return "under a minute"
    if low == 0:
        return f"under {_number(high)} minutes"
    high = max(high, low + 1)
    if high >= len(_ONES):
        return f"about {low} to {high} minutes"
    return f"about {_number(low)} to {_number(high)} minutes"


def _number(value: int) -> str:
    return _ONES[value] if value < len(_ONES) else str(value)
