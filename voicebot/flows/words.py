"""Short word lists per language, from ``policy.yml``: urgency, "I don't know", names of languages.

Only for things that must work whatever the classifier says; everything else is learned.
"""

from __future__ import annotations

import re
import unicodedata

from voicebot.domain import Language
from voicebot.flows.run import Run

_EDGES = re.compile(r"[\s.,!?、。!?…ー〜~]+")
_ASCII = re.compile(r"^[\x00-\x7f’]+$")


def normal(text: str) -> str:
    """NFKC, lower case, straight apostrophes, single spaces."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return re.sub(r"\s+", " ", folded).strip()


def contains(text: str, word: str) -> bool:
    """Whole words for Latin script, anywhere for the rest."""
    if _ASCII.match(word):
        return re.search(rf"(?<![\w']){re.escape(word)}(?![\w'])", text) is not None
    return word in text


def says(run: Run, kind: str, text: str) -> bool:
    """The text holds one of the words of a list, in any language."""
    folded = normal(text)
    return any(contains(folded, normal(word)) for words in run.policy.words.get(kind, {}).values() for word in words)


def is_just(run: Run, kind: str, text: str) -> bool:
    """The text is one of the words of a list and nothing more."""
    folded = _EDGES.sub("", normal(text))
    return any(folded == _EDGES.sub("", normal(w)) for words in run.policy.words.get(kind, {}).values() for w in words)


def is_question(run: Run, text: str) -> bool:
    """The words ask something."""
    folded = normal(text)
    return folded.endswith(("?", "か", "の", "かな", "っけ", "か。", "の。")) or says(run, "question", text)


def privacy_kind(run: Run, text: str) -> str:
    """What a privacy request is about; ``unknown`` when the words do not tell."""
    for kind in ("stop_recording", "no_marketing", "deletion", "access", "ask_recording"):
        if says(run, f"privacy_{kind}", text):
            return kind
    return "unknown"


def named_language(run: Run, text: str) -> str | None:
    """The language somebody asks for by name; of several the one named last, unless it is refused."""
    folded = normal(text)
    found: list[tuple[int, str]] = []
    for code, names in run.policy.language_names.items():
        for name in names:
            at = folded.rfind(normal(name))
            if at >= 0 and contains(folded, normal(name)):
                found.append((at, code))
    return max(found)[1] if found else None


def clearly_in(text: str, language: Language) -> bool:
    """Enough words to believe a language, rather than a code, a name or an "OK"."""
    if any("\u3041" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in text):
        return language != "en"
    words = [word for word in re.findall(r"[A-Za-z']+", text) if len(word) > 1]
    return len(words) >= 3
