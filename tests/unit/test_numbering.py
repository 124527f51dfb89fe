"""Which telephone number is meant, however it was written."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.desk.numbers import dialled, place_of
from voicebot.messages import dialled as texted_to
from voicebot.numbering import meant


@pytest.mark.parametrize(
    ("number", "country", "wanted"),
    [
        ("+447700900123", "JP", "+447700900123"),
        ("447700900123", "JP", "+447700900123"),
        ("00447700900123", "JP", "+447700900123"),
        ("010447700900123", "JP", "+447700900123"),
        ("+44 (7700) 900-123", "JP", "+447700900123"),
        ("14155550123", "GB", "+14155550123"),
        ("819012345678", "GB", "+819012345678"),
        ("0081312345678", "GB", "+81312345678"),
        ("09012345678", "JP", "+819012345678"),
        ("9012345678", "JP", "+819012345678"),
        ("819012345678", "JP", "+819012345678"),
        ("03-1234-5678", "JP", "+81312345678"),
        ("07700 900123", "GB", "+447700900123"),
        ("7700900123", "GB", "+447700900123"),
        ("020 7946 0123", "GB", "+442079460123"),
    ],
)
def test_one_number_however_it_is_written(number: str, country: str, wanted: str) -> None:
    assert dialled(number, country) == wanted
    assert texted_to(number, country) == wanted


@pytest.mark.parametrize("number", [None, "", "caller", "anonymous", "+", "+12", "0000000000000000000", "いち"])
def test_what_is_none(number: str | None) -> None:
    assert meant(number, "JP") is None


@given(st.text(max_size=30), st.sampled_from(["JP", "GB", ""]))
def test_never_breaks_and_what_is_found_can_be_dialled(text: str, country: str) -> None:
    found = meant(text, country)
    assert found is None or phonenumbers.is_possible_number(found)


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+447700900123", "Europe/"),
        ("+442079460123", "Europe/London"),
        ("+819012345678", "Asia/Tokyo"),
        ("sip:sato@pbx.example", "Asia/Tokyo"),
        ("2041", "Asia/Tokyo"),
    ],
)
def test_a_number_is_at_its_own_place_even_one_the_plan_does_not_know(number: str, zone: str) -> None:
    assert place_of(number, "Asia/Tokyo").startswith(zone)
