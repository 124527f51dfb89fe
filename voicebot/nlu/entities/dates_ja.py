"""Japanese dates: 明後日, 来週の土曜, 二十日 / はつか, 十二月三日, 三日後, 令和八年十二月一日.

ようか (8), はつか (20) and よっか (4) are easily misheard for each other, as are いちにち/しちにち: such dates carry the
others as alternatives. 「三日間」 and 「三日以内」 are lengths and give no date.
"""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from voicebot.nlu.entities import calendar
from voicebot.nlu.entities.dates_en import period_days
from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import JA_NUMBER, japanese_value

_RELATIVE = {
    "今日": 0, "本日": 0, "きょう": 0, "今夜": 0, "今晩": 0, "今朝": 0, "けさ": 0, "明日": 1, "あした": 1, "あす": 1,
    "みょうにち": 1, "翌日": 1, "明晩": 1, "明後日": 2, "あさって": 2, "みょうごにち": 2, "明々後日": 3, "明明後日": 3,
    "しあさって": 3, "昨日": -1, "きのう": -1, "さくじつ": -1, "昨夜": -1, "昨晩": -1, "ゆうべ": -1, "一昨日": -2,
    "おととい": -2, "いっさくじつ": -2,
}  # fmt: skip
_KANA_DAYS = {
    "ついたち": 1, "ふつか": 2, "みっか": 3, "よっか": 4, "いつか": 5, "むいか": 6, "なのか": 7, "なぬか": 7, "ようか": 8,
    "ここのか": 9, "とおか": 10, "じゅうよっか": 14, "はつか": 20, "にじゅうよっか": 24,
}  # fmt: skip
_EVERYDAY_KANA = frozenset({"いつか", "なのか", "ようか", "とおか", "よっか"})
_WEEKDAYS = {
    "月": 0, "げつ": 0, "火": 1, "か": 1, "水": 2, "すい": 2, "木": 3, "もく": 3, "金": 4, "きん": 4, "土": 5, "ど": 5,
    "日": 6, "にち": 6,
}  # fmt: skip
_WEEKS = {
    "今週": 0, "こんしゅう": 0, "来週": 1, "らいしゅう": 1, "翌週": 1, "次週": 1, "再来週": 2, "さらいしゅう": 2, "先週": -1,
    "せんしゅう": -1, "先々週": -2,
}  # fmt: skip
_MONTHS = {"今月": 0, "こんげつ": 0, "来月": 1, "らいげつ": 1, "翌月": 1, "再来月": 2, "さらいげつ": 2, "先月": -1,
           "せんげつ": -1, "先々月": -2}  # fmt: skip
_YEARS = {"今年": 0, "ことし": 0, "来年": 1, "らいねん": 1, "去年": -1, "きょねん": -1, "昨年": -1}


def _any(*tables: dict[str, int]) -> str:
    return "|".join(sorted((word for table in tables for word in table), key=len, reverse=True))


_NOT_LENGTH = r"(?!間|かん|以内|いない|ほど|程度|くらい|ぐらい|も(?!ら)|たっ|経|分(?!に|の配)|中|じゅう(?!で)|一|に?[1-9一二三]回|ごと|置き|おき|かか|目)"
_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted((w for w in _WEEKDAYS), key=len, reverse=True))})(?:曜日|曜|ようび|よう(?=[にのでがはを、。]|$))"
_DAY = rf"(?:(?P<kanaday>{_any(_KANA_DAYS)})|(?P<day>{JA_NUMBER})(?:日|にち))"
_MONTH = rf"(?:(?P<month>{JA_NUMBER})(?:月|がつ)の?)"
_YEAR = rf"(?:(?P<era>令和|れいわ|平成)?(?P<year>{JA_NUMBER}|元)(?:年|ねん)の?)?"
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("full", rf"{_YEAR}{_MONTH}{_DAY}(?!間|以内)"),
        ("month_end_of", rf"{_MONTH}(?:末|まつ)"),
        ("iso", r"(?<!\d)(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
        ("in_days", rf"(?P<n>{JA_NUMBER})日(?P<way>後|ご(?!ろ)|前|まえ)"),
        ("in_kana_days", rf"(?P<kanaday>{_any(_KANA_DAYS)})(?P<way>後|ご(?!ろ)|前|まえ)"),
        ("in_weeks", rf"(?P<n>{JA_NUMBER})週間(?P<way>後|ご(?!ろ)|前|まえ)(?:の{_WEEKDAY})?"),
        ("in_months", rf"(?P<n>{JA_NUMBER})(?:[かカヶケヵゕヶ箇]|ゖ)月(?P<way>後|前)"),
        ("week_day", rf"(?P<week>{_any(_WEEKS)})の?{_WEEKDAY}"),
        ("week_today", rf"(?P<week>{_any(_WEEKS)})の今日"),
        ("next_weekday", rf"(?P<which>次|つぎ|今度|こんど|この次)の{_WEEKDAY}"),
        ("month_day", rf"(?P<months>{_any(_MONTHS)})の?{_DAY}{_NOT_LENGTH}"),
        ("month_end", rf"(?:(?P<months>{_any(_MONTHS)})の?(?:末(?!尾)|月末)|(?<!週)月末|末日)"),
        ("day", rf"(?<![0-9月年]){_DAY}{_NOT_LENGTH}(?!後|前|ご(?!ろ)|まえ)(?:の?\(?{_WEEKDAY}\)?)?"),
        ("weekday", rf"(?<![0-9一二三四五六七八九十毎前]){_WEEKDAY}"),
        ("relative", rf"(?:{_any(_RELATIVE)})"),
        ("holiday", r"元日|元旦|大晦日|おおみそか|くりすますいぶ|くりすます"),
    )
)
_PERIOD = re.compile(
    rf"(?P<week>{_any(_WEEKS)})(?P<end>末)?|(?P<months>{_any(_MONTHS)})|(?P<years>{_any(_YEARS)})|(?P<weekend>週末|土日)"
)
_PAST_AFTER = re.compile(
    r"^(?:の?[午朝昼夜]..?)?(?:に|から|くらいに|ごろ|頃)?(?:[^、。\s]{0,6})?"
    r"(?:届い|届き|買っ|買い|頼ん|注文し|購入し|着い|申し込ん|もらっ|受け取っ|受け取り|送りまし|送った|返品した|きたもの|来たもの|払っ|来たやつ)"
)
_SLASH = re.compile(r"(?<![\d/.-])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/])")
_BARE = re.compile(
    rf"(?:(?P<kanaday>{_any(_KANA_DAYS)})|(?P<n>{JA_NUMBER}))(?=$|[、。\s]|じゃな|では?な|です|でお願|に(?:し|変|お)|で$|が(?:い|良)|の(?:方|ほう))"
)
_CONFUSABLE = {4: (8, 20), 8: (4, 20), 20: (8, 4), 11: (17,), 17: (11,), 21: (27,), 27: (21,), 14: (24,), 24: (14,)}
_ERAS = {"令和": 2018, "れいわ": 2018, "平成": 1988}


