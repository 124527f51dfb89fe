"""Characters that a recogniser took for words: "I do a 48 double 137" is A 2 0 4 8 double 1 3 7.

Recognisers also miscount runs of one digit: "one one one one" comes out as 111 or 11111.

Words are turned into characters only as a last resort, when a number or code is asked for and nothing of its
shape was found as written; such a value is read back, or checked against a record, before anything is done with it.
"""

from __future__ import annotations

import re

from voicebot.spelled import find_chains, fold

_LETTER_FIRST = re.compile(
    r"^(?:(?:um|uh|er|yes|yeah|yep|ok|okay|so|well|it's|its|it is|that's|the|my|order|number|is|and|then)[\s,.]+){0,6}"
    r"(?P<letter>i|eh|ay|a|hey|hay|eight|ate|8|they|and i)[\s,.-]+(?=\S)",
    re.I,
)
_SOUNDS = {
    "two": ("do", "due", "dew", "tu", "through", "who", "you", "t", "tue"),
    "oh": ("a", "owe", "old", "or", "all", "au", "ow", "of", "have", "the"),
    "zero": ("sero", "hero", "zera"),
    "one": ("once", "run", "wan", "want", "wonder"),
    "three": ("free", "tree", "thee", "street"),
    "four": ("fall", "far", "ford", "floor", "full", "door"),
    "five": ("fire", "hive", "find", "fight", "vibe"),
    "six": ("sex", "sick", "fix", "six's", "sixth"),
    "seven": ("heaven", "several", "savin", "seventh"),
    "eight": ("hate", "late", "it", "aid", "eighth", "at", "h"),
    "nine": ("mine", "line", "nigh", "none", "nice", "night", "neon"),
    "double": ("devil", "trouble", "w", "tub", "doubled", "bubble"),
}
_SPOKEN = {sound: word for word, sounds in _SOUNDS.items() for sound in sounds}
_WORD = re.compile(r"[A-Za-z']+")
_W_BEFORE_DIGIT = re.compile(r"(?<![A-Za-z])[Ww](?=\d)")


def as_characters(text: str) -> str:
    """``text`` with words that sound like a letter, a digit or "double" put as that character's name.

    Only the first word can become the letter A, which order numbers begin with.
    """
    head = _LETTER_FIRST.match(text)
    letter, rest = ("A ", text[head.end() :]) if head is not None else ("", text)
    rest = _W_BEFORE_DIGIT.sub("double ", rest)
    return letter + _WORD.sub(lambda word: _SPOKEN.get(word.group().lower(), word.group()), rest)


_RUN = re.compile(r"(?<!\d)(\d)\1{2}(?:\1{2,3})?(?!\d)")


def miscounted_four(text: str) -> str | None:
    """Four equal digits where ``text`` holds three, five or six of them and no other digit."""
    for chain in find_chains(fold(text)):
        for reading in chain.readings:
            run = _RUN.fullmatch(reading.text)
            if run is not None:
                return run[1] * 4
    return None
