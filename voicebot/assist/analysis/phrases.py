"""Which wordings agents use: content words and short runs of them, counted by talk, from redacted text only.

Cheap on purpose, some 30 microseconds a sentence: Japanese is cut where the script changes, so that 解約金は and
解約金が are one; English by words without endings. A phrase is reported only when enough talks of several agents hold
it, so that no customer's and no agent's own words stand out. Words before 様 and after Mr or Ms are names and are left
out.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Collection
from functools import lru_cache

import snowballstemmer

from voicebot.domain import JA, Language

LEAST_TALKS = 20
LEAST_AGENTS = 2
LONGEST = 3
MOST_KNOWN = 400_000
"""More phrases than this are not remembered: those met once are forgotten, so very rare ones may be missed."""

_MASK = re.compile(r"\[[^\]\s]{1,24}\]")
_PART = re.compile(r"[。！？!?.,、，;:\n…]+")
_JA_TOKEN = re.compile(r"[一-鿿々〆]+|[ァ-ヴー]{2,}|[A-Za-z]{2,}")
_JA_NAME = re.compile(r"[一-鿿々ァ-ヴーぁ-ん]{1,8}?(?:様|さま|さん|氏)")
_EN_NAME = re.compile(r"\b(?:mr|mrs|ms|miss|dr|sir|madam)\.?\s+[a-z'-]+", re.IGNORECASE)
_EN_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_OKURIGANA = re.compile(r"[ぁ-ん]?")
_HONORIFIC = re.compile(r"様|さま|さん|氏")
_JA_STOP = frozenset(
    "今 事 時 方 物 所 為 私 何 是非 致 申 頂 下 御 存 承知 了解 失礼 電話 連絡 確認 案内 対応 場合 本日"
    " 只今 少々 待 言 思 伺 際 点 内 上 中 件 通 前 後 間 日 月 年 時間 お客様"
    " 客様 担当 名前 有難 願 以上 大変 誠 一 二 三 四 五 六 七 八 九 十 度 様 当社 弊社".split()
)
_EN_STOP = frozenset(
    "a an the and or but if so as at by for from in into of off on onto out over to up with without about than then"
    " i me my we us our you your he him his she her it its they them their this that these those there here what"
    " which who when where why how is am are was were be been being do does did done have has had having will would"
    " can could shall should may might must not no yes yeah okay ok oh um uh er hello hi bye thank thanks please"
    " sorry sure right well just really very let get got see look know think say said one two three moment bear"
    " minute today now again also any some all more much many thing good great name number i'm i'll i've you're"
    " you've we're we'll we've it's that's there's don't can't let's help call check going go".split()
)
_stemmer = snowballstemmer.stemmer("english")


class Phrases:
    """Counts phrases over the talks of a period. Feed it talk by talk; memory stays bounded."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(part for name in names for part in _folded(name).split())
        self._talks: dict[str, int] = {}
        self._agents: dict[str, str | None] = {}
        self._shown: dict[str, str] = {}
        self._ids: dict[str, int] = {}
        self._next = 0

    def said(self, text: str, language: Language, speaker: str = "") -> Collection[str]:
        """Keys of the phrases in words of an agent; ``speaker``'s own name is left out."""
        own = self._names | frozenset(_folded(speaker).split())
        found: dict[str, str] = {}
        for part in _parts(text, language):
            tokens = [token for token in part if token[0] not in own and token[1] not in own]
            found |= _runs(tokens, " " if language != JA else "…")
        for key, shown in found.items():
            self._shown.setdefault(key, shown)
        return found.keys()

    def talk(self, agent: str, keys: Collection[str]) -> array[int]:
        """A talk of ``agent`` held these phrases; their numbers, to be kept with the talk."""
        numbers = array("L")
        for key in keys:
            self._talks[key] = self._talks.get(key, 0) + 1
            if self._agents.setdefault(key, agent) != agent:
                self._agents[key] = None
            number = self._ids.get(key)
            if number is None:
                number = self._ids[key] = self._next
                self._next += 1
            numbers.append(number)
        if len(self._talks) > MOST_KNOWN:
            self._forget()
        return numbers

    def common(self, least: int = LEAST_TALKS, most: int = 80) -> dict[int, str]:
        """Phrases of at least ``least`` talks and several agents: how each is shown, by number; the commonest first.

        A phrase that is only ever said inside a longer one is left out.
        """
        met = {key: talks for key, talks in self._talks.items() if talks >= least and self._agents.get(key, "") is None}
        inner = {part for key, talks in met.items() for part in _inside(key) if met.get(part, 0) <= talks}
        kept = sorted((key for key in met if key not in inner), key=lambda key: (-met[key], key))
        return {self._ids[key]: self._shown[key] for key in kept[:most]}

    def _forget(self) -> None:
        floor = 1
        while len(self._talks) > MOST_KNOWN // 2:
            for key in [key for key, talks in self._talks.items() if talks <= floor]:
                del self._talks[key]
            floor += 1
        self._agents = {key: agent for key, agent in self._agents.items() if key in self._talks}
        self._ids = {key: number for key, number in self._ids.items() if key in self._talks}
        self._shown = {key: shown for key, shown in self._shown.items() if key in self._talks}


_Token = tuple[str, str, int, int]
"""Key, as written, and where it stands in the folded part."""


def _parts(text: str, language: Language) -> list[list[_Token]]:
    plain = unicodedata.normalize("NFKC", text)
    plain = _MASK.sub(" . ", plain) if "[" in plain else plain
    if language == JA:
        nameless = _JA_NAME.sub("。", plain) if _HONORIFIC.search(plain) else plain
        return [_japanese(part) for part in _PART.split(nameless)]
    return [_english(part) for part in _PART.split(_EN_NAME.sub(" . ", plain).lower())]


def _japanese(part: str) -> list[_Token]:
    found = []
    for token in _JA_TOKEN.finditer(part):
        word = token.group()
        if word in _JA_STOP:
            continue
        tail = _OKURIGANA.match(part, token.end()) if len(word) == 1 else None
        shown = word + (tail.group() if tail else "")
        found.append((word.lower(), shown, token.start(), token.start() + len(shown)))
    return found


def _english(part: str) -> list[_Token]:
    return [
        (_stem(token.group()), token.group(), token.start(), token.end())
        for token in _EN_TOKEN.finditer(part)
        if len(token.group()) > 1 and token.group() not in _EN_STOP
    ]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word))


def _runs(tokens: list[_Token], gap: str) -> dict[str, str]:
    """Every run of up to :data:`LONGEST` content words; single Japanese characters only inside longer runs."""
    found: dict[str, str] = {}
    for place in range(len(tokens)):
        key = shown = ""
        for size in range(1, min(LONGEST, len(tokens) - place) + 1):
            last = tokens[place + size - 1]
            if size == 1:
                key, shown = last[0], last[1]
            else:
                joined = "" if gap == "…" and last[2] <= tokens[place + size - 2][3] else gap
                key, shown = f"{key} {last[0]}", f"{shown}{joined}{last[1]}"
            if len(shown) > 1:
                found.setdefault(key, shown)
    return found


def _inside(key: str) -> set[str]:
    words = key.split(" ")
    return {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
        if end - start < len(words)
    }


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().replace("　", " ")
