"""Full width, half width, upper case and katakana brought to one form, with the way back to the original text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_HALF_WIDTH_MARKS = "ﾞﾟ"
_KATAKANA_FIRST, _KATAKANA_LAST, _KANA_DISTANCE = 0x30A1, 0x30F6, 0x60
_TO_HIRAGANA = {code: code - _KANA_DISTANCE for code in range(_KATAKANA_FIRST, _KATAKANA_LAST + 1)}
_LOOKALIKES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "−": "-",
        "〜": "~",
    }
)


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is NFKC and lower case; ``kana`` is the same with katakana as hiragana; both have the same length.

    ``starts[i]``/``ends[i]`` give the span in ``original`` that character ``i`` came from.
    """

    original: str
    text: str
    kana: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` lies in the original text."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


def to_hiragana(text: str) -> str:
    """Katakana as hiragana, everything else as it is."""
    return text.translate(_TO_HIRAGANA)


@lru_cache(maxsize=256)
def fold(text: str) -> Folded:
    """Fold ``text``; never fails, whatever the characters."""
    if text.isascii():
        places = range(len(text))
        lowered = text.lower()
        return Folded(text, lowered, lowered, tuple(places), tuple(i + 1 for i in places))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and (text[end] in _HALF_WIDTH_MARKS or unicodedata.combining(text[end])):
            end += 1
            if end - at > 8:
                break
        piece = unicodedata.normalize("NFKC", text[at:end]).lower().translate(_LOOKALIKES)
        out.append(piece)
        starts.extend([at] * len(piece))
        ends.extend([end] * len(piece))
        at = end
    folded = "".join(out)
    return Folded(text, folded, folded.translate(_TO_HIRAGANA), tuple(starts), tuple(ends))
