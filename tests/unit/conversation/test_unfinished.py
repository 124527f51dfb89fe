"""What may be seen of words that are not over yet."""

from __future__ import annotations

import pytest

from voicebot.conversation.unfinished import shown_so_far
from voicebot.redaction import redact


def _masked(text: str) -> str:
    return redact(text).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my card is four one one one, one one", "my card is …"),
        ("カード番号は四一一一一一", "カード番号は …"),
        ("カード番号は4111の", "カード番号は …"),
        ("4111 1111 11", "…"),
        ("番号は090の1234で", "番号は …"),
        ("my number is 07700 900", "my number is …"),
        ("order A12345678 is really late", "order A12345678 is really late"),
        ("I've waited two weeks", "I've waited two weeks"),
        ("I need two of them.", "I need two of them."),
        ("二週間も待ってます", "二週間も待ってます"),
        ("", ""),
    ],
)
def test_a_row_of_digits_at_the_end_waits_for_what_follows(text: str, shown: str) -> None:
    assert shown_so_far(text, _masked) == shown


@pytest.mark.parametrize("card", ["4111 1111 1111 1111", "four one one one " * 4, "5500 0000 0000 0004"])
def test_no_beginning_of_a_card_number_is_ever_seen(card: str) -> None:
    whole = f"it is {card.strip()}"
    for end in range(len("it is "), len(whole) + 1):
        seen = shown_so_far(whole[:end], _masked).removeprefix("it is")
        assert sum(char.isdigit() for char in seen) < 3
        assert seen.count("one") < 3
