"""Cut a prompt into pieces that are spoken one after another, so that the first sound comes early."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voicebot.domain import JA, Language
from voicebot.speech.synthesis import speakable

SENTENCE_PAUSE_MS = 280
CLAUSE_PAUSE_MS = 130
_LONG_JA = 60
_LONG = 160
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no nos vs etc e.g i.e approx inc ltd co dept fig tel ext "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_END_JA = re.compile(r"[。！？!?]+[」』）)]*|\n+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words to say in one go and the pause after them (0 after the last)."""

    text: str
    pause_ms: int


def pieces(text: str, language: Language) -> tuple[Piece, ...]:
    """Sentences, and clauses of very long ones, in order; pieces with nothing to say are left out.

    The texts, joined, hold every letter and digit of the input in order.
    """
    japanese = language == JA
    long = _LONG_JA if japanese else _LONG
    found: list[Piece] = []
    for sentence in _sentences(text, japanese):
        clauses = _clauses(sentence, japanese, long) if len(sentence) > long else [sentence]
        clauses = [clause for clause in clauses if speakable(clause)]
        found += [Piece(clause, CLAUSE_PAUSE_MS) for clause in clauses[:-1]]
        found += [Piece(clause, SENTENCE_PAUSE_MS) for clause in clauses[-1:]]
    if found:
        found[-1] = Piece(found[-1].text, 0)
    return tuple(found)


def _sentences(text: str, japanese: bool) -> list[str]:
    pattern = _END_JA if japanese else _END
    out, start = [], 0
    for match in pattern.finditer(text):
        if not japanese and _inside(text[start : match.start()], match.group()):
            continue
        out.append(text[start : match.end()].strip())
        start = match.end()
    out.append(text[start:].strip())
    return [sentence for sentence in out if sentence]


def _inside(before: str, mark: str) -> bool:
    """Whether the full stop belongs to an abbreviation or an initial rather than ending a sentence."""
    if mark != ".":
        return False
    word = re.split(r"[\s(]", before)[-1].casefold()
    return word in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)+[a-z]", word) is not None


def _clauses(sentence: str, japanese: bool, long: int) -> list[str]:
    """Parts at commas, each at least a third of ``long`` so that nothing sounds chopped."""
    parts = re.split(r"(?<=、)" if japanese else r"(?<=[,;:])\s+", sentence)
    joined: list[str] = []
    for part in parts:
        glue = "" if japanese else " "
        if joined and len(joined[-1]) < long // 3:
            joined[-1] += glue + part
        else:
            joined.append(part)
    if len(joined) > 1 and len(joined[-1]) < long // 6:
        tail = joined.pop()
        joined[-1] += ("" if japanese else " ") + tail
    return joined