def find_japanese_dates(search: Search) -> Iterator[Found]:
    """Dates in Japanese text, earlier rules first where two overlap."""
    if search.kana.isascii() and not search.wants("date"):
        return
    taken = bytearray(len(search.kana) + 1)

    def free(match: re.Match[str]) -> bool:
        return not any(taken[match.start() : match.end()])

    def take(match: re.Match[str]) -> None:
        taken[match.start() : match.end()] = b"\1" * len(match.group())

    for name, rule in _RULES:
        for match in rule.finditer(search.kana):
            if not free(match) or not _plausible(name, match, search):
                continue
            past = bool(_PAST_AFTER.search(search.after(match.end())))
            try:
                value = _resolve(name, match, search.today, past)
            except (ValueError, OverflowError):
                value = None
            if value is not None:
                take(match)
                yield _found(search, match, value)
    if search.japanese:
        for match in _SLASH.finditer(search.kana):
            value = calendar.month_and_day(search.today, int(match["m"]), int(match["d"]))
            if free(match) and value is not None:
                take(match)
                yield Found("date", value.isoformat(), match.start(), match.end(), 0.8, 64)
    contrasted = any(taken) and re.search(r"じゃな|では?な|違", search.kana) is not None
    if (search.wants("date") or contrasted) and search.japanese:
        for match in _BARE.finditer(search.kana):
            alone = match.group() == search.kana.strip("、。 です") or search.before(match.start(), 1) in (
                "",
                "、",
                "。",
                " ",
                "は",
            )
            sure = alone if re.match("[ぁ-ん]", match.group()) else True
            if (
                len(match.group()) == 1
                and match.group() in "にしごく"
                and match.group() != search.kana.strip("、。 です")
            ):
                sure = False
            denied = search.wants("date") or re.match(r"じゃな|では?な|違|日じゃな", search.after(match.end()))
            value = _bare(match, search.today) if sure and denied and free(match) else None
            if value is not None:
                take(match)
                yield Found("date", value.isoformat(), match.start(), match.end(), 0.75, 40, _near(value))


def _bare(match: re.Match[str], today: date) -> date | None:
    number = _KANA_DAYS[match["kanaday"]] if match["kanaday"] else japanese_value(match["n"])
    if number is None or number != int(number) or not 1 <= number <= 31:
        return None
    return calendar.day_of_month(today, int(number))


def _near(value: date) -> tuple[str, ...]:
    others = (calendar.make(value.year, value.month, day) for day in _CONFUSABLE.get(value.day, ()))
    return tuple(other.isoformat() for other in others if other is not None)


def _found(search: Search, match: re.Match[str], value: date) -> Found:
    groups = match.groupdict()
    spoken = groups.get("kanaday") or (groups.get("day") and not re.fullmatch(r"\d+", groups["day"] or ""))
    near = _near(value) if spoken else ()
    return Found("date", value.isoformat(), match.start(), match.end(), 0.85 if near else 1.0, 65, near)


