"""Calendar arithmetic that speech needs: the next 20th, Tuesday of next week, a date without a year."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def make(year: int, month: int, day: int) -> date | None:
    """A date, or None when there is no such day."""
    if 1 <= month <= 12 and 1900 <= year <= 2200 and 1 <= day <= monthrange(year, month)[1]:
        return date(year, month, day)
    return None


def add_months(today: date, months: int) -> tuple[int, int]:
    """Year and month ``months`` away."""
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def day_of_month(today: date, day: int, past: bool = False) -> date | None:
    """The coming ``day``-th (today counts), or with ``past`` the last one."""
    for away in range(13):
        year, month = add_months(today, -away if past else away)
        found = make(year, month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def month_and_day(today: date, month: int, day: int, past: bool = False) -> date | None:
    """A month and day without a year: the coming one, or with ``past`` the last one."""
    for away in range(9):
        found = make(today.year + (-away if past else away), month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def in_week(today: date, weekday: int, weeks: int) -> date:
    """``weekday`` (Monday 0) of the week that is ``weeks`` away; weeks begin on Monday."""
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(days=weekday, weeks=weeks)


def coming(today: date, weekday: int, include_today: bool = False) -> date:
    """The next such weekday after today."""
    away = (weekday - today.weekday()) % 7
    return today + timedelta(days=away if away or include_today else 7)


def previous(today: date, weekday: int) -> date:
    """The last such weekday before today."""
    return today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
