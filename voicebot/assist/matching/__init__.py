"""What is said, held against the cards: by phrase, meaning, intent, mood and circumstance."""

from voicebot.assist.matching.circumstances import entered, known, missing, silent, talked_over
from voicebot.assist.matching.filling import Context, filled, values_for
from voicebot.assist.matching.phrases import Match, PhraseIndex, line
from voicebot.assist.matching.spoken import Matcher, Spoken, matcher

__all__ = [
    "Context",
    "Match",
    "Matcher",
    "PhraseIndex",
    "Spoken",
    "entered",
    "filled",
    "known",
    "line",
    "matcher",
    "missing",
    "silent",
    "talked_over",
    "values_for",
]
