"""Characters and numbers as people say them, in English and Japanese, with their place in the text.

Entity search, redaction and read-out share this layer. It is pure, linear in the length of the text, and knows
nothing of what a number is for.
"""

from __future__ import annotations

from voicebot.spelled.chains import Chain, Glyph, Reading, find_chains
from voicebot.spelled.fold import Folded, fold
from voicebot.spelled.numerals import EN_NUMBER, EN_ORDINAL, JA_NUMBER, english_value, japanese_value

__all__ = [
    "EN_NUMBER",
    "EN_ORDINAL",
    "JA_NUMBER",
    "Chain",
    "Folded",
    "Glyph",
    "Reading",
    "english_value",
    "find_chains",
    "fold",
    "japanese_value",
]
