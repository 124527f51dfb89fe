"""Text as the models see it: one spelling, no fillers; and which language its script shows.

Pure and quick; the entity search works on the untouched text, never on this.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from voicebot.domain import EN, JA, Language

MAX_CHARS = 400
"""Longer text is cut for the encoders: nobody's request needs more, and their time grows with length."""

_FILLERS = (
    re.compile(
        r"(?:(?<=^)|(?<=[、。,\s]))(?:え[えー〜ぇ]*っ?と[ぉおー〜]*|えー+|ええと|あ[ー〜ぁ]+|あっ?(?=[、,\s])|あの[ー〜ぅう]+"
        r"|あの(?=[、,])|その[ー〜]+|んー+|う[ー〜]+ん?(?=[、,])|うーんと?|まあ(?=[、,])|なんか(?=[、,])"
        r"|そうですね[ぇえー]*(?=[、,]))[、,\s]*"
    ),
    re.compile(
        r"(?<![\w'])(?:u+h+(?![\s-]*(?:huh|uh))|u+m+|e+r+m*|hm+|mm+(?=[ ,]+\w)|a+h+|oh(?=[ ,]+(?:hi|um|er|hello)\b))"
        r"(?![\w'-])[ ,.]*",
        re.I,
    ),
)
_PUNCTUATION = re.compile(r"[。、．，,.!?！？…‥「」『』()（）\[\]{}<>\"“”~〜;:・]+")
_BLANK = re.compile(r"\s+")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f々]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CODE = re.compile(r"\S*\d\S*|https?://\S+|\S+@\S+")
_SYLLABLE = r"(?:(?:ch|sh|ts|[kgsztdnhbpmrjfyw])?y?[aiueo]|n(?![aiueoy])|kk|tt|pp|ss)"
_ROMAJI = re.compile(rf"(?:{_SYLLABLE})+", re.I)
_GREETINGS = frozenset("hello hi hey help english please thanks sorry order yes no good morning".split())


def normalise(text: str) -> str:
    """NFKC, lower case, punctuation to blanks, fillers of every language gone; never longer than :data:`MAX_CHARS`.

    A text made of fillers alone is kept as it is, so that nothing becomes empty that was not.
    """
    text = text[: MAX_CHARS * 4].encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
    text = _BLANK.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    bare = text
    for pattern in _FILLERS:
        bare = pattern.sub("", bare)
    plain = tidy(bare) or tidy(text)
    return plain[:MAX_CHARS]


def tidy(text: str) -> str:
    """Lower case, punctuation to blanks; fillers stay."""
    return _BLANK.sub(" ", _PUNCTUATION.sub(" ", text.replace("’", "'"))).strip().lower()


def is_japanese(text: str) -> bool:
    """True when kana or kanji occur: no other supported language writes them."""
    return bool(_JAPANESE.search(text))


def detect_language(text: str, candidates: Sequence[Language]) -> Language | None:
    """The candidate whose script the words are in; None when they do not tell (codes, numbers, a lone name, romaji)."""
    words = _CODE.sub(" ", unicodedata.normalize("NFKC", text))
    japanese = len(_JAPANESE.findall(words))
    latin = [word for word in _WORD.findall(_JAPANESE.sub(" ", words)) if word.isascii()]
    if japanese:
        return JA if JA in candidates and japanese >= sum(map(len, latin)) / 4 else None
    if EN not in candidates or not latin:
        return None
    lowered = [word.lower() for word in latin]
    if len(latin) == 1:
        return EN if lowered[0] in _GREETINGS else None
    if JA in candidates and all(_ROMAJI.fullmatch(word) for word in lowered):
        return None
    return EN
