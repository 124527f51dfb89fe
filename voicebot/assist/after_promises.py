"""What the agent promised the customer, and by when, from the agent's own words."""

# ruff: noqa: E501 - patterns and word lists read better on one line

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from voicebot.domain import JA, AgentSaid, Entity, Language, Recorded

Kind = Literal["callback", "send", "find_out", "arrange"]
CLOSE_OF_DAY = time(17, 0)
"""A promise for a day is due at this hour there."""

_PROMISE: dict[str, tuple[tuple[Kind, re.Pattern[str]], ...]] = {
    "en": (
        (
            "callback",
            re.compile(
                r"\b(?:i|we|someone|my colleague|a colleague)(?:'ll| will|'m going to| am going to|'re going to| are going to)"
                r" (?:also |then |personally |definitely )?(?:call|ring|phone|get back to) you|you'll hear (?:back )?from"
            ),
        ),
        (
            "send",
            re.compile(
                r"\b(?:i|we)(?:'ll| will|'m going to| am going to) (?:also |then )?(?:email|e-mail|send|text|post|mail) (?:you|it|that|the|a|this|all)"
            ),
        ),
        (
            "find_out",
            re.compile(
                r"\b(?:i|we)(?:'ll| will|'m going to) (?:also |then )?(?:check|find out|look into|ask|investigate|chase|let you know|follow (?:this |it )?up)"
                r"[^.?!]*\b(?:today|tomorrow|by|within|let you know|back to you|with (?:the|our)|follow|this week|next week|before)"
            ),
        ),
        ("arrange", re.compile(r"\b(?:i|we)(?:'ll| will|'m going to) (?:arrange|book|organise|refund|credit|raise) ")),
    ),
    "ja": (
        (
            "callback",
            re.compile(
                r"(?:折り返し|改めて|あらためて|こちらから|当社から|私から|私より|までに|以内に|本日中に|明日|後日)[^。]{0,20}(?:お電話|ご連絡|おかけ直し|ご一報)"
                r"(?:を)?(?:いたします|致します|差し上げます|さしあげます|します|させていただきます|申し上げます)|おかけ直し(?:いた)?します"
            ),
        ),
        (
            "send",
            re.compile(
                r"(?:お送り|送付|送信|郵送|メール)(?:を)?(?:いたします|致します|します|差し上げます|させていただきます)"
            ),
        ),
        (
            "find_out",
            re.compile(
                r"(?:お調べ|確認|調査)[^。]{0,12}(?:うえ|上|して|のち)[^。]{0,20}(?:ご連絡|お伝え|ご報告|お知らせ|ご案内)(?:いた|致)?します"
            ),
        ),
        ("arrange", re.compile(r"(?:手配|ご用意|返金|予約|申請)(?:を)?(?:いたします|致します|させていただきます)")),
    ),
}
_WITHIN = {
    "en": re.compile(
        r"\b(?:within|in|inside) (?:the next )?(?P<n>an?|the|one|two|three|four|five|six|seven|ten|fourteen|\d+)?\s*"
        r"(?P<unit>half an hour|minutes?|hours?|working days?|business days?|days?|weeks?)"
    ),
    "ja": re.compile(r"(?P<n>[0-9一二三四五六七八九十]+)(?P<unit>分|時間|営業日|日|週間)(?:以内|ほど|後)"),
}
_NUMBERS = {
    "a": 1, "an": 1, "the": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10,
    "fourteen": 14, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
_SENTENCE = re.compile(r"[^。.!?！？]+[。.!?！？]*")


class Values(Protocol):
    """Finds dates and times in words, told which day it is."""

    def __call__(self, text: str, language: Language, today: date, /) -> Sequence[Entity]:
        """Values of a text."""
        ...


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised. ``due``: None when no time was said; with a zone. ``turn``: the number of its event."""

    kind: Kind
    text: str
    turn: int
    due: datetime | None
    agent: str


def promises(events: Iterable[Recorded], values: Values, zone: ZoneInfo) -> tuple[Promise, ...]:
    """The promises of all agents to the customer, in order; the same kind for the same time counts once."""
    found: dict[tuple[str, datetime | None], Promise] = {}
    for recorded in events:
        said = recorded.event
        if not isinstance(said, AgentSaid) or said.private:
            continue
        at = recorded.at.astimezone(zone)
        for sentence in (match.group().strip() for match in _SENTENCE.finditer(said.text)):
            kind = kind_of(sentence, said.language)
            if kind is None:
                continue
            due = due_of(sentence, said.language, at, values)
            found.setdefault((kind, due), Promise(kind, sentence, recorded.seq, due, said.agent))
    dated = {kind for kind, due in found if due is not None}
    return tuple(one for (kind, due), one in found.items() if due is not None or kind not in dated)


def kind_of(sentence: str, language: Language) -> Kind | None:
    """What a sentence of an agent promises, if it does; a question or a condition promises nothing."""
    plain = _plain(sentence, language)
    if plain.rstrip().endswith(("?", "か。", "か")) or re.search(
        r"\bif you\b|場合は|でしたら|(?:\bwon't|\bwill not|\bnot going to)", plain
    ):
        return None
    return next((kind for kind, pattern in _PROMISE.get(language, ()) if pattern.search(plain)), None)


def due_of(sentence: str, language: Language, at: datetime, values: Values) -> datetime | None:
    """When something promised at ``at`` is due, in the same zone; None when no time is said."""
    relative = _within(_plain(sentence, language), language, at)
    if relative is not None:
        return relative
    held = {entity.name: str(entity.value) for entity in values(sentence, language, at.date())}
    moment = held.get("datetime", "")
    try:
        if "T" in moment:
            return datetime.fromisoformat(moment).replace(tzinfo=at.tzinfo)
        day = date.fromisoformat(held["date"]) if "date" in held else at.date() if "time" in held else None
        if day is None:
            return None
        clock = time.fromisoformat(held["time"]) if "time" in held else CLOSE_OF_DAY
    except ValueError:
        return None
    due = datetime.combine(day, clock, at.tzinfo)
    return due if due > at else datetime.combine(day, time(23, 59), at.tzinfo)


def _within(plain: str, language: Language, at: datetime) -> datetime | None:
    pattern = _WITHIN.get(language)
    match = pattern.search(plain) if pattern is not None else None
    if match is None:
        return None
    word, unit = match.group("n") or "1", match.group("unit")
    count = int(word) if word.isdigit() else _NUMBERS.get(word, 1)
    if unit == "half an hour":
        return at + timedelta(minutes=30)
    if unit.startswith(("minute", "分")):
        return at + timedelta(minutes=count)
    if unit.startswith(("hour", "時間")):
        return at + timedelta(hours=count)
    if unit.startswith(("working", "business", "営業日")):
        return datetime.combine(_working(at.date(), count), CLOSE_OF_DAY, at.tzinfo)
    days = count * 7 if unit.startswith(("week", "週間")) else count
    return datetime.combine(at.date() + timedelta(days=days), CLOSE_OF_DAY, at.tzinfo)


def _working(day: date, count: int) -> date:
    """So many weekdays later; public holidays are the desk's to know."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _plain(text: str, language: Language) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    return "".join(plain.split()) if language == JA else plain.lower()
