"""English as words: contractions written out, stems by Snowball, negation by the words before."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

from voicebot.assist.matching.words import Kind, Line, Word

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+(?:[.,]\d+)*|[.?!;]+|,|…")
_CONTRACTED = {
    "can't": "can not", "cant": "can not", "cannot": "can not", "won't": "will not", "wont": "will not",
    "shan't": "shall not", "ain't": "is not", "gonna": "going to", "wanna": "want to", "gotta": "got to",
    "i'm": "i am", "let's": "let us", "dunno": "do not know", "y'all": "you all", "dont": "do not",
    "didnt": "did not", "doesnt": "does not", "isnt": "is not", "wasnt": "was not", "havent": "have not",
    "hasnt": "has not", "couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not", "arent": "are not",
}  # fmt: skip
_TAILS = (("n't", " not"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'d", " would"), ("'s", " is"))
_LEMMAS = {
    "broke": "break", "broken": "break", "bought": "buy", "paid": "pay", "went": "go", "gone": "go", "goes": "go",
    "came": "come", "took": "take", "taken": "take", "got": "get", "gotten": "get", "gave": "give", "given": "give",
    "lost": "lose", "left": "leave", "sent": "send", "told": "tell", "said": "say", "died": "die", "dying": "die",
    "dies": "die", "dead": "die", "rose": "rise", "risen": "rise", "stung": "sting",
    "was": "be", "were": "be", "is": "be",
    "are": "be", "am": "be", "been": "be", "being": "be", "has": "have", "had": "have", "having": "have", "does": "do",
    "did": "do", "done": "do", "doing": "do", "dearer": "dear", "cheaper": "cheap", "cheapest": "cheap",
    "better": "good",
    "worse": "bad", "worst": "bad", "waited": "wait", "made": "make", "kept": "keep", "found": "find", "felt": "feel",
    "thought": "think", "spoke": "speak", "spoken": "speak", "stole": "steal", "stolen": "steal", "fell": "fall",
    "could": "can",
    "mum": "mother", "mom": "mother", "dad": "father", "colour": "color", "cancelled": "cancel", "cancelling": "cancel",
}  # fmt: skip
_EMPTY = frozenset(
    "a an the really very quite pretty uh um er erm actually honestly literally absolutely totally completely rather"
    " basically frankly oh ah please".split()
)
"""Words a phrase may have or not."""
_LOOSE = _EMPTY | frozenset(
    "so bit little kind sort far way already even simply still right now all me us my our your ever too been just on"
    " of well like".split()
)
"""Words that may stand between those of a phrase."""
_NEGATORS = frozenset("not never no nothing nobody none without hardly neither nor".split())
_LINKS = frozenset("but because and or if although though unless until while since whereas then".split())
_REACH = 5
"""A negation counts this many words ahead within its clause: "not too expensive", "I don't think it's too dear"."""
_ASKED_ABOUT = frozenset("it that this there they you these those he she we".split())
_OPEN = frozenset(
    "believ understand know see happi onli wonder surpris get stand whi how accept wait help imagin".split()
)
"""After these a "not" denies nothing of what comes: "I can't believe it's so expensive"."""

_stem = lru_cache(maxsize=16384)(snowballstemmer.stemmer("english").stemWord)


def line(text: str) -> Line:
    """Words of a text."""
    return _line(folded(text))


def folded(text: str) -> str:
    """NFKC, lower case, one kind of apostrophe, hyphens as blanks."""
    plain = unicodedata.normalize("NFKC", text.replace("…", " … ")).replace("’", "'").replace("‘", "'").lower()
    return " ".join(plain.replace("-", " ").split())


@lru_cache(maxsize=512)
def _line(text: str) -> Line:
    words: list[Word] = []
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token[0] in ".?!;":
            words.append(Word(token, "", Kind.STOP, found.start(), found.end(), "", token[0]))
        elif token in (",", "…"):
            words.append(Word(token, "", Kind.LOOSE, found.start(), found.end(), "", token))
        else:
            for part in _written_out(token).split():
                words.append(_word(part, found.start(), found.end()))
    return Line(text, tuple(words))


def _written_out(token: str) -> str:
    known = _CONTRACTED.get(token)
    if known is not None:
        return known
    for tail, words in _TAILS:
        if token.endswith(tail) and len(token) > len(tail):
            return token[: -len(tail)] + words
    return token.replace("'", "")


def _word(part: str, start: int, end: int) -> Word:
    if part in _NEGATORS:
        kind = Kind.NEGATOR
    elif part in _LINKS:
        kind = Kind.LINK
    else:
        kind = Kind.LOOSE if part in _LOOSE or part[0].isdigit() else Kind.CONTENT
    return Word(_stem(_LEMMAS.get(part, part)), "", kind, start, end, "", part)


def phrase_words(said: Line) -> tuple[Word, ...]:
    """The words of an author's phrase that must be said."""
    return tuple(word for word in said.words if word.kind is not Kind.STOP and word.surface not in _EMPTY | {",", "…"})


def denied(said: Line, first: int) -> bool:
    """True when what begins with word ``first`` is negated before: "not too expensive", "it wasn't broken".

    "Isn't that too expensive?" asks for agreement and denies nothing.
    """
    words = said.words
    seen = 0
    for place in range(first - 1, -1, -1):
        word = words[place]
        if word.kind in (Kind.STOP, Kind.LINK) or word.surface == ",":
            return False
        if word.kind is Kind.NEGATOR:
            after = next((w for w in words[place + 1 : first] if w.kind is not Kind.LOOSE), None)
            asked = (
                word.surface == "not" and after is not None and after.surface in _ASKED_ABOUT and _opens(said, place)
            )
            open_ = any(w.lemma in _OPEN for w in words[place + 1 : first])
            return not asked and not open_
        if word.kind is not Kind.LOOSE:
            seen += 1
        if seen >= _REACH:
            return False
    return False


def _opens(said: Line, negator: int) -> bool:
    """True when the negated verb opens its clause, as in "isn't it": at most one word stands before the negation."""
    if negator == 0:
        return False
    before = said.words[negator - 2] if negator >= 2 else None
    return before is None or before.kind in (Kind.STOP, Kind.LINK, Kind.LOOSE)
