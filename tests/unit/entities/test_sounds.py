"""Numbers that a recogniser took for words, as heard over a telephone line."""

from __future__ import annotations

from datetime import date

import pytest

from voicebot.domain import EN
from voicebot.nlu.entities import ClosedValues, find_entities

NOTHING = ClosedValues.of({})


def heard(text: str, name: str, *alternatives: str) -> tuple[str, ...]:
    found = find_entities(
        text, EN, today=date(2026, 11, 22), country="JP", expects=(name,), closed=NOTHING, alternatives=alternatives
    )
    return tuple(value for entity in found if entity.name == name for value in (entity.value, *entity.alternatives))


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("I do a 48-double 137.", ()),
        ("I do 0481137.", ()),
        ("Hey, do 048 double 137", ()),
        ("A 2048, W137.", ()),
        ("A, 2048 devil 137", ()),
        ("I do a 481137.", ("I do 0481137.", "I do a 48, 00137.")),
        ("eight two oh four eight double one three seven", ()),
    ],
)
def test_an_order_number_is_found_by_sound(text: str, alternatives: tuple[str, ...]) -> None:
    assert "A20481137" in heard(text, "order_number", *alternatives)


@pytest.mark.parametrize("text", ["I do not have it", "I want to return something", "what do you mean", "where is it"])
def test_ordinary_words_are_no_number(text: str) -> None:
    assert heard(text, "order_number") == ()


def test_nothing_is_guessed_where_no_number_is_asked_for() -> None:
    assert heard("I do a 48-double 137.", "product") == ()


@pytest.mark.parametrize(
    ("text", "alternatives", "first"),
    [
        ("11111.", ("one one one one", "111111."), "1111"),
        ("いちいちいちです。", ("1211です。", "1212です。", "12121です。"), "1111"),
        ("111111", (), "1111"),
        ("7777", (), "7777"),
        ("1211です", ("いちいちいちです",), "1211"),
    ],
)
def test_a_miscounted_run_of_one_digit_is_four(text: str, alternatives: tuple[str, ...], first: str) -> None:
    readings = heard(text, "phone_last4", *alternatives)
    assert readings[0] == first
    assert "1111" in readings or first == "7777"


def test_other_counts_are_left_alone() -> None:
    assert heard("11", "phone_last4") == ()
    assert heard("20481137", "phone_last4") == ()


def test_what_is_written_wins_over_what_it_sounds_like() -> None:
    assert heard("A20481137", "order_number", "I do a 48-double 137") == ("A20481137",)
