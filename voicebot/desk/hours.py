"""When people answer: a company's opening hours in its own time zone, with public holidays and closing days.

Opening and closing are wall-clock times of the company's place, so summer time moves them in UTC and not on the
door: at 09:00 local it opens, on the day the clocks change too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from voicebot.domain import Language, Skill

DAY_MIN = 24 * 60
_LOOK_AHEAD_DAYS = 400

Spans = tuple[tuple[int, int], ...]
"""Opening and closing in minutes since local midnight; a closing above 1440 is on the next day."""

ALL_DAY: Spans = ((0, DAY_MIN),)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day, or the days from ``first`` to ``last``, with hours of its own; no spans: closed.

    ``year`` None: every year (a stretch may run over New Year's Eve). ``name`` is what the day is called.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    year: int | None = None
    spans: Spans = ()
    name: Mapping[Language, str] = field(default_factory=dict)

    def includes(self, day: date) -> bool:
        """Whether it is this day."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.year in (None, day.year) and self.first <= at <= self.last
        started = at >= self.first and self.year in (None, day.year)
        return started or (at <= self.last and self.year in (None, day.year - 1))


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of one company. ``week`` has seven entries, Monday first. ``holiday_spans`` None: as any other day.

    ``always``: skills that are staffed around the clock. ``country`` and ``subdivision`` name the public holidays
    (ISO 3166); an empty country has none.
    """

    timezone: ZoneInfo
    week: tuple[Spans, ...]
    country: str = ""
    subdivision: str | None = None
    holiday_spans: Spans | None = None
    special: tuple[SpecialDay, ...] = ()
    always: frozenset[Skill] = frozenset()
    text: Mapping[Language, str] = field(default_factory=dict)

    def spans_on(self, day: date) -> Spans:
        """The hours that begin on a local day; special days come before public holidays, these before the weekday."""
        for special in self.special:
            if special.includes(day):
                return special.spans
        if self.holiday_spans is not None and day in public_holidays(self.country, self.subdivision, day.year):
            return self.holiday_spans
        return self.week[day.weekday()]

    def open_at(self, now: datetime) -> bool:
        """Whether people answer at this moment."""
        today = now.astimezone(self.timezone).date()
        return any(start <= now < end for start, end in self._moments(today - timedelta(days=1), 2))

    def next_opening(self, now: datetime) -> datetime | None:
        """When people answer next, in local time: ``now`` itself while open, None when not within 400 days."""
        today = now.astimezone(self.timezone).date()
        for start, end in self._moments(today - timedelta(days=1), _LOOK_AHEAD_DAYS):
            if end > now:
                return max(start, now.astimezone(UTC)).astimezone(self.timezone)
        return None

    def next_closing(self, now: datetime) -> datetime | None:
        """When the present opening ends, in local time; None when closed. Hours that touch count as one opening."""
        today = now.astimezone(self.timezone).date()
        closing: datetime | None = None
        for start, end in self._moments(today - timedelta(days=1), _LOOK_AHEAD_DAYS):
            if closing is None and start <= now < end:
                closing = end
            elif closing is not None:
                if start > closing:
                    break
                closing = max(closing, end)
        return closing.astimezone(self.timezone) if closing is not None else None

    def staffed(self, skills: Collection[str], now: datetime, *, always_open: bool = False) -> bool:
        """Whether a queue for these skills is open: always, if one of them is staffed around the clock."""
        return always_open or any(Skill(skill) in self.always for skill in skills) or self.open_at(now)

    def _moments(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        for offset in range(days):
            day = first + timedelta(days=offset)
            for start, end in self.spans_on(day):
                yield self._moment(day, start, fold=0), self._moment(day, end, fold=1)

    def _moment(self, day: date, minute: int, *, fold: int) -> datetime:
        extra, minute = divmod(minute, DAY_MIN)
        at = day + timedelta(days=extra)
        local = datetime(at.year, at.month, at.day, minute // 60, minute % 60, tzinfo=self.timezone, fold=fold)
        return local.astimezone(UTC)


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year, substitute days included. Raises NotImplementedError: unknown country or part."""
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year)) if country else frozenset()


def parse_spans(text: str) -> Spans:
    """``09:00-20:00``, ``09:00-12:00, 13:00-18:00``, ``22:00-06:00`` (into the next day), ``24x7`` or ``closed``.

    Raises:
        ValueError: it is none of these.
    """
    if text.strip().lower() == "24x7":
        return ALL_DAY
    if text.strip().lower() == "closed":
        return ()
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        opening, dash, closing = part.strip().partition("-")
        if not dash:
            raise ValueError(f"{part.strip()!r} is not a span of time")
        start, end = _minute(opening), _minute(closing)
        found.append((start, end if end > start else end + DAY_MIN))
    return tuple(sorted(found))


def _minute(text: str) -> int:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and len(minute) == 2):
        raise ValueError(f"{text.strip()!r} is not a time of day")
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > DAY_MIN:
        raise ValueError(f"{text.strip()!r} is not a time of day")
    return total


def parse_day(text: str) -> tuple[int | None, tuple[int, int]]:
    """``12-25`` (every year) or ``2026-08-13``: year or None, then month and day. Raises ValueError."""
    parts = [int(part) for part in text.split("-")]
    match parts:
        case [month, day]:
            date(2024, month, day)
            return None, (month, day)
        case [year, month, day]:
            date(year, month, day)
            return year, (month, day)
        case _:
            raise ValueError(f"{text!r} is not a day")
