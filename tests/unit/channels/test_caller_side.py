"""The caller's half of a line: order, its end, and a reader that does not keep up."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from voicebot.channels.caller_side import CallerSide
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, LineEvent

DETAILS = CallDetails("+441", "shop-en")


class _Line(CallerSide):
    def comes(self, *events: LineEvent) -> None:
        for event in events:
            self._push(event)


def sound(at_samples: int) -> Frame:
    return Frame(np.zeros(160, np.int16), at_samples)


def told(events: list[LineEvent]) -> list[object]:
    return [one.at_samples if isinstance(one, Frame) else one for one in events]


async def test_who_is_on_the_line_is_in_the_details() -> None:
    line = _Line(DETAILS)
    assert (line.details, line.caller, line.called, line.ended) == (DETAILS, "+441", "shop-en", None)


async def test_what_comes_is_read_in_order_until_the_end_however_late() -> None:
    line = _Line(DETAILS)
    frames = aiter(line.frames())
    waiting = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    key, end = Dtmf("5", 160), LineEnded("caller", "hung up")
    line.comes(sound(0))
    async with asyncio.timeout(5):
        first = await waiting
        line.comes(key, sound(160), end, sound(320))
        rest = [event async for event in frames]
    assert told([first, *rest]) == [0, key, 160, end]


@pytest.mark.parametrize(("backlog", "kept"), [(4, [320, 480]), (None, [0, 160, 320, 480])])
async def test_of_a_reader_that_sleeps_the_oldest_sound_is_dropped_and_no_key(
    backlog: int | None, kept: list[int]
) -> None:
    line = _Line(DETAILS, backlog)
    key, end = Dtmf("5", 0), LineEnded("us")
    line.comes(key, *(sound(at) for at in range(0, 640, 160)), end)
    async with asyncio.timeout(5):
        found = [event async for event in line.frames()]
    assert told(found) == [key, *kept, end]
