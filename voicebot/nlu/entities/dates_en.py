"""English dates: "a week on Tuesday", "the twenty fifth", "3rd of December", "in ten days", "25/11".

"Next Friday" is Friday of next week, "this Friday" or plain "Friday" the coming one. Numbers with strokes are read in
the order of the tenant's country.
"""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from voicebot.nlu.entities import calendar
from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import EN_NUMBER, EN_ORDINAL, english_value

_DAYS = {
    "monday": 0, "mon": 0, "tuesday": 1, "tues": 1, "tue": 1, "wednesday": 2, "wednesdays": 2, "weds": 2, "wed": 2,
    "thursday": 3, "thurs": 3, "thur": 3, "thu": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6,
    "sun": 6,
}  # fmt: skip
_MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10,
    "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
_DAY = rf"(?P<day>{'|'.join(sorted(_DAYS, key=len, reverse=True))})(?:'?s)?(?![a-z])"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?(?![a-z])"
_ORD = f"(?P<ordinal>{EN_ORDINAL})"
_YEAR = r"(?:,? (?P<year>20[0-9]{2}|twenty twenty[- ](?:six|seven|eight|nine)))?"
_COUNT = rf"(?P<count>a couple of|a few|an?|{EN_NUMBER})"
_NOT_DAYS = (
    r"(?! (?:floor|one|ones|time|times|order|attempt|call|item|line|generation|version|person|street|avenue|century|"
    r"thing|question|part|box|week|birthday|class|hand|party|digit|digits|number|letter|option|step|delivery|parcel|"
    r"thought|of all|try|message|email|opinion)\b)"
)
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<![a-z0-9]){pattern}"))
    for name, pattern in (
        ("iso", r"(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
        ("stroke_year", r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<y>20\d\d|\d\d)(?!\d)"),
        ("stroke", r"(?<![/\d.])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![/\d])"),
        ("after_tomorrow", r"(?:the )?day after tomorrow"),
        ("before_yesterday", r"(?:the )?day before yesterday"),
        (
            "week_on",
            rf"(?:(?:a |one )?week|(?P<fortnight>a fortnight)|(?P<two>two weeks))(?: (?:on|from|next|this) (?:next |this )?{_DAY}| (?:on |from )?(?P<rel>today|tomorrow))",
        ),
        ("day_week", rf"(?:on )?(?:{_DAY}|(?P<rel>today|tomorrow)) week(?![a-z])"),
        ("day_after_next", rf"(?:the )?{_DAY} after next"),
        ("ordinal_month", rf"(?:the )?{_ORD}(?: day)? (?:of )?{_MONTH}{_YEAR}"),
        (
            "month_ordinal",
            rf"{_MONTH} (?:the )?(?:{_ORD}|(?P<number>{EN_NUMBER})(?! ?(?:o'clock|am|pm|%|pounds|yen)))(?:{_YEAR})",
        ),
        ("number_month", rf"(?P<number>\d{{1,2}}) (?:of )?{_MONTH}{_YEAR}"),
        ("week_of_day", rf"(?P<which>next|last|this) week(?:'s)?(?: on)? {_DAY}"),
        ("day_of_week", rf"(?:on )?{_DAY}(?: of)? (?P<which>next|last|this) week"),
        (
            "day",
            rf"(?:(?P<which>next|this coming|this|last|the coming|coming|on|past)(?: the)? )?{_DAY}(?:,? (?:the )?{_ORD}(?: (?:of )?{_MONTH})?)?",
        ),
        ("next_month_day", rf"(?:the )?{_ORD} (?:of )?(?P<which>next|this|last) month"),
        ("in", rf"in {_COUNT} (?P<unit>day|week|month|fortnight)s?(?:'? time)?"),
        ("from_now", rf"{_COUNT} (?P<unit>day|week|month|fortnight)s? (?P<way>from now|from today|later|ago|back)"),
        ("month_end", r"(?:the )?end of (?:the|this) month"),
        ("christmas", r"christmas eve|christmas day|christmas|boxing day|new year'?s eve|new year'?s day"),
        (
            "relative",
            r"today|tonight|this (?:morning|afternoon|evening)|tomorrow|tommorow|tomorow|tmrw|yesterday|last night",
        ),
        ("ordinal", rf"(?:on |by |until |till |after |before )?the {_ORD}{_NOT_DAYS}"),
        ("short_ordinal", rf"(?P<ordinal>[0-9]{{1,2}} ?(?:st|nd|rd|th))(?![a-z]){_NOT_DAYS}"),
        ("word_ordinal", rf"(?P<ordinal>(?!(?:first|second|third)(?![a-z])){EN_ORDINAL}){_NOT_DAYS}"),
        ("on_number", r"on (?:the )?(?P<n>[0-9]{1,2})(?![0-9:.,]|[a-z]| ?(?:am|pm|o'clock|pounds|yen|%|/))"),
    )
)
_PERIOD = re.compile(
    r"(?<![a-z])(?P<which>next|this|last|the)? ?(?P<what>weekend|week|month|year)(?![a-z])(?! (?:on|from|ago|later))"
)
_PAST = re.compile(
    r"(?:ordered|bought|purchased|arrived|came|received|since|got it|delivered to me|got here|paid)[^.]{0,20}$"
)
_BARE_NUMBER = re.compile(rf"(?:the )?(?P<n>{EN_NUMBER})(?![0-9:/]| ?(?:am|pm|o'clock|pounds?|yen|p\b))")
_BARE_ORDINAL = re.compile(f"(?:the )?{_ORD}")
_RELATIVE = {"today": 0, "tonight": 0, "tomorrow": 1, "tommorow": 1, "tomorow": 1, "tmrw": 1, "yesterday": -1}
_HOLIDAYS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "new years eve": (12, 31), "new years day": (1, 1),
}  # fmt: skip
_CONFUSABLE = {13: 30, 30: 13}
_SPOKEN_YEARS = {"six": 2026, "seven": 2027, "eight": 2028, "nine": 2029}


