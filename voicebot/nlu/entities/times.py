"""Clock times, parts of the day, and moments made of a date and either.

A time without morning or afternoon is taken inside office hours: one to six in the afternoon, seven to eleven in the
morning. ``time_window`` is morning, afternoon, evening or any; ``datetime`` is ``2026-11-26T15:00``,
``2026-11-26 morning``, or ``asap``.
"""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import EN_NUMBER, JA_NUMBER, english_value, japanese_value

_GLUED = rf"(?:(?<![a-z0-9.:])[0-9]{{1,2}}(?![0-9])|{EN_NUMBER})"
_SUFFIX = r" ?(?P<half>a\.?m\.?|p\.?m\.?|in the (?:morning|afternoon|evening)|at night)?(?![a-z])"
_EN_TIME = tuple(
    re.compile(rf"(?<![a-z0-9:.£$]){pattern}")
    for pattern in (
        rf"(?P<part>half|quarter|twenty|ten|five) (?P<rel>past|to) (?P<hour>{EN_NUMBER}){_SUFFIX}",
        rf"(?P<hour>[01]?[0-9]|2[0-3])[:.](?P<minute>[0-5][0-9]){_SUFFIX}",
        rf"(?P<hour>{_GLUED}) ?o'? ?clock{_SUFFIX}",
        rf"(?P<hour>{_GLUED})(?:[ :](?P<minute>fifteen|thirty|forty five|[0-5][0-9]))? ?(?P<half>a\.?m\.?|p\.?m\.?)(?![a-z])",
        r"(?P<noon>noon|midday|midnight)(?![a-z])",
    )
)
_EN_RANGE = re.compile(
    rf"(?<![a-z0-9])(?:(?P<from>between|from) )?(?P<a>{_GLUED}) ?(?:am|pm)? ?(?:and|to|till|until|-) ?(?P<b>{_GLUED})"
    r" ?(?P<half>am|pm)?(?![a-z0-9])(?! (?:people|days?|weeks?|items?|of ))"
)
_EN_EDGE = re.compile(
    rf"(?<![a-z])(?P<edge>after|before|by|at|around|about|from) (?P<hour>{EN_NUMBER})(?![a-z0-9:/]| ?(?:days?|weeks?|pounds?|yen|%|months?|minutes?|hours?|people|of))"
)
_HALF = r"(?:(?P<half>午前|ごぜん|午後|ごご|朝の?|昼の?|夕方の?|夜の?|よるの?|晩の?)の?)?"
_JA_TIME = re.compile(
    rf"{_HALF}(?P<hour>{JA_NUMBER})(?:時(?!間)|じ(?!ゃ|か))(?:(?P<thirty>半|はん)|(?P<minute>{JA_NUMBER})(?:分|ふん|ぷん))?"
)
_JA_CLOCK = re.compile(rf"{_HALF}(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)")
_JA_RANGE = re.compile(rf"(?P<a>{JA_NUMBER})(?:時|じ)?(?:から|~|-|ー)(?P<b>{JA_NUMBER})(?:時|じ)")
_WINDOWS = (
    ("morning", re.compile(
        r"(?<!good )(?<!this )(?<![a-z])(?:first thing|before lunch|before noon|(?:in the |early |late |the )?mornings?|a\.?m\.?)(?![a-z])"
        r"|午前中?|ごぜん(?:ちゅう)?|(?<![今毎])朝(?!から|ご飯|ごはん|食|昼|刻)|あさ(?=いち|に|で|が|の(?!っ)|、|$)|お?昼前|昼まで|お昼まで")),
    ("afternoon", re.compile(
        r"(?<!good )(?<!this )(?<![a-z])(?:after lunch|(?:in the |early |late |the )?afternoons?|p\.?m\.?|lunch ?time|midday)(?![a-z])"
        r"|午後(?!の?便)|ごご|お?昼過ぎ|お?昼すぎ|ひるすぎ|昼間|お?昼(?=に|が|で|の方|ごろ|頃|以降|から|、|$)|ひるま")),
    ("evening", re.compile(
        r"(?<!good )(?<!this )(?<![a-z])(?:after work|after tea|after six|after dinner|to?night|tonight|(?:in the |early |late |the )?evenings?)(?![a-z])"
        r"|夕方(?:以降)?|ゆうがた|夜間|(?<![今昨前先])夜(?!中|更|逃|明|通し|勤)(?!の分)|今夜|今晩|(?<!き)(?<!お)よる(?=に|が|で|の|、|$)|仕事(?:の|が終わった|終わりの?)後|晩(?=に|が|で|、|$)")),
    ("any", re.compile(
        r"(?<![a-z])(?:any ?time|whenever|no preference|don'?t mind(?: when| what time)?|doesn'?t matter(?: when| what time)?|all day)(?![a-z])"
        r"|いつでも|何時でも|なんじでも|時間(?:の指定)?は?(?:特に)?(?:なし|ない|こだわ|問い?ませ|問わ)|指定(?:は)?(?:なし|しない|ない)|一日中")),
)  # fmt: skip
_NOT_A_WISH = re.compile(r"(?:昨日の?|きのうの?|一昨日の?|毎|yesterday |last |every )$")
_GREETING = re.compile(r"good $")
_ASAP = re.compile(
    r"as soon as(?: possible|(?: it'?s)? my turn| you can)?|asap|right (?:away|now)|straight away|whenever you(?:'re| are) (?:free|ready)"
    r"|順番が来たら|じゅんばんが(?:来|き)たら|すぐに?(?:お願い|電話|かけ|折り返|で(?:いい|お願い))|できるだけ早く|なるべく早く|今すぐ|いますぐ|できるだけはやく|なるはや"
)


