"""Holds for every order number, every way of saying it, and any text at all."""

from __future__ import annotations

import gc
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.domain import EN, JA
from voicebot.nlu.entities import ClosedValues, find_entities

CLOSED = ClosedValues.load(Path(__file__).parents[3] / "flows", "shop")
TODAY = date(2026, 11, 18)
EN_WORDS = {
    "0": ["zero", "oh"],
    "1": ["one"],
    "2": ["two"],
    "3": ["three"],
    "4": ["four"],
    "5": ["five"],
    "6": ["six"],
    "7": ["seven"],
    "8": ["eight"],
    "9": ["nine"],
}
KANJI = {"0": ["〇", "零"], **{str(i): [c] for i, c in enumerate("一二三四五六七八九", 1)}}
KANA = {
    "0": ["ゼロ", "ぜろ", "れい", "まる"],
    "1": ["いち", "イチ"],
    "2": ["に", "にー", "ニー"],
    "3": ["さん", "サン"],
    "4": ["よん", "ヨン"],
    "5": ["ご", "ごー", "ゴ"],
    "6": ["ろく"],
    "7": ["なな", "しち"],
    "8": ["はち"],
    "9": ["きゅう", "キュー"],
}
eight_digits = st.text("0123456789", min_size=8, max_size=8)


def found(text, language, *expects, name="order_number"):
    return [
        e.value
        for e in find_entities(text, language, today=TODAY, country="JP", expects=expects, closed=CLOSED)
        if e.name == name
    ]


def english(digits: str, draw) -> str:
    words, at = [], 0
    while at < len(digits):
        run = next(n for n in (3, 2, 1) if digits[at : at + n] == digits[at] * n)
        size = draw(st.integers(1, run))
        word = draw(st.sampled_from(EN_WORDS[digits[at]]))
        words.append({1: "", 2: "double ", 3: "triple "}[size] + word)
        at += size
    return " ".join(words)


@given(eight_digits, st.data())
def test_english_words_come_back(digits: str, data) -> None:
    letter = data.draw(st.sampled_from(["a", "A", "alpha", "A for apple", "ay", "um, A,"]))
    assert found(f"{letter} {english(digits, data.draw)}", EN, "order_number") == ["A" + digits]


@given(eight_digits, st.data())
def test_english_groups_come_back(digits: str, data) -> None:
    first, second = english(digits[:4], data.draw), english(digits[4:], data.draw)
    between = data.draw(st.sampled_from([", ", " ", " um ", ", er, ", " - "]))
    assert found(f"it's A {first}{between}{second} please", EN, "order_number") == ["A" + digits]


@given(
    eight_digits,
    st.sampled_from(["A", "a", "A ", "A-", "Ａ", "エー", "エーの", "Aの", "えーの"]),
    st.sampled_from(["", " ", "-", "の", "、"]),
    st.booleans(),
)
def test_written_digits_come_back(digits: str, letter: str, between: str, wide: bool) -> None:
    text = f"{letter}{digits[:4]}{between}{digits[4:]}"
    if wide:
        text = text.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert found(text, JA, "order_number") == ["A" + digits]
    assert found(f"注文番号は{text}です", JA, "order_number") == ["A" + digits]


@given(eight_digits, st.data())
def test_japanese_readings_come_back(digits: str, data) -> None:
    table = data.draw(st.sampled_from([KANJI, KANA]))
    spoken = [data.draw(st.sampled_from(table[digit])) for digit in digits]
    between = data.draw(st.sampled_from(["", "の", "、", "の、"]))
    letter = data.draw(st.sampled_from(["エーの", "Aの", "エー、", "A"]))
    text = letter + "".join(spoken[:4]) + between + "".join(spoken[4:])
    assert found(text, JA, "order_number") == ["A" + digits]


@given(st.integers(1000, 9999), st.integers(1000, 9999))
def test_japanese_values_come_back(first: int, second: int) -> None:
    kanjize = pytest.importorskip("kanjize")
    text = f"エーの{kanjize.number2kanji(first)}の{kanjize.number2kanji(second)}です"
    assert found(text, JA, "order_number") == [f"A{first}{second}"]


