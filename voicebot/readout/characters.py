"""Digits and letters said one by one."""

from __future__ import annotations

from voicebot.domain import JA, Language

_DIGITS_JA = dict(
    zip("0123456789", ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー"), strict=True)
)
_DIGITS_EN = dict(
    zip("0123456789", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), strict=True)
)
LETTERS_JA = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム エヌ オー ピー キュー "
        "アール エス ティー ユー ブイ ダブリュー エックス ワイ ゼット".split(),
        strict=True,
    )
)


def spelled(text: str, language: Language) -> str:
    """Letters and digits of ``text`` one by one; anything else separates groups, marked by a comma."""
    groups = [group for group in "".join(c if c.isalnum() else " " for c in text.upper()).split() if group]
    if language == JA:
        return "、".join("".join(_DIGITS_JA.get(c) or LETTERS_JA.get(c) or c for c in group) for group in groups)
    return ", ".join(" ".join(_DIGITS_EN.get(c, c) for c in group) for group in groups)


def grouped(digits: str, sizes: tuple[int, ...]) -> str:
    """``digits`` cut into groups of these sizes, separated by blanks; the last size goes on to the end."""
    parts, place = [], 0
    for size in sizes:
        if place < len(digits):
            parts.append(digits[place : place + size])
            place += size
    if place < len(digits):
        parts.append(digits[place:])
    return " ".join(parts)


def identifier_groups(value: str) -> str:
    """A number as people read it out: letters first, then digits in fours (eight digits) or threes."""
    letters = value[: len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
    digits = value[len(letters) :]
    sizes = (4, 4, 4, 4) if len(digits) in (4, 8, 12, 16) else (3, 3, 3, 3) if len(digits) in (6, 9, 12) else (3, 4, 4)
    return " ".join(part for part in (letters, grouped(digits, sizes)) if part)