def _window(hour: int) -> str:
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"


def _clock(hour: int, minute: int, half: str | None) -> str | None:
    half = (half or "").replace(".", "")
    if hour > 24 or minute > 59:
        return None
    late = re.search(r"pm|afternoon|evening|night|午後|ごご|昼|夕|夜|よる|晩", half)
    early = re.search(r"am|morning|午前|ごぜん|朝", half)
    if late and hour < 12:
        hour += 12
    elif early and hour == 12:
        hour = 0
    elif not late and not early and 1 <= hour <= 6:
        hour += 12
    return f"{hour % 24:02d}:{minute:02d}"


def find_times(search: Search) -> Iterator[Found]:
    """``time`` entities, 24-hour ``HH:MM``."""
    for rule in _EN_TIME:
        for match in rule.finditer(search.text):
            value = _english_time(match)
            if value is not None:
                yield Found("time", value, match.start(), match.end(), 0.95, 66)
    for rule in (_JA_TIME, _JA_CLOCK):
        for match in rule.finditer(search.kana):
            if rule is _JA_TIME and re.match(r"[にごくし]じ", match.group()):
                continue
            number = japanese_value(match["hour"])
            spoken = japanese_value(match["minute"]) if match["minute"] else 0
            minute = 30 if match.groupdict().get("thirty") else int(spoken or 0)
            if number is not None and number <= 24:
                value = _clock(int(number), minute, match["half"])
                if value is not None:
                    yield Found("time", value, match.start(), match.end(), 0.95, 66)