@given(st.integers(0, 3000))
def test_any_date_written_out_comes_back(days: int) -> None:
    day = TODAY + timedelta(days=days)
    assert found(f"{day.year}年{day.month}月{day.day}日", JA, name="date") == [day.isoformat()]
    assert found(f"{day.day} {day:%B} {day.year}", EN, name="date") == [day.isoformat()]
    assert found(day.isoformat(), EN, name="date") == [day.isoformat()]


@given(st.integers(1, 99_999_999))
def test_any_sum_of_yen_comes_back(yen: int) -> None:
    kanjize = pytest.importorskip("kanjize")
    assert found(f"{kanjize.number2kanji(yen)}円", JA, name="amount") == [f"{yen} JPY"]
    assert found(f"{yen:,}円", JA, name="amount") == [f"{yen} JPY"]


ALPHABET = st.one_of(
    st.characters(),
    st.sampled_from(list("0123456789一二三四五六七八九十百千万〇円日月年時半のにごしくABCEH-、。, £/:")),
    st.sampled_from(
        [
            "double ",
            "oh ",
            "twenty ",
            "the ",
            "first ",
            " not ",
            "じゃなくて",
            "ようか",
            "えー",
            "so ",
            "hundred ",
            " and ",
            "2048",
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(ALPHABET, max_size=60).map("".join),
    st.sampled_from([EN, JA]),
    st.sampled_from(["JP", "GB", "US"]),
    st.sampled_from(
        [
            (),
            ("date",),
            ("amount", "number"),
            ("order_number",),
            ("datetime", "time_window"),
            ("postcode", "error_code", "model"),
            ("phone_last4", "phone_number"),
        ]
    ),
)
def test_any_text_is_searched_without_a_fault(text: str, language, country: str, expects) -> None:
    for entity in find_entities(text, language, today=TODAY, country=country, expects=expects, closed=CLOSED):
        assert text[entity.start : entity.end] == entity.text
        assert 0 < entity.confidence <= 1
        assert entity.value


def test_no_date_is_far_off_the_calendar() -> None:
    for text in (
        "99999日後",
        "in 999999999 days",
        "九千九百九十九年十二月一日",
        "0月0日",
        "32日",
        "the 99th",
        "in 99999 months",
    ):
        find_entities(text, JA, today=TODAY, country="JP", expects=("date",), closed=CLOSED)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "いち",
        "二",
        "the ",
        "a ",
        "double ",
        "二十",
        "火曜",
        "tomorrow ",
        "£5 ",
        "not ",
        "の",
        "あ",
        "kettle ",
        "十五じゃなくて",
        "A20481137 ",
        "twenty five ",
        "1,",
        "hundred ",
    ],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    """Work is counted as processor time of 1x against 4x the length: far from the 16x of a quadratic search."""

    def cost(times: int) -> float:
        text = (piece * times)[: len(piece) * times]
        best = 9.0
        gc.disable()
        try:
            for _ in range(3):
                begun = time.process_time()
                find_entities(text, JA, today=TODAY, country="JP", expects=(), closed=CLOSED)
                best = min(best, time.process_time() - begun)
        finally:
            gc.enable()
        return best

    cost(10)
    size = max(1, 900 // len(piece))
    assert cost(size * 4) < 10 * cost(size) + 0.05


def test_the_drafts_own_examples() -> None:
    """Every normalisation example the product was specified with."""
    examples = yaml.safe_load((Path(__file__).parent / "catalogue.yml").read_text(encoding="utf-8"))
    for name, cases in examples.items():
        for case in cases:
            country = case.get("country", "JP")
            entities = find_entities(
                case["in"],
                JA if not case["in"].isascii() else EN,
                today=TODAY,
                country=country,
                expects=(name,),
                closed=CLOSED,
            )
            assert str(case["out"]) in [entity.value for entity in entities if entity.name == name], case
