from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import EN, JA, Language
from voicebot.speech.sentences import CLAUSE_PAUSE_MS, SENTENCE_PAUSE_MS, pieces


def texts(text: str, language: Language) -> list[str]:
    return [piece.text for piece in pieces(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. How can I help?", ["Hello.", "How can I help?"]),
        ("That is 4.5 kg. Right?", ["That is 4.5 kg.", "Right?"]),
        ("Mr. Smith, St. Ives, e.g. now. Good.", ["Mr. Smith, St. Ives, e.g. now.", "Good."]),
        ('Wait… yes! "Go." Done', ["Wait…", "yes!", '"Go."', "Done"]),
        ("One line\nanother line", ["One line", "another line"]),
        ("...", []),
        ("", []),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert texts(text, EN) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("はい。承知しました。ご注文番号をどうぞ。", ["はい。", "承知しました。", "ご注文番号をどうぞ。"]),
        ("本当ですか？はい！", ["本当ですか？", "はい！"]),
        ("「はい。」とお答えください。", ["「はい。」", "とお答えください。"]),
        ("、。", []),
    ],
)
def test_japanese(text: str, expected: list[str]) -> None:
    assert texts(text, JA) == expected


def test_a_long_sentence_is_cut_at_its_commas_with_shorter_pauses() -> None:
    text = (
        "二十八日は配送センターがたいへん混み合っておりますので、お届けは翌日の午前中、"
        "または午後の二時から四時のあいだ、あるいは夜の七時以降になります。"
    )
    found = pieces(text, JA)
    assert len(found) > 1
    assert "".join(piece.text for piece in found) == text
    assert [piece.pause_ms for piece in found] == [CLAUSE_PAUSE_MS] * (len(found) - 1) + [0]


def test_pauses_stand_between_sentences_only() -> None:
    assert [piece.pause_ms for piece in pieces("A b. C d. E f.", EN)] == [SENTENCE_PAUSE_MS, SENTENCE_PAUSE_MS, 0]


@given(st.text(alphabet="ab1.,!? \nはい。、！「」日", max_size=200), st.sampled_from([EN, JA]))
def test_nothing_that_can_be_said_is_lost(text: str, language: Language) -> None:
    joined = "".join(texts(text, language))
    assert [c for c in joined if c.isalnum()] == [c for c in text if c.isalnum()]