def find_english_dates(search: Search) -> Iterator[Found]:
    """Dates in English text; the longest rule wins where several begin at one place."""
    taken = bytearray(len(search.text) + 1)
    for name, rule in _RULES:
        for match in rule.finditer(search.text):
            if any(taken[match.start() : match.end()]):
                continue
            past = bool(_PAST.search(search.text[max(0, match.start() - 40) : match.start()]))
            try:
                value = _resolve(name, match, search, past)
            except (ValueError, OverflowError):
                value = None
            if value is None:
                continue
            taken[match.start() : match.end()] = b"\1" * len(match.group())
            yield from _found(search, match, value, name)
    if search.wants("date") and (not search.japanese or search.text.isascii()):
        yield from _expected(search, taken)


def _found(search: Search, match: re.Match[str], value: date, name: str) -> Iterator[Found]:
    other = _CONFUSABLE.get(value.day)
    spoken = "ordinal" in match.groupdict() and match["ordinal"] and not match["ordinal"][0].isdigit()
    near = calendar.make(value.year, value.month, other) if other and spoken else None
    alternatives = (near.isoformat(),) if near else ()
    weak = name in ("stroke", "on_number", "short_ordinal", "word_ordinal") and not search.wants("date")
    start = match.start() + len(match.group()) - len(re.sub(r"^(?:on|by|until|till|after|before) ", "", match.group()))
    yield Found("date", value.isoformat(), start, match.end(), 0.7 if weak else 0.9 if near else 1.0, 65, alternatives)


def _expected(search: Search, taken: bytearray) -> Iterator[Found]:
    """A bare "twenty five" or "first" answers "which day?"."""
    for match in _BARE_ORDINAL.finditer(search.text):
        if any(taken[match.start() : match.end()]):
            continue
        number = english_value(match["ordinal"])
        value = calendar.day_of_month(search.today, int(number)) if number and number <= 31 else None
        if value is not None:
            yield from _found(search, match, value, "ordinal")
    for match in _BARE_NUMBER.finditer(search.text):
        if any(taken[match.start() : match.end()]):
            continue
        number = english_value(match["n"])
        if number and number == int(number) and 1 <= number <= 31 and not re.search(r"[,.]", match["n"]):
            value = calendar.day_of_month(search.today, int(number))
            if value is not None:
                yield Found("date", value.isoformat(), match.start(), match.end(), 0.8, 40)
    if not any(taken) and not any(char.isdigit() for char in search.text) and len(search.text) < 40:
        yield from _dateparser(search)


def _dateparser(search: Search) -> Iterator[Found]:
    """Last resort for English wording outside our rules; only short texts that name a time unit."""
    if not re.search(r"(?<![a-z])(?:fortnight|days?|weeks?|months?) (?:today|hence|time)", search.text):
        return
    import dateparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        base = datetime(search.today.year, search.today.month, search.today.day)
        parsed = dateparser.parse(
            search.text, languages=["en"], settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"}
        )
    if parsed is not None:
        yield Found("date", parsed.date().isoformat(), 0, len(search.text), 0.6, 30)


def _day_number(match: re.Match[str], group: str = "ordinal") -> int:
    value = english_value(match[group] or "") or Decimal(0)
    return int(value) if value == int(value) else 0


def _year(match: re.Match[str]) -> int | None:
    words = match["year"]
    if not words:
        return None
    return int(words) if words.isdigit() else _SPOKEN_YEARS[words.split()[-1].split("-")[-1]]


def _in_year(match: re.Match[str], today: date, day: int, past: bool) -> date | None:
    month, year = _MONTHS[match["month"]], _year(match)
    return calendar.make(year, month, day) if year else calendar.month_and_day(today, month, day, past)


