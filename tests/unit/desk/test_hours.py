"""Opening hours by place: spans, holidays, closing days, and the days the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.desk.company import CallbackRules
from voicebot.desk.hours import OpeningHours, SpecialDay, parse_day, parse_spans
from voicebot.domain import Skill

LONDON, TOKYO = ZoneInfo("Europe/London"), ZoneInfo("Asia/Tokyo")
DAY, SHORT = parse_spans("08:00-20:00"), parse_spans("09:00-17:00")
UK = OpeningHours(
    LONDON,
    (DAY,) * 5 + (SHORT,) * 2,
    "GB",
    "ENG",
    SHORT,
    (SpecialDay((12, 25), (12, 26)), SpecialDay((12, 29), (1, 2), year=2026), SpecialDay((8, 13), (8, 13), 2026)),
    frozenset({Skill("fraud")}),
)
NIGHT = OpeningHours(LONDON, (parse_spans("22:00-06:00"),) * 7)


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-01-05T08:00", None),
        ("2026-01-05T07:59", "2026-01-05T08:00"),
        ("2026-01-05T20:00", "2026-01-06T08:00"),
        ("2026-01-10T08:30", "2026-01-10T09:00"),
        ("2026-05-04T08:30", "2026-05-04T09:00"),
        ("2026-12-24T21:00", "2026-12-27T09:00"),
        ("2026-12-28T20:30", "2027-01-03T09:00"),
        ("2027-12-29T09:00", None),
        ("2026-08-13T10:00", "2026-08-14T08:00"),
        ("2027-08-13T10:00", None),
        ("2026-03-29T08:59", "2026-03-29T09:00"),
        ("2026-10-25T08:59", "2026-10-25T09:00"),
    ],
)
def test_openings(moment: str, opens: str | None) -> None:
    now = at(LONDON, moment)
    assert UK.open_at(now.astimezone(UTC)) == (opens is None)
    assert UK.next_opening(now) == (now if opens is None else at(LONDON, opens))


def test_a_queue_that_is_staffed_around_the_clock() -> None:
    christmas = at(LONDON, "2026-12-25T03:00")
    assert UK.staffed(["fraud"], christmas)
    assert UK.staffed([], christmas, always_open=True)
    assert not UK.staffed(["billing"], christmas)


def test_a_night_shift_runs_into_the_next_day() -> None:
    assert NIGHT.open_at(at(LONDON, "2026-01-06T05:59"))
    assert not NIGHT.open_at(at(LONDON, "2026-01-06T06:00"))
    assert NIGHT.next_closing(at(LONDON, "2026-01-05T23:00")) == at(LONDON, "2026-01-06T06:00")
    assert NIGHT.next_closing(at(LONDON, "2026-01-05T12:00")) is None


def test_the_same_wall_clock_on_both_sides_of_a_change() -> None:
    saturday, sunday = UK.next_opening(at(LONDON, "2026-03-28T00:00")), UK.next_opening(at(LONDON, "2026-03-29T00:00"))
    assert saturday is not None and sunday is not None
    assert sunday.astimezone(UTC) - saturday.astimezone(UTC) == timedelta(hours=23)


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
CHANGES = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)]).flatmap(
    lambda day: st.integers(-2880, 2880).map(
        lambda minutes: datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    )
)


@given(st.one_of(MOMENTS, CHANGES), st.sampled_from([UK, NIGHT]), st.sampled_from([LONDON, TOKYO]))
def test_the_next_opening_is_open_and_nothing_just_before(
    now: datetime, hours: OpeningHours, seen_from: ZoneInfo
) -> None:
    local = hours.next_opening(now.astimezone(seen_from))
    assert local is not None
    opening = local.astimezone(UTC)
    assert opening >= now
    assert hours.open_at(opening)
    assert hours.open_at(now) == (opening == now)
    before = opening - timedelta(minutes=1)
    assert before < now or not hours.open_at(before)
    if opening > now:
        assert (local.hour, local.minute) in ((8, 0), (9, 0), (22, 0))


@given(MOMENTS, st.sampled_from(["Europe/London", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"]))
def test_a_callback_rings_in_the_hours_of_the_customers_place(now: datetime, place: str) -> None:
    rules, zone = CallbackRules(), ZoneInfo(place)
    ring = rules.next_ring(now, zone)
    assert ring >= now and rules.may_ring(ring, zone)
    assert 9 <= ring.astimezone(zone).hour < 20
    assert rules.may_ring(now, zone) == (9 <= now.astimezone(zone).hour < 20)


def test_attempts_end() -> None:
    assert [CallbackRules().pause_s(tried) for tried in (1, 2, 3)] == [900, 3600, None]
    assert CallbackRules(attempts=4).pause_s(3) == 3600


@pytest.mark.parametrize("text", ["9-17", "09:00", "25:00-26:00", "09:60-10:00", "", "nine-five"])
def test_spans_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse_spans(text)


def test_spans_and_days() -> None:
    assert parse_spans("13:00-18:00, 09:00-12:00") == ((540, 720), (780, 1080))
    assert parse_spans("closed") == ()
    assert parse_day("12-25") == (None, (12, 25))
    assert parse_day("2026-08-13") == (2026, (8, 13))
    with pytest.raises(ValueError, match=r"day"):
        parse_day("02-30")
