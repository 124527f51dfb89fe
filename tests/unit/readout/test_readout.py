"""Values on the screen and by voice, in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import EN, JA, Json, Language
from voicebot.nlu.entities import ClosedValues, find_entities
from voicebot.readout import Readout, normalise_for_voice

TODAY = date(2026, 11, 22)
FLOWS = Path(__file__).parents[3] / "flows"
CLOSED = ClosedValues.load(FLOWS, "shop")
SHOP = Readout(CLOSED.labels, "JP", lambda: TODAY)
TELECOM = Readout(ClosedValues.load(FLOWS, "telecom").labels, "GB", lambda: TODAY)


@pytest.mark.parametrize(
    ("name", "value", "language", "shown", "spoken"),
    [
        ("order_number", "A20481137", EN, "A20481137", "A, two zero four eight, one one three seven"),
        ("order_number", "A20481137", JA, "A20481137", "エー、ニーゼロヨンハチ、イチイチサンナナ"),
        ("member_number", "3001187", EN, "3001187", "three zero zero, one one eight seven"),
        ("phone_last4", "1111", JA, "1111", "イチイチイチイチ"),
        ("amount", "19800 JPY", JA, "19,800円", "19800円"),
        ("amount", "19800 JPY", EN, "19,800 yen", "19800 yen"),
        ("amount", "46.50 GBP", EN, "£46.50", "46 pounds 50"),
        ("amount", "1.00 GBP", EN, "£1", "1 pound"),
        ("amount", "46.50 GBP", JA, "46.50ポンド", "46ポンド50ペンス"),
        ("date", "2026-11-23", EN, "tomorrow, Monday 23 November", "tomorrow, Monday the 23rd of November"),
        ("date", "2026-12-08", JA, "12月8日(火)", "12月ようか、火曜日"),
        ("date", "2026-12-04", JA, "12月4日(金)", "12月よっか、金曜日"),
        ("date", "2026-12-20", JA, "12月20日(日)", "12月二十日、日曜日"),
        ("date", "2026-11-23", JA, "明日 11月23日(月)", "あした、11月23日、月曜日"),
        ("date", "2028-01-02", EN, "Sunday 2 January 2028", "Sunday the 2nd of January 2028"),
        (
            "datetime",
            "2026-12-08T14:30",
            EN,
            "Tuesday 8 December 14:30",
            "Tuesday the 8th of December 2 30 in the afternoon",
        ),
        (
            "datetime",
            "2026-11-25 morning",
            EN,
            "Wednesday 25 November, morning",
            "Wednesday the 25th of November, morning",
        ),
        ("datetime", "2026-11-25 morning", JA, "11月25日(水) 午前", "11月25日、水曜日 午前"),
        ("datetime", "asap", EN, "as soon as it's your turn", "as soon as it's your turn"),
        ("datetime", "asap", JA, "順番が来次第", "順番が来次第"),
        ("amount", "full", EN, "the full amount", "the full amount"),
        ("amount", "full", JA, "全額", "全額"),
        ("quantity", 2.0, JA, "2", "2"),
        ("yes_no", True, JA, "はい", "はい"),
        ("product", "rice_cooker", JA, "炊飯器", "炊飯器"),
        ("product", "rice_cooker", EN, "rice cooker", "rice cooker"),
        ("whatever", "just text", EN, "just text", "just text"),
        ("date", "not a date", EN, "not a date", "not a date"),
    ],
)
def test_values(name: str, value: Json, language: Language, shown: str, spoken: str) -> None:
    assert SHOP(name, value, language) == (shown, spoken)


def test_foreign_numbers_are_read_with_their_countrys_code() -> None:
    assert SHOP("phone_number", "+447700900123", EN) == (
        "+44 7700 900123",
        "plus, four four, seven seven zero zero, nine zero zero one two three",
    )
    assert (
        SHOP("phone_number", "+447700900123", JA)[1] == "プラス、ヨンヨン、ナナナナゼロゼロ、キューゼロゼロイチニーサン"
    )
    assert SHOP("phone_number", "+819000001111", JA) == SHOP("phone_number", "09000001111", JA)


def test_a_moment_at_another_place_is_told_by_its_date_alone() -> None:
    assert SHOP("datetime_there", "2026-11-18T09:00", EN)[0] == "Wednesday 18 November 09:00"
    assert "本日" not in SHOP("datetime_there", "2026-11-18T09:00", JA)[1]


def test_telephone_numbers_are_read_in_the_groups_of_the_country() -> None:
    assert SHOP("phone_number", "09000001111", JA)[0] == "090-0000-1111"
    assert TELECOM("phone_number", "07700900123", EN) == (
        "07700 900 123",
        "zero seven seven zero zero, nine zero zero, one two three",
    )
    assert TELECOM("postcode", "BS3 1AB", EN) == ("BS3 1AB", "B S three, one A B")


@given(st.from_regex(r"A[0-9]{8}", fullmatch=True), st.sampled_from([EN, JA]))
def test_an_order_number_read_out_is_understood_as_itself(number: str, language: Language) -> None:
    said = SHOP("order_number", number, language)[1]
    found = find_entities(said, language, today=TODAY, country="JP", expects=("order_number",), closed=CLOSED)
    assert [entity.value for entity in found if entity.name == "order_number"] == [number]


@given(st.integers(0, 330), st.sampled_from([EN, JA]))
def test_a_date_on_the_screen_is_understood_as_itself(days: int, language: Language) -> None:
    day = TODAY + timedelta(days=days % 300)
    said = SHOP("date", day.isoformat(), language)[0]
    found = find_entities(said, language, today=TODAY, country="JP", expects=("date",), closed=CLOSED)
    assert day.isoformat() in [entity.value for entity in found if entity.name == "date"]


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("A、2048ですね", JA, "エー、2048ですね"),
        ("新しいSIMとWi-Fi", JA, "新しいシムとワイファイ"),
        ("AIの自動音声", JA, "AIの自動音声"),
        ("Your bill is £46.50", EN, "Your bill is 46 pounds 50"),
        ("pay £1,200 here: https://example.jp/x", EN, "pay 1200 pounds here: the link"),
    ],
)
def test_wording_for_the_voice(text: str, language: Language, said: str) -> None:
    assert normalise_for_voice(text, language) == said


@given(st.text(max_size=60), st.sampled_from([EN, JA]))
def test_wording_is_idempotent(text: str, language: Language) -> None:
    once = normalise_for_voice(text, language)
    assert normalise_for_voice(once, language) == once