def _resolve(name: str, match: re.Match[str], search: Search, past: bool) -> date | None:
    today = search.today
    match name:
        case "iso":
            return calendar.make(int(match["y"]), int(match["m"]), int(match["d"]))
        case "stroke_year" | "stroke":
            a, b = int(match["a"]), int(match["b"])
            day, month = (a, b) if search.country not in ("US", "JP") else (b, a)
            if month > 12:
                day, month = month, day
            if name == "stroke":
                return calendar.month_and_day(today, month, day, past) if 1 <= month <= 12 else None
            year = int(match["y"])
            return calendar.make(year + 2000 if year < 100 else year, month, day)
        case "after_tomorrow":
            return today + timedelta(days=2)
        case "before_yesterday":
            return today - timedelta(days=2)
        case "week_on" | "day_week":
            weeks = 2 if name == "week_on" and (match["fortnight"] or match["two"]) else 1
            if match["rel"]:
                return today + timedelta(days=_RELATIVE[match["rel"]], weeks=weeks)
            return calendar.coming(today, _DAYS[match["day"]]) + timedelta(weeks=weeks)
        case "day_after_next":
            return calendar.coming(today, _DAYS[match["day"]]) + timedelta(weeks=1)
        case "ordinal_month":
            return _in_year(match, today, _day_number(match), past)
        case "month_ordinal":
            return _in_year(
                match, today, _day_number(match) if match["ordinal"] else _day_number(match, "number"), past
            )
        case "number_month":
            return _in_year(match, today, int(match["number"]), past)
        case "week_of_day" | "day_of_week":
            weeks = {"next": 1, "this": 0, "last": -1}[match["which"]]
            return calendar.in_week(today, _DAYS[match["day"]], weeks)
        case "day":
            return _weekday(match, search, past)
        case "next_month_day":
            year, month = calendar.add_months(today, {"next": 1, "this": 0, "last": -1}[match["which"]])
            return calendar.make(year, month, _day_number(match))
        case "in" | "from_now":
            return _away(match, today, name == "from_now" and match["way"] in ("ago", "back"))
        case "month_end":
            year, month = calendar.add_months(today, 1)
            return date(year, month, 1) - timedelta(days=1)
        case "christmas":
            month, day = _HOLIDAYS[match.group().replace("'", "")]
            return calendar.month_and_day(today, month, day)
        case "relative":
            words = match.group()
            return today + timedelta(days=-1 if words == "last night" else _RELATIVE.get(words, 0))
        case "ordinal" | "short_ordinal" | "word_ordinal":
            return calendar.day_of_month(today, _day_number(match), past)
        case _:
            return calendar.day_of_month(today, int(match["n"]), past)


def _weekday(match: re.Match[str], search: Search, past: bool) -> date | None:
    today, day, which = search.today, match["day"], match["which"]
    if day in ("sun", "sat", "mar", "mon", "wed") and not (which or match["ordinal"] or search.wants("date")):
        return None
    if match["ordinal"]:
        number = _day_number(match)
        if match["month"]:
            return calendar.month_and_day(today, _MONTHS[match["month"]], number, past)
        return calendar.day_of_month(today, number, past)
    weekday = _DAYS[day]
    if which in ("last", "past") or (past and which in (None, "on")):
        return calendar.previous(today, weekday)
    if which == "next":
        return calendar.in_week(today, weekday, 1)
    return calendar.coming(today, weekday, include_today=which == "this")


def _away(match: re.Match[str], today: date, ago: bool) -> date | None:
    words = match["count"]
    number = {"a couple of": Decimal(2), "a few": None, "a": Decimal(1), "an": Decimal(1)}.get(
        words, english_value(words)
    )
    if number is None or number != int(number) or number > 1000:
        return None
    count = -int(number) if ago else int(number)
    match match["unit"]:
        case "day":
            return today + timedelta(days=count)
        case "week":
            return today + timedelta(weeks=count)
        case "fortnight":
            return today + timedelta(weeks=2 * count)
        case _:
            year, month = calendar.add_months(today, count)
            return next(found for day in (today.day, 30, 29, 28) if (found := calendar.make(year, month, day)))


def find_english_periods(search: Search) -> Iterator[Found]:
    """Spans longer than a day ("next week", "this month"): value ``first/last`` day, name ``period``."""
    for match in _PERIOD.finditer(search.text):
        which, what = match["which"], match["what"]
        if which is None or (which == "the" and what != "weekend"):
            continue
        away = {"next": 1, "last": -1}.get(which, 0)
        first, last = period_days(search.today, what, away)
        yield Found("period", f"{first.isoformat()}/{last.isoformat()}", match.start(), match.end(), 1.0, 20)


def period_days(today: date, what: str, away: int) -> tuple[date, date]:
    """First and last day of the week, weekend, month or year that is ``away`` from the current one."""
    if what == "year":
        return date(today.year + away, 1, 1), date(today.year + away, 12, 31)
    if what == "month":
        year, month = calendar.add_months(today, away)
        after_year, after = calendar.add_months(date(year, month, 1), 1)
        return date(year, month, 1), date(after_year, after, 1) - timedelta(days=1)
    first = calendar.in_week(today, 5 if what == "weekend" else 0, away)
    return first, calendar.in_week(today, 6, away)
