"""Finds the single spoken characters in folded text: digits, letters, "double", tens, hundreds, 十 and 百."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from voicebot.spelled import table
from voicebot.spelled.fold import Folded


class Sound(StrEnum):
    """What one spoken piece stands for."""

    DIGITS = "digits"
    LETTERS = "letters"
    TENS = "tens"
    SCALE = "scale"
    JA_SCALE = "ja_scale"
    REPEAT = "repeat"
    PLUS = "plus"
    AND = "and"


class Gap(StrEnum):
    """What stands before a piece: nothing, blanks or fillers, or punctuation that may part two values."""

    NONE = "none"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Piece:
    """One spoken piece; ``chars`` are digits or letters, ``value`` a tens, scale or repeat number."""

    sound: Sound
    chars: str
    value: int
    start: int
    end: int
    weak: bool = False
    gap: Gap = Gap.NONE
    written: bool = False


_STOP_PAIRS = (
    "is|it|to|of|in|my|me|at|on|an|as|be|by|do|go|he|hi|if|no|or|so|up|us|we|am|pm|oh|ok|er|um|uh|mr|ah|eh|ye|ya|yo"
)
_EN_WORDS = {
    **dict.fromkeys(table.EN_DIGITS, Sound.DIGITS),
    **dict.fromkeys(table.EN_WEAK_DIGITS, Sound.DIGITS),
    **dict.fromkeys([*table.EN_TEENS, *table.EN_TENS], Sound.TENS),
    **dict.fromkeys(table.EN_SCALES, Sound.SCALE),
    **dict.fromkeys(table.NATO, Sound.LETTERS),
    **dict.fromkeys(table.EN_LETTER_NAMES, Sound.LETTERS),
    **dict.fromkeys(table.EN_WEAK_LETTERS, Sound.LETTERS),
    **dict.fromkeys(table.EN_REPEATS, Sound.REPEAT),
    "and": Sound.AND,
    "plus": Sound.PLUS,
}
_EN_LETTERS = {**table.EN_WEAK_LETTERS, **table.EN_LETTER_NAMES, **table.NATO}
_EN_DIGITS = {**table.EN_WEAK_DIGITS, **table.EN_DIGITS}
_EN_TENS = {**table.EN_TEENS, **table.EN_TENS}
_JA_DIGITS = {**table.JA_DIGITS, **table.JA_KANA_DIGITS}
_JA_SCALES = {**table.JA_SCALES, **table.JA_KANA_SCALES}
_JA_LETTERS = {**table.JA_WEAK_LETTERS, **table.JA_LETTERS}


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


_NOT_LEARNT = {"だぶる"}
_PIECE = re.compile(
    rf"""(?P<run>[0-9]+)
    |(?P<example>(?<![a-z'])(?P<of>[a-z])[ ](?:for|as\ in|like)[ ](?P=of)[a-z]+)
    |(?<![a-z0-9'])(?P<word>{_alternatives(list(_EN_WORDS))})(?![a-z0-9'])
    |(?P<letters>(?<![a-z'])[a-z](?![a-z'])
        |(?<![a-z'])[a-z]{{2,3}}(?=-?[0-9])
        |(?<=[0-9])[a-z]{{2}}(?![a-z'])
        |(?<![a-z'])(?!(?:{_STOP_PAIRS})\b)[a-z]{{2}}(?![a-z']))
    |(?P<jaletter>(?!えいと)(?:{_alternatives([w for w in _JA_LETTERS if w not in _NOT_LEARNT])})(?![ぁぃぅぇぉゃゅょっ]|っ?と))
    |(?P<jarepeat>{_alternatives(list(table.JA_REPEATS))})
    |(?P<jascale>(?:{_alternatives(list(_JA_SCALES))})(?![ぁぃぅぇぉゃゅょ]))
    |(?P<jadigit>(?!にいち)(?:{_alternatives(list(_JA_DIGITS))})(?![ぁぃぅぇぉゃゅょ])|に(?=いち))ー?
    |(?P<plus>\+|ぷらす)""",
    re.X,
)
_FILLERS = _alternatives([*table.FILLERS_JA])
_FILLERS_EN = _alternatives([*table.FILLERS_EN])
_GAP = re.compile(rf"(?:[\s,、。・.\-/_()「」:;~ー…#]|{_FILLERS}|(?<![a-z])(?:{_FILLERS_EN})(?![a-z]))*")
_PUNCTUATION = re.compile(r"[,、。:;?]|\.(?:\s|$)")
_LONGEST_GAP = 28


def _piece(match: re.Match[str]) -> Piece:
    start, end, text = match.start(), match.end(), match.group()
    match match.lastgroup:
        case "run":
            return Piece(Sound.DIGITS, text, 0, start, end, written=True)
        case "example" | "of":
            return Piece(Sound.LETTERS, match["of"].upper(), 0, start, end)
        case "word":
            return _english(text, start, end)
        case "letters":
            return Piece(Sound.LETTERS, text.upper(), 0, start, end, weak=len(text) == 1 and text in "ai")
        case "jaletter":
            return Piece(Sound.LETTERS, _JA_LETTERS[text], 0, start, end, weak=text in table.JA_WEAK_LETTERS)
        case "jarepeat":
            return Piece(Sound.REPEAT, "", table.JA_REPEATS[text], start, end)
        case "jascale":
            return Piece(Sound.JA_SCALE, "", _JA_SCALES[text], start, end)
        case "jadigit":
            word = match["jadigit"]
            return Piece(Sound.DIGITS, _JA_DIGITS[word], 0, start, end, weak=word in table.JA_WEAK_KANA)
        case _:
            return Piece(Sound.PLUS, "+", 0, start, end)


def _english(word: str, start: int, end: int) -> Piece:
    match _EN_WORDS[word]:
        case Sound.TENS:
            return Piece(Sound.TENS, "", _EN_TENS[word], start, end)
        case Sound.SCALE:
            return Piece(Sound.SCALE, "", table.EN_SCALES[word], start, end)
        case Sound.REPEAT:
            return Piece(Sound.REPEAT, "", table.EN_REPEATS[word], start, end)
        case Sound.AND:
            return Piece(Sound.AND, "", 0, start, end)
        case Sound.PLUS:
            return Piece(Sound.PLUS, "+", 0, start, end)
        case Sound.DIGITS:
            return Piece(Sound.DIGITS, _EN_DIGITS[word], 0, start, end, weak=word in table.EN_WEAK_DIGITS)
        case _:
            return Piece(Sound.LETTERS, _EN_LETTERS[word], 0, start, end, weak=word not in table.NATO)


def find_runs(folded: Folded) -> Iterator[tuple[Piece, ...]]:
    """Runs of pieces with only separators between them, in the order of the text."""
    run: list[Piece] = []
    text = folded.kana
    for match in _PIECE.finditer(text):
        piece = _piece(match)
        if run:
            gap_from, gap_to = run[-1].end, piece.start
            joins = gap_to - gap_from <= _LONGEST_GAP and _GAP.fullmatch(text, gap_from, gap_to) is not None
            if piece.sound is Sound.AND and run[-1].sound is not Sound.SCALE:
                joins = False
            if not joins:
                yield tuple(run)
                run = []
            elif gap_to > gap_from:
                hard = _PUNCTUATION.search(text, gap_from, gap_to) is not None
                gap = Gap.HARD if hard else Gap.SOFT
                piece = Piece(
                    piece.sound, piece.chars, piece.value, piece.start, piece.end, piece.weak, gap, piece.written
                )
        if piece.sound is Sound.AND and not run:
            continue
        run.append(piece)
    if run:
        yield tuple(run)
