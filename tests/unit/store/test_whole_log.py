"""A log is read to its end, in order and each event once, however its pages fall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from voicebot.domain import EN, ConversationId, Heard, Recorded, Source, UtteranceId
from voicebot.store import whole_log

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NAME = ConversationId("c-1")


class _Kept:
    """A log of so many events that counts how often it is asked."""

    def __init__(self, events: int) -> None:
        words = (
            Heard(utterance=UtteranceId(f"u{n}"), text="hi", language=EN, source=Source.TEXT) for n in range(events)
        )
        self.log = [Recorded(NAME, seq, AT, event) for seq, event in enumerate(words, 1)]
        self.asked: list[tuple[int, int]] = []

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        assert conversation == NAME
        self.asked.append((after_seq, limit))
        return self.log[after_seq : after_seq + limit]


@pytest.mark.parametrize("events", [0, 1, 4, 5, 6, 10, 13])
async def test_every_event_comes_once_and_in_order(events: int) -> None:
    kept = _Kept(events)
    assert await whole_log(kept, NAME, page=5) == tuple(kept.log)
    assert kept.asked == [(at, 5) for at in range(0, events + 1, 5)]


@pytest.mark.parametrize(("most", "asked"), [(3, [(0, 3)]), (5, [(0, 5)]), (7, [(0, 5), (5, 2)]), (0, [])])
async def test_no_more_is_read_than_is_wanted(most: int, asked: list[tuple[int, int]]) -> None:
    kept = _Kept(13)
    assert await whole_log(kept, NAME, most=most, page=5) == tuple(kept.log[:most])
    assert kept.asked == asked


async def test_a_log_shorter_than_what_is_wanted_is_read_to_its_end() -> None:
    kept = _Kept(6)
    assert await whole_log(kept, NAME, most=100, page=5) == tuple(kept.log)
