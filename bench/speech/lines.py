"""What callers say in the recognition benchmark, and how a text is judged.

A line counts as right when the words a flow needs are in the text: digits compared as digits however they are written,
short answers as one of the accepted spellings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

ENGLISH_VOICES = ("slt", "awb", "kal16", "rms")
JAPANESE_VOICES = ("jf_alpha", "jm_kumo", "jf_gongitsune", "jf_tebukuro")


@dataclass(frozen=True)
class Line:
    """One thing to say. ``accept``: any of these must be found; all digits or plain words."""

    language: str
    kind: str
    say: str
    accept: tuple[str, ...]
    digits: bool = False


LINES = (
    Line("en", "order", "A two oh four eight double one three seven", ("20481137",), True),
    Line("en", "order", "um, it's A, two zero four eight, one one three seven", ("20481137",), True),
    Line("en", "order", "my order number is A five five oh one nine two six three", ("55019263",), True),
    Line("en", "digits", "one one one one", ("1111",), True),
    Line("en", "digits", "four seven two nine", ("4729",), True),
    Line("en", "digits", "double oh nine one", ("0091",), True),
    Line("en", "digits", "three double oh double one eight seven", ("3001187",), True),
    Line("en", "digits", "four one double oh two double seven eight one", ("410027781",), True),
    Line("en", "postcode", "b s three one a b", ("bs31ab",)),
    Line(
        "en", "postcode", "bravo sierra three one alpha bravo", ("bravosierra3onealphabravo", "bravosierra31alphabravo")
    ),
    Line("en", "date", "the twenty fifth of November", ("25november", "november25")),
    Line("en", "date", "next Tuesday, the third", ("tuesday3",)),
    Line("en", "date", "the fifteenth, sorry, no, the twenty fifth", ("15sorryno25", "15sorryknow25", "15sorrynoto25")),
    Line("en", "short", "yes", ("yes",)),
    Line("en", "short", "no", ("no", "know")),
    Line("en", "short", "yep", ("yep", "yup", "yeah", "yes")),
    Line("en", "short", "yeah", ("yeah", "yes", "yep")),
    Line("en", "short", "agent", ("agent",)),
    Line("en", "short", "no thanks", ("nothanks",)),
    Line("en", "short", "that's right", ("thatsright",)),
    Line("en", "sentence", "where is my rice cooker", ("where is my rice cooker",)),
    Line("en", "sentence", "I want to cancel my order", ("i want to cancel my order",)),
    Line("en", "sentence", "I'd like to speak to a person please", ("speak to a person", "speak to the person")),
    Line(
        "en", "sentence", "my internet has been down since this morning", ("internet has been down since this morning",)
    ),
    Line("en", "sentence", "there is smoke coming out of the toaster", ("smoke coming out of the toaster",)),
    Line("ja", "order", "エーの二〇四八一一三七です", ("20481137",), True),
    Line("ja", "order", "エーのにーゼロよんはち、いちいちさんななです", ("20481137",), True),
    Line("ja", "order", "注文番号は、エーのごーごーゼロいちきゅうにーろくさんです", ("55019263",), True),
    Line("ja", "digits", "いちいちいちいち", ("1111",), True),
    Line("ja", "digits", "よんななにーきゅう", ("4729",), True),
    Line("ja", "digits", "ゼロゼロきゅういちです", ("0091",), True),
    Line("ja", "digits", "さんゼロゼロいちいちはちななです", ("3001187",), True),
    Line("ja", "digits", "ゼロきゅうゼロのゼロゼロゼロゼロのいちいちいちいち", ("09000001111",), True),
    Line("ja", "date", "十一月二十五日でお願いします", ("11月25日",)),
    Line("ja", "date", "来週の土曜日の午前中", ("来週の土曜日の午前中", "来週の土曜日の午前中に")),
    Line("ja", "date", "二十日でお願いします", ("20日", "はつか", "二十日")),
    Line("ja", "short", "はい", ("はい", "はーい")),
    Line("ja", "short", "いいえ", ("いいえ", "いえ", "いや", "いやー")),
    Line("ja", "short", "うん", ("うん", "うーん", "ん", "んん")),
    Line("ja", "short", "担当者", ("担当者", "担当社", "たんとうしゃ")),
    Line("ja", "short", "オペレーター", ("オペレーター", "オペレータ")),
    Line("ja", "short", "お願いします", ("お願いします", "おねがいします")),
    Line("ja", "short", "違います", ("違います", "ちがいます")),
    Line("ja", "sentence", "炊飯器がまだ届かないんですけど", ("炊飯器", "水反機")),
    Line("ja", "sentence", "注文をキャンセルしたいです", ("注文をキャンセルしたい",)),
    Line("ja", "sentence", "返品したいんですが", ("返品したい",)),
    Line("ja", "sentence", "人と話したいです", ("人と話したい",)),
    Line("ja", "sentence", "トースターから煙が出ています", ("煙が出て", "煙がでて", "けむりがでて")),
)

_EN_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_JA_DIGITS = (
    ("ゼロ", "0"), ("マル", "0"), ("まる", "0"), ("れい", "0"), ("零", "0"), ("〇", "0"), ("いち", "1"), ("一", "1"),
    ("に", "2"), ("二", "2"),
    ("さん", "3"), ("三", "3"), ("よん", "4"), ("四", "4"), ("ご", "5"), ("五", "5"), ("ろく", "6"), ("六", "6"),
    ("なな", "7"), ("七", "7"), ("はち", "8"), ("八", "8"), ("きゅう", "9"), ("九", "9"),
)  # fmt: skip


def right(line: Line, text: str) -> bool:
    """Whether the text holds what was said."""
    plain = _squeezed(text)
    accept = tuple(_squeezed(accepted) for accepted in line.accept)
    if line.digits:
        return any(
            accepted == found or found.endswith(accepted)
            for accepted in line.accept
            for found in (re.sub(r"\D", "", as_digits(text, line.language)),)
        )
    if line.kind == "short":
        return plain in accept
    return any(accepted in plain or accepted in _squeezed(as_digits(text, line.language)) for accepted in accept)


def as_digits(text: str, language: str) -> str:
    """Number words to digits, in the plain way a flow would read a number."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if language == "ja":
        if re.search(r"[十百千]", folded):
            return re.sub(r"二十五", "25", re.sub(r"二十日", "20日", folded)).replace("十一", "11")
        for word, digit in _JA_DIGITS:
            folded = folded.replace(word, digit)
        return folded.replace("ー", "")
    for ordinal, number in (("twenty-fifth", "25"), ("twenty fifth", "25"), ("fifteenth", "15"), ("third", "3")):
        folded = folded.replace(ordinal, number)
    words = re.findall(r"[a-z']+|\d+", re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", folded))
    out: list[str] = []
    times = 1
    for word in words:
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
            continue
        value = _EN_DIGITS.get(word, word)
        if times > 1 and value.isdigit() and len(value) > 1:  # "double 137" stands for 1 137
            value = value[0] * (times - 1) + value
        elif times > 1:
            value = value * times
        times = 1
        out.append(value)
    return " ".join(out)


def _squeezed(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = re.sub(r"\b(the|of|on)\b", "", folded)
    return "".join(character for character in folded if character.isalnum() or character == "ー")
