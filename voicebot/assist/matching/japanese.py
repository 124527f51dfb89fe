"""Japanese as words: dictionary forms and readings by Open JTalk's own dictionary, negation by the words that follow.

About 0.3 ms a sentence. Words are compared by dictionary form, so 高い, 高かった and 高くて are one; and by reading, so
たかい and a recogniser's homophones (補償, 保証) are one as well.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import pyopenjtalk

from voicebot.assist.matching.words import Kind, Line, Word

_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_HIRAGANA = {code + 0x60: code for code in range(0x3041, 0x3097)}
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_LONE_DIGIT = re.compile(r"(?<![\d.,])\d(?![\d.,])")
_NAME = re.compile(r"[A-Za-z]{2,}|[ァ-ヶー]{5,}")
"""The dictionary takes words that it does not know (SIM, マスターカード) for fillers (えー, あのー)."""
_EMPTY_VERBS = frozenset("する いたす 致す なさる 為る いただく 頂く".split())
_NEGATORS = frozenset(("ない", "無い", "ぬ", "ん", "ず", "まい"))
_PASSED = frozenset("ある なる 思う おもう 言う いう ござる".split())
"""Verbs over which a negation still reaches back: 高くならない, 高いとは思わない."""
_MEANT = frozenset(
    "ばかり ばっかり すぎる 過ぎる たい はず ほう 方 ぞ くださる 下さる もらう しろ 直す しまう くる 来る".split()
)
_MEANT_TAGS = ("副詞", "連体詞", "名詞-数", "名詞-接尾", "名詞-非自立")
"""Words that are no content alone but make a phrase what it is: 高すぎる, 買いたい, 届いたばかり."""
_NEVER_MEANT = frozenset(("の", "ん", "よう", "こと"))
_WEAK_LINKS = frozenset(("て", "で", "ちゃ", "じゃ", "つつ"))
_KEPT_PREFIXES = frozenset(("不", "未", "無", "非", "再", "最", "全", "新", "他"))


def line(text: str) -> Line:
    """Words of a text; whatever is no word (laughter, symbols) is left out."""
    return _line(folded(text))


def folded(text: str) -> str:
    """NFKC, no blanks, lone digits as kanji, half-width katakana as full width."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return _LONE_DIGIT.sub(lambda found: found.group().translate(_DIGITS), plain)


def hiragana(text: str) -> str:
    """Katakana as hiragana; the long mark stays."""
    return text.translate(_HIRAGANA)


@lru_cache(maxsize=512)
def _line(text: str) -> Line:
    words: list[Word] = []
    sounds: list[str] = []
    sound_words: list[int] = []
    at = 0
    for found in pyopenjtalk.run_frontend(text, use_vanilla=True) if text else ():
        surface = unicodedata.normalize("NFKC", str(found["string"]))
        start = text.find(surface, at)
        start = at if start < 0 else start
        end = min(start + len(surface), len(text))
        at = end
        tag = f"{found['pos']}-{found['pos_group1']}"
        base = str(found["orig"])
        lemma = hiragana(surface if base in ("*", "") else unicodedata.normalize("NFKC", base))
        read = str(found["read"]).replace("’", "").replace("ー", "")
        for sound in read if tag[:2] != "記号" else "":
            sounds.append(sound)
            sound_words.append(len(words))
        words.append(Word(lemma, _reading(base, surface), _kind(tag, lemma, surface), start, end, tag, surface))
    return Line(hiragana(text), tuple(words), "".join(sounds), tuple(sound_words))


@lru_cache(maxsize=8192)
def _reading(base: str, surface: str) -> str:
    """How the dictionary form is read."""
    form = surface if base in ("*", "") else base
    return (
        "".join(str(found["read"]) for found in pyopenjtalk.run_frontend(form, use_vanilla=True))
        .replace("’", "")
        .replace("ー", "")
    )


def _kind(tag: str, lemma: str, surface: str) -> Kind:
    part, _, group = tag.partition("-")
    match part:
        case "記号":
            return Kind.STOP if surface in "。.?？!！" else Kind.LOOSE
        case "助動詞" | "形容詞" if lemma in _NEGATORS:
            return Kind.NEGATOR
        case "フィラー" if _NAME.fullmatch(surface):
            return Kind.CONTENT
        case "助動詞" | "フィラー" | "感動詞" | "副詞" | "連体詞":
            return Kind.LOOSE
        case "助詞":
            linking = group == "接続助詞" and lemma not in _WEAK_LINKS
            return Kind.LINK if linking else Kind.LOOSE
        case "接続詞":
            return Kind.LINK
        case "接頭詞" if lemma not in _KEPT_PREFIXES:
            return Kind.LOOSE
        case "動詞" if group in ("非自立", "接尾") or lemma in _EMPTY_VERBS:
            return Kind.LOOSE
        case "名詞" if group in ("非自立", "数"):
            return Kind.LOOSE
        case _:
            return Kind.CONTENT


def phrase_words(said: Line) -> tuple[Word, ...]:
    """The words of an author's phrase that must be said: without particles, auxiliaries and the like."""
    kept: list[Word] = []
    for place, word in enumerate(said.words):
        if word.kind is Kind.CONTENT or word.lemma in _MEANT or word.tag.startswith(_MEANT_TAGS):
            if word.lemma not in _NEVER_MEANT:
                kept.append(word)
        elif word.lemma in _EMPTY_VERBS and place and said.words[place - 1].surface == "に":
            kept.extend((said.words[place - 1], word))
    return tuple(kept)


def denied(said: Line, last: int) -> bool:
    """True when what ends with word ``last`` is negated by what follows: 高くない, 高いわけではありません."""
    return _negator(said, last) is not None


def agreed(said: Line, last: int) -> bool:
    """True when nothing denies what ends with word ``last``.

    高くないですか and 安くなりませんか ask, and deny nothing.
    """
    negator = _negator(said, last)
    return negator is None or _asks(said, negator)


def _negator(said: Line, last: int) -> int | None:
    for place in range(last + 1, len(said.words)):
        word = said.words[place]
        if word.kind is Kind.NEGATOR:
            return place
        if word.kind in (Kind.LINK, Kind.STOP) or word.surface == "、":
            return None
        if word.kind is Kind.CONTENT and word.lemma not in _PASSED:
            return None
    return None


def _asks(said: Line, negator: int) -> bool:
    """True when the clause is a question right after its negation."""
    for word in said.words[negator + 1 :]:
        if word.surface in ("か", "かな", "かしら", "?", "？"):
            return True
        if word.lemma not in ("です", "ます", "だ", "の", "ん"):
            return False
    return False
