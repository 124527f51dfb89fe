"""Dates on a screen and by voice."""

from __future__ import annotations

from datetime import date

from voicebot.domain import JA, Language

_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS_JA = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
    9: "ここのか", 10: "とおか", 14: "じゅうよっか", 20: "二十日", 24: "にじゅうよっか",
}  # fmt: skip
_NEAR_JA = {0: ("本日", "ほんじつ"), 1: ("明日", "あした"), 2: ("明後日", "あさって"), -1: ("昨日", "きのう")}
_NEAR_EN = {0: "today", 1: "tomorrow", -1: "yesterday"}


def shown_date(day: date, today: date, language: Language) -> str:
    """For the screen: relative words for days close by, always with the date itself."""
    away = (day - today).days
    if language == JA:
        written = f"{_year_ja(day, today)}{day.month}月{day.day}日({_WEEKDAYS_JA[day.weekday()]})"
        return f"{_NEAR_JA[away][0]} {written}" if away in _NEAR_JA else written
    written = f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]}{_year_en(day, today)}"
    return f"{_NEAR_EN[away]}, {written}" if away in _NEAR_EN else written


def spoken_date(day: date, today: date, language: Language) -> str:
    """For the voice: 「あした、11月23日、月曜日」, "tomorrow, Monday the twenty-third of November"."""
    away = (day - today).days
    if language == JA:
        number = _DAYS_JA.get(day.day, f"{day.day}日")
        written = f"{_year_ja(day, today)}{day.month}月{number}、{_WEEKDAYS_JA[day.weekday()]}曜日"
        return f"{_NEAR_JA[away][1]}、{written}" if away in _NEAR_JA else written
    month = _MONTHS_EN[day.month - 1]
    written = f"{_WEEKDAYS_EN[day.weekday()]} the {ordinal(day.day)} of {month}{_year_en(day, today)}"
    return f"{_NEAR_EN[away]}, {written}" if away in _NEAR_EN else written


def ordinal(number: int) -> str:
    """English ordinal in digits: 1st, 22nd, 13th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _far(day: date, today: date) -> bool:
    return abs((day - today).days) > 300


def _year_ja(day: date, today: date) -> str:
    return f"{day.year}年" if _far(day, today) else ""


def _year_en(day: date, today: date) -> str:
    return f" {day.year}" if _far(day, today) else ""
