"""Whether words over a prompt ask for the floor or only say "I am with you"."""

from __future__ import annotations

import re
import unicodedata

from voicebot.domain import JA, Language

_LISTENING = {
    "ja": frozenset(
        (
            "ふん ふうん ふむ ふむふむ へ へえ ほ ほう ほお あ ああ お おお ん なるほど なるほどね "
            "なるほどなるほど そうなんだ そうなんですか そうなんですね そうですか そうですよね"
        ).split()
    ),
    "en": frozenset("mm mhm hm hmm mmm mmhmm mmhm oh ah aha isee gotit gotcha".split()),
}
"""Never an answer."""

_AGREEING = {
    "ja": frozenset(
        (
            "うん うんうん うんうんうん はい はいはい はいはいはい え ええ ええええ そう そうそう "
            "そうですね わかりました 分かりました 了解 了解です オッケ オケ ok okです"
        ).split()
    ),
    "en": frozenset(
        (
            "uhhuh yeah yep yup yes yea ya right okay ok kay mkay sure alright allright fine good great cool "
            "ofcourse absolutely exactly indeed true thatsright"
        ).split()
    ),
}
"""An answer while a yes/no question is open, a backchannel otherwise."""

_FILLERS = {
    "ja": frozenset("あ えっと えと".split()),
    "en": frozenset("um uh er so well and".split()),
}
_PAIRS_EN = (
    ("uh huh", "uhhuh"),
    ("uh hu", "uhhuh"),
    ("mm hmm", "mmhmm"),
    ("mm hm", "mmhm"),
    ("m hm", "mhm"),
    ("i see", "isee"),
    ("got it", "gotit"),
    ("all right", "allright"),
    ("of course", "ofcourse"),
    ("that s right", "thatsright"),
    ("thats right", "thatsright"),
)
_MOST_WORDS = 4
_FULL_SIZE = str.maketrans("ぁぃぅぇぉ", "あいうえお")


def is_backchannel(text: str, language: Language, *, question_open: bool = False) -> bool:
    """True when ``text``, said over a prompt, leaves the floor to the bot.

    ``question_open``: a yes/no question is pending, so agreeing words (はい, right, okay) are its answer. Text without
    any word (the recogniser heard none) counts as a backchannel; anything unknown does not.
    """
    words = _words(text, language)
    if len(words) > _MOST_WORDS:
        return False
    tongue = "ja" if language == JA else str(language)
    allowed = _LISTENING.get(tongue, frozenset()) | _FILLERS.get(tongue, frozenset())
    if not question_open:
        allowed |= _AGREEING.get(tongue, frozenset())
    return all(word in allowed for word in words)


def _words(text: str, language: Language) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("’", "")
    if language == JA:
        parts = re.split(r"[\s、。,.!?…・「」]+", re.sub(r"[~〜ー]", "", plain.translate(_FULL_SIZE)))
        return [part.rstrip("っッ") for part in parts if part.rstrip("っッ")]
    plain = " ".join(re.findall(r"[^\W_]+", plain))
    for spoken, joined in _PAIRS_EN:
        plain = re.sub(rf"\b{spoken}\b", joined, plain)
    return [re.sub(r"(.)\1{2,}", r"\1\1", word) for word in plain.split()]
