"""Words as the matcher compares them, the same for every language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a word does in a phrase."""

    CONTENT = "content"
    LOOSE = "loose"
    """May stand between the words of a phrase, and need not be said: particles, auxiliaries, articles, "really"."""
    NEGATOR = "negator"
    LINK = "link"
    """Joins clauses ("but", けど): a phrase does not reach over it, and neither does a negation."""
    STOP = "stop"
    """The end of a sentence."""


@dataclass(frozen=True, slots=True)
class Word:
    """``lemma`` is the dictionary form or stem, ``sound`` how that is read (Japanese; empty elsewhere).

    ``start`` and ``end`` are places in the line's folded text. ``tag`` is the language's own part of speech.
    """

    lemma: str
    sound: str
    kind: Kind
    start: int
    end: int
    tag: str = ""
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What was said, as words. ``sounds`` is the whole line as it is read aloud, with the word each sound starts."""

    text: str
    words: tuple[Word, ...]
    sounds: str = ""
    sound_words: tuple[int, ...] = ()