def _plausible(name: str, match: re.Match[str], search: Search) -> bool:
    """Keeps everyday words that sound like dates (しようか, どうなのか, いつか) from being dates."""
    groups = match.groupdict()
    before = search.before(match.start(), 2)
    if name == "day":
        if (kana := groups.get("kanaday")) and kana in _EVERYDAY_KANA:
            starts_fresh = not before or not re.search(r"[ぁ-んー一-鿿]$", before) or before[-1:] in "のは、"
            ends_well = re.match(r"(?:に|の|で|が|は|を|まで|から|、|。|$)", search.after(match.end()))
            return search.wants("date") and starts_fresh and bool(ends_well)
        if kana and re.search(r"[ぁ-ん]$", before) and before[-1] not in "のはがをにでとも":
            return False
        if (
            groups.get("day")
            and re.match(r"[にごしくれ]", match.group())
            and search.kana[match.end() - 2 : match.end()] == "にち"
        ):
            return "じゅう" in match.group() or search.wants("date")
    if name == "weekday":
        if groups["weekday"] in ("か", "ど", "にち") and re.search(r"[ぁ-ん]$", before) and before[-1] not in "のはに":
            return False
        return not (before.startswith("毎") or re.match(r"(?:限定|以外)", search.after(match.end())))
    if name == "relative":
        if match.group() == "あす" and re.search(r"[ぁ-ん]$", before):
            return False
        if match.group() == "今日" and search.after(match.end()).startswith("は、お"):
            return False
    return True


def _number(words: str) -> int:
    value = japanese_value(words)
    return int(value) if value is not None and value == int(value) else 0


def _day_of(match: re.Match[str]) -> int:
    return _KANA_DAYS[match["kanaday"]] if match["kanaday"] else _number(match["day"])


def _resolve(name: str, match: re.Match[str], today: date, past: bool) -> date | None:
    match name:
        case "full":
            month, day = _number(match["month"]), _day_of(match)
            if not match["year"]:
                return calendar.month_and_day(today, month, day, past) if 1 <= month <= 12 else None
            year = 1 if match["year"] == "元" else _number(match["year"])
            year += _ERAS.get(match["era"] or "", 2018 if year < 20 else 2000 if year < 100 else 0)
            return calendar.make(year, month, day)
        case "month_end_of":
            month = _number(match["month"])
            first = calendar.month_and_day(today.replace(day=1), month, 1) if 1 <= month <= 12 else None
            return period_days(first, "month", 0)[1] if first else None
        case "iso":
            return calendar.make(int(match["y"]), int(match["m"]), int(match["d"]))
        case "in_days" | "in_kana_days":
            days = _KANA_DAYS[match["kanaday"]] if name == "in_kana_days" else _number(match["n"])
            return today + timedelta(days=-days if match["way"] in ("前", "まえ") else days) if days <= 999 else None
        case "in_weeks":
            weeks = _number(match["n"]) * (-1 if match["way"] in ("前", "まえ") else 1)
            if match["weekday"]:
                return calendar.in_week(today, _WEEKDAYS[match["weekday"]], weeks)
            return today + timedelta(weeks=weeks)
        case "in_months":
            year, month = calendar.add_months(today, _number(match["n"]) * (-1 if match["way"] == "前" else 1))
            return next((d for day in (today.day, 30, 29, 28) if (d := calendar.make(year, month, day))), None)
        case "week_day":
            return calendar.in_week(today, _WEEKDAYS[match["weekday"]], _WEEKS[match["week"]])
        case "week_today":
            return today + timedelta(weeks=_WEEKS[match["week"]])
        case "next_weekday":
            return calendar.coming(today, _WEEKDAYS[match["weekday"]])
        case "month_day":
            year, month = calendar.add_months(today, _MONTHS[match["months"]])
            return calendar.make(year, month, _day_of(match))
        case "month_end":
            return period_days(today, "month", _MONTHS.get(match["months"] or "", 0))[1]
        case "day":
            return calendar.day_of_month(today, _day_of(match), past)
        case "weekday":
            weekday = _WEEKDAYS[match["weekday"]]
            return calendar.previous(today, weekday) if past else calendar.coming(today, weekday)
        case "relative":
            return today + timedelta(days=_RELATIVE[match.group()])
        case _:
            month, day = {"元": (1, 1), "大": (12, 31), "お": (12, 31)}.get(match.group()[0], (12, 25))
            return calendar.month_and_day(today, month, 24 if match.group().endswith("いぶ") else day)


def find_japanese_periods(search: Search) -> Iterator[Found]:
    """来週, 先月, 今年, 週末 … as ``first/last`` day, name ``period``."""
    for match in _PERIOD.finditer(search.kana):
        if match["week"]:
            what, away = ("weekend" if match["end"] else "week"), _WEEKS[match["week"]]
        elif match["months"]:
            what, away = "month", _MONTHS[match["months"]]
        elif match["years"]:
            what, away = "year", _YEARS[match["years"]]
        else:
            what, away = "weekend", 0
        first, last = period_days(search.today, what, away)
        yield Found("period", f"{first.isoformat()}/{last.isoformat()}", match.start(), match.end(), 1.0, 20)