def _english_time(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    if noon := groups.get("noon"):
        return "00:00" if noon == "midnight" else "12:00"
    number = english_value(groups["hour"] or "")
    if number is None or number != int(number) or number > 24:
        return None
    hour = int(number)
    if part := groups.get("part"):
        minutes = {"half": 30, "quarter": 15, "twenty": 20, "ten": 10, "five": 5}[part]
        if groups["rel"] == "to":
            hour, minutes = hour - 1 or 12, 60 - minutes
        return _clock(hour, minutes, groups["half"])
    minute = groups.get("minute")
    value = english_value(minute) if minute else 0
    return _clock(hour, int(value or 0), groups["half"])


def find_windows(search: Search) -> Iterator[Found]:
    """Parts of the day as named, or as a range or time when the question is about the part of the day."""
    for value, pattern in _WINDOWS:
        for match in pattern.finditer(search.kana):
            before = search.before(match.start(), 12)
            if _NOT_A_WISH.search(before) or _GREETING.search(before):
                continue
            if match.group() in ("am", "pm", "a.m.", "p.m.", "a.m", "p.m") and not (
                search.text.strip(" .") == match.group().strip(".") or re.search(r"(?:the|prefer|an?|either) $", before)
            ):
                continue
            if match.group() in ("午前", "午後", "ごぜん", "ごご", "夕方", "夜", "朝") and re.match(
                rf"の?{JA_NUMBER}(?:時|じ)", search.after(match.end())
            ):
                continue
            yield Found("time_window", value, match.start(), match.end(), 1.0, 45)
    for match in _JA_RANGE.finditer(search.kana):
        first = japanese_value(match["a"])
        if first is not None and first <= 24 and (clock := _clock(int(first), 0, search.before(match.start(), 3))):
            yield Found("time_window", _window(int(clock[:2])), match.start(), match.end(), 1.0, 67)
    wanted = search.wants("time_window")
    for match in _EN_RANGE.finditer(search.text):
        first, last = english_value(match["a"]), english_value(match["b"])
        plain = not (match["from"] or match["half"] or wanted)
        if plain or first is None or last is None or not (1 <= first <= 24 and 1 <= last <= 24):
            continue
        half = match["half"] if not (match["half"] == "pm" and first > last) else "am"
        if clock := _clock(int(first), 0, half):
            yield Found("time_window", _window(int(clock[:2])), match.start(), match.end(), 0.95, 67)
    if wanted:
        yield from _edges(search)


def _edges(search: Search) -> Iterator[Found]:
    for match in _EN_EDGE.finditer(search.text):
        number = english_value(match["hour"])
        if number is None or number > 24 or not (clock := _clock(int(number), 0, None)):
            continue
        hour = int(clock[:2])
        window = "morning" if match["edge"] in ("before", "by") and hour <= 12 else _window(hour)
        if match["edge"] == "after" and hour >= 17:
            window = "evening"
        yield Found("time_window", window, match.start(), match.end(), 0.8, 44)
    for found in find_times(search):
        before_noon = re.match(r"(?:まで|前|より前)", search.after(found.end)) and found.value <= "12:00"
        window = "morning" if before_noon else _window(int(found.value[:2]))
        yield Found("time_window", window, found.start, found.end, 0.85, 43)


def find_moments(search: Search, found: Iterable[Found]) -> Iterator[Found]:
    """Joins a date with the time or part of the day next to it; a time alone means today when a moment is asked for."""
    items = list(found)
    wanted = search.wants("datetime")
    dates = [item for item in items if item.name == "date" and item.confidence >= 0.7]
    times = [item for item in items if item.name == "time"]
    windows = [item for item in items if item.name == "time_window" and item.value != "any"]
    if wanted and (match := _ASAP.search(search.kana)):
        yield Found("datetime", "asap", match.start(), match.end(), 1.0, 30)
    for day in dates[:8]:
        near = [item for item in times if _close(search, day, item)]
        parts = [item for item in windows if _close(search, day, item)]
        if near:
            yield _joined(day, near[0], f"{day.value}T{near[0].value}")
        elif parts:
            yield _joined(day, parts[0], f"{day.value} {parts[0].value}")
        elif wanted:
            yield Found("datetime", day.value, day.start, day.end, 0.7, 10)
    if wanted and not dates:
        for item in times[:2]:
            yield Found("datetime", f"{search.today.isoformat()}T{item.value}", item.start, item.end, 0.7, 10)
        if not times:
            for item in windows[:1]:
                yield Found("datetime", f"{search.today.isoformat()} {item.value}", item.start, item.end, 0.6, 10)


def _joined(day: Found, other: Found, value: str) -> Found:
    start, end = min(day.start, other.start), max(day.end, other.end)
    return Found("datetime", value, start, end, min(day.confidence, other.confidence), 10, negated=day.negated)


def _close(search: Search, a: Found, b: Found) -> bool:
    first, second = (a, b) if a.start <= b.start else (b, a)
    between = search.kana[first.end : second.start]
    return len(between) <= 14 and not re.search(r"じゃな|ではな|\bnot\b|\bno\b|sorry", between)
