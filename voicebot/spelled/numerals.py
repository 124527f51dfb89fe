"""Numbers by value: "forty two", 一万九千八百, いちまんきゅうせん, 1万9800. Patterns to build on, and their values."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from voicebot.spelled.table import (
    EN_DIGITS,
    EN_TEENS,
    EN_TENS,
    JA_DIGITS,
    JA_KANA_DIGITS,
    JA_KANA_SCALES,
    JA_SCALES,
)

_UNITS = {word: int(digit) for word, digit in EN_DIGITS.items() if digit != "0"}
_ORDINAL_UNITS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "forth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9,
}  # fmt: skip
_ORDINAL_TEENS = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "twelveth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip


def _words(*tables: dict[str, int]) -> str:
    return "|".join(sorted((word for table in tables for word in table), key=len, reverse=True))


_UNIT, _TEN = f"(?:{_words(_UNITS)})", f"(?:{_words(EN_TENS)})"
_SUB100 = f"(?:{_TEN}(?:[ -]{_UNIT})?|{_words(EN_TEENS)}|{_UNIT}|[0-9]{{1,2}})"
_SUB1000 = f"(?:(?:{_SUB100}|a) hundred(?:(?: and)? {_SUB100})?|{_SUB100})"
_SPOKEN = f"(?:(?:{_SUB1000}|a) thousand(?:(?: and)? {_SUB1000})?|{_SUB1000})"
_WRITTEN = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,2})?|[0-9]{1,12}(?:\.[0-9]{1,2})?)"
EN_NUMBER = f"(?:(?<![a-z0-9.])(?:{_WRITTEN}(?![a-z0-9])|{_SPOKEN}(?![a-z0-9])))"
"""Matches an English number in folded text, written or spoken, at word borders; no capturing groups."""

EN_ORDINAL = (
    rf"(?:(?<![a-z0-9])(?:[0-9]{{1,2}} ?(?:st|nd|rd|th)|(?:{_TEN}[ -])?(?:{_words(_ORDINAL_UNITS)})"
    rf"|{_words(_ORDINAL_TEENS)})(?![a-z0-9]))"
)
"""Matches an English ordinal up to ninety-ninth; no capturing groups."""

_JA_TOKENS = sorted([*JA_DIGITS, *JA_KANA_DIGITS, *JA_SCALES, *JA_KANA_SCALES], key=len, reverse=True)
_PARTICLES = "にしごくれ"
_JA_WORDS = "|".join(
    re.escape(word)
    + (r"(?![0-9一二三四五六七八九十百千〇])" if word in _PARTICLES else "(?!ち)" if word == "にい" else "")
    for word in _JA_TOKENS
)
JA_NUMBER = rf"(?:(?:(?<![0-9])[0-9][0-9,]{{0,15}}(?![0-9])(?:\.[0-9]{{1,2}}(?![0-9]))?|{_JA_WORDS}){{1,20}})"
"""Matches a Japanese number in kana-folded text; only meaningful before a counter. No capturing groups."""

_JA_TOKEN = re.compile(rf"[0-9][0-9,]*(?:\.[0-9]+)?|{'|'.join(map(re.escape, _JA_TOKENS))}")
_EN_TOKEN = re.compile(r"[a-z]+|[0-9][0-9,]*(?:\.[0-9]+)?")
_EN_VALUES = {**_UNITS, **EN_TEENS, **EN_TENS, **_ORDINAL_UNITS, **_ORDINAL_TEENS, "a": 1}


def english_value(words: str) -> Decimal | None:
    """Value of what :data:`EN_NUMBER` or :data:`EN_ORDINAL` matched; None when it is no number after all."""
    total = current = Decimal(0)
    seen = False
    for token in _EN_TOKEN.findall(words.lower()):
        if token in ("and", "st", "nd", "rd", "th"):
            continue
        seen = True
        if token == "hundred":
            current = (current or Decimal(1)) * 100
        elif token == "thousand":
            total += (current or Decimal(1)) * 1000
            current = Decimal(0)
        elif token in _EN_VALUES:
            current += _EN_VALUES[token]
        elif token in EN_DIGITS:
            continue
        else:
            try:
                current += Decimal(token.replace(",", ""))
            except InvalidOperation:
                return None
    return total + current if seen else None


def japanese_value(words: str) -> Decimal | None:
    """Value of what :data:`JA_NUMBER` matched; None when scales are out of order (二十四千十)."""
    tokens = _JA_TOKEN.findall(words)
    if not tokens:
        return None
    digits = {**JA_DIGITS, **JA_KANA_DIGITS}
    scales = {**JA_SCALES, **JA_KANA_SCALES}
    if not any(token in scales for token in tokens):
        try:
            return Decimal("".join(digits.get(token, token) for token in tokens).replace(",", ""))
        except InvalidOperation:
            return None
    total = section = Decimal(0)
    pending = ""
    last_small, last_big = 10_000, 10**12
    for token in tokens:
        scale = scales.get(token)
        if scale is None:
            pending += digits.get(token, token).replace(",", "")
            continue
        try:
            factor = Decimal(pending) if pending else None
        except InvalidOperation:
            return None
        pending = ""
        if scale >= 10_000:
            if scale >= last_big:
                return None
            total += (section + (factor or 0) or Decimal(1)) * scale
            section, last_small, last_big = Decimal(0), 10_000, scale
        else:
            if scale >= last_small:
                return None
            section += (Decimal(1) if factor is None else factor) * scale
            last_small = scale
    try:
        return total + section + (Decimal(pending) if pending else 0)
    except InvalidOperation:
        return None
