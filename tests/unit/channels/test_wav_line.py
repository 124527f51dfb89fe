from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from voicebot.audio import Pcm, concat, tone
from voicebot.channels.line import Dtmf, Frame, LineEnded, LineEvent, VoiceLine
from voicebot.channels.wav_line import CallerManner, PressedKeys, WavLine, split_at_silences


class TurnedClock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


def caller(*parts: Pcm | PressedKeys, manner: CallerManner | None = None) -> WavLine:
    return WavLine(parts, clock=TurnedClock(), called="shop-en", caller="+441", manner=manner)


def says(ms: int) -> Pcm:
    return tone((440.0,), ms, 8000)


def loud(frame: Frame) -> bool:
    return int(np.abs(frame.samples.astype(np.int32)).max()) > 500


async def test_it_speaks_when_the_prompt_is_over_and_hangs_up_at_the_end() -> None:
    line = caller(says(400), says(400), manner=CallerManner(gap_ms=500, linger_ms=2000))
    assert isinstance(line, VoiceLine)
    await line.answer()
    line.play(says(1000).samples)
    events: list[LineEvent] = []
    answered = 0
    async for event in line.frames():
        events.append(event)
        if isinstance(event, Frame) and len(events) >= 2 and not loud(event):
            before = events[-2]
            if isinstance(before, Frame) and loud(before) and answered < 2:
                answered += 1
                line.play(says(1000).samples)
    spoken_at = [frame.at_samples for frame in events if isinstance(frame, Frame) and loud(frame)]
    first, second = spoken_at[0], next(b for a, b in pairwise(spoken_at) if b - a > 160)
    assert 1460 <= first / 8 <= 1560
    assert 1900 + 1460 <= second / 8 <= 1900 + 1600
    assert events[-1] == LineEnded("caller", "recording over")
    clock = [event for event in events if isinstance(event, Frame)]
    assert all(a.end_samples == b.at_samples for a, b in pairwise(clock))
    assert line.played_samples == 24000
    assert len(line.heard) == clock[-1].end_samples + 160


async def test_patience_keys_and_no_prompt() -> None:
    line = caller(PressedKeys("12#"), manner=CallerManner(patience_ms=1000))
    await line.answer()
    events = [event async for event in line.frames()]
    assert [event.digit for event in events if isinstance(event, Dtmf)] == ["1", "2", "#"]


async def test_pause_holds_and_flush_drops() -> None:
    line = caller(says(100), manner=CallerManner(patience_ms=5000))
    await line.answer()
    line.play(says(1000).samples)
    frames = line.frames()
    for _ in range(10):
        await anext(frames)
    line.pause()
    held = line.played_samples
    for _ in range(10):
        await anext(frames)
    assert line.played_samples == held and line.queued_samples == 8000 - held
    line.resume()
    await anext(frames)
    await anext(frames)
    assert line.played_samples > held
    assert line.flush() == 8000 - line.played_samples and line.queued_samples == 0
    await line.hang_up("enough")
    rest = [event async for event in frames]
    assert rest[-1] == LineEnded("us", "enough")
    line.play(says(10).samples)
    assert line.queued_samples == 0


async def test_a_caller_who_does_not_wait_talks_over_the_bot() -> None:
    line = caller(says(300), manner=CallerManner(waits=False, linger_ms=200))
    await line.answer()
    line.play(says(5000).samples)
    first = await anext(line.frames())
    assert isinstance(first, Frame) and loud(first)
    await line.hang_up()


def test_a_recording_is_cut_at_long_silences() -> None:
    recording = concat([Pcm.silence(500, 8000), says(700), Pcm.silence(400, 8000), says(300)])
    recording = concat([recording, Pcm.silence(2500, 8000), says(900), Pcm.silence(3000, 8000)])
    first, second = split_at_silences(recording)
    assert abs(first.ms - (700 + 400 + 300 + 400)) <= 40
    assert abs(second.ms - (900 + 400)) <= 40


def test_silence_alone_has_no_parts() -> None:
    assert split_at_silences(Pcm.silence(5000, 8000)) == ()
    assert split_at_silences(Pcm.silence(0, 8000)) == ()
