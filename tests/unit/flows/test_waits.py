"""Places and waits as words: ranges only, in both languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import EN, JA
from voicebot.flows.waits import place_words, wait_words


@pytest.mark.parametrize(
    ("low", "high", "en", "ja"),
    [
        (0, 1, "under a minute", "1分以内"),
        (1, 3, "about one to three minutes", "1分から3分"),
        (18, 25, "about 18 to 25 minutes", "18分から25分"),
        (0, 4, "under four minutes", "4分以内"),
        (5, 5, "about five to six minutes", "5分から6分"),
    ],
)
def test_waits(low: int, high: int, en: str, ja: str) -> None:
    assert wait_words(low, high, EN) == en
    assert wait_words(low, high, JA) == ja


@given(st.integers(-2, 300), st.integers(-2, 300))
def test_never_one_number(low: int, high: int) -> None:
    for language in (EN, JA):
        words = wait_words(low, high, language)
        numbers = re.findall(r"\d+", words)
        assert "under" in words or "以内" in words or len(numbers) in (0, 2)
        assert "-" not in words


def test_places() -> None:
    assert [place_words(n, EN) for n in (1, 2, 10, 11)] == ["next", "second", "tenth", "number 11"]
    assert place_words(2, JA) == "2番目"
