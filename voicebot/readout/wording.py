"""Words that voices misread, put so that they read them right."""

from __future__ import annotations

import re

from voicebot.domain import JA, Language
from voicebot.readout.characters import LETTERS_JA

_JA = (
    (re.compile(r"(?<![A-Za-z])eSIM(?![A-Za-z])", re.I), "イーシム"),
    (re.compile(r"(?<![A-Za-z])SIM(?![A-Za-z])"), "シム"),
    (re.compile(r"(?<![A-Za-z])Wi-?Fi(?![A-Za-z])", re.I), "ワイファイ"),
    (re.compile(r"https?://\S+"), "リンク"),
    (re.compile(r"(?<![A-Za-z])([A-Z])(?=[^A-Za-z]|$)"), None),
    (re.compile(r"[「」『』()()【】]"), "、"),
    (re.compile(r"\s*[〜~]\s*"), "から"),
)
_EN = (
    (re.compile(r"https?://\S+"), "the link"),
    (re.compile(r"\beSIM\b"), "e sim"),
    (re.compile(r"\bSIM\b"), "sim"),
    (re.compile(r"£(\d+)\.(\d\d)\b"), r"\1 pounds \2"),
    (re.compile(r"£(\d[\d,]*)"), r"\1 pounds"),
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"\bGHz\b"), "gigahertz"),
)


def normalise_for_voice(text: str, language: Language) -> str:
    """``text`` with links, abbreviations, single letters and symbols put into words. Idempotent."""
    for pattern, words in _JA if language == JA else _EN:
        text = pattern.sub(_letter if words is None else words, text)
    return text


def _letter(match: re.Match[str]) -> str:
    return LETTERS_JA[match.group(1)]
