"""Sound through the buffers at either end of a bridge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import Samples, tone
from voicebot.channels.line import CallDetails
from voicebot.media import FRAME_SAMPLES, RATE, JitterBuffer, Outlet
from voicebot.media.jitter import MOST_MS, TARGET_MS

MS = RATE // 1000


def taken(buffer: JitterBuffer) -> Samples:
    frame = buffer.take()
    return np.zeros(FRAME_SAMPLES, np.int16) if frame is None else frame


def test_even_sound_passes_unchanged_after_the_first_fade() -> None:
    buffer, sound = JitterBuffer(), tone((440.0,), 3000, RATE).samples
    out = []
    for at in range(0, len(sound), FRAME_SAMPLES):
        buffer.put(sound[at : at + FRAME_SAMPLES])
        out.append(taken(buffer))
    got = np.concatenate(out)
    delay = TARGET_MS * MS - FRAME_SAMPLES
    assert not got[:delay].any()
    assert np.array_equal(got[delay + 100 : RATE], sound[100 : RATE - delay])
    assert buffer.dry_times == 0
    spared = buffer.dropped_samples
    assert np.array_equal(got[2 * RATE :], sound[2 * RATE - delay + spared :][: len(got) - 2 * RATE])
    assert buffer.held_ms == 10


@given(st.lists(st.integers(0, 12), min_size=1, max_size=120))
def test_bursts_never_make_it_late_for_long(bursts: list[int]) -> None:
    """However sound comes, what waits is bounded, and a frame is always a frame."""
    buffer = JitterBuffer()
    for frames in bursts:
        for _ in range(frames):
            buffer.put(np.full(FRAME_SAMPLES, 100, np.int16))
        frame = buffer.take()
        assert frame is None or frame.shape == (FRAME_SAMPLES,)
        assert buffer.held_ms <= MOST_MS


def test_a_standing_excess_is_given_up_without_a_click() -> None:
    buffer, sound = JitterBuffer(), tone((300.0,), 12_000, RATE).samples
    buffer.put(sound[: 80 * MS])
    at, out = 80 * MS, []
    while at < len(sound):
        out.append(taken(buffer))
        buffer.put(sound[at : at + FRAME_SAMPLES])
        at += FRAME_SAMPLES
    assert buffer.held_ms <= TARGET_MS
    assert buffer.dropped_samples > 0
    steps = np.abs(np.diff(np.concatenate(out).astype(np.int64)))
    assert steps.max() <= 1.6 * np.abs(np.diff(sound.astype(np.int64))).max()


def test_a_stall_is_caught_up_at_once() -> None:
    buffer = JitterBuffer()
    buffer.put(np.full(1000 * MS, 50, np.int16))
    assert buffer.take() is not None
    assert buffer.held_ms == TARGET_MS


def test_uneven_sound_gets_the_reserve_it_needs() -> None:
    """Arrivals that are late by up to 25 ms run it dry a few times, and then no more."""
    buffer, due_ms, dry = JitterBuffer(), [], []
    for number in range(3000):
        due_ms.append(number * 20 + (25 if number % 7 == 0 else 0))
    for now_ms in range(0, 60_000, 20):
        for at in [at for at in due_ms[:3] if at <= now_ms]:
            due_ms.remove(at)
            buffer.put(np.full(FRAME_SAMPLES, 500, np.int16))
        buffer.take()
        dry.append(buffer.dry_times)
    assert dry[-1] <= 12
    assert dry[-1] - dry[500] <= 8


def test_running_dry_fades_out_and_waits_for_the_target_again() -> None:
    buffer = JitterBuffer()
    buffer.put(np.full(TARGET_MS * MS + 100, 8000, np.int16))
    assert buffer.take() is not None and buffer.take() is not None
    last = buffer.take()
    assert last is not None and last[99] == 0 and not last[100:].any()
    assert buffer.dry_times == 1
    buffer.put(np.full(FRAME_SAMPLES, 8000, np.int16))
    assert buffer.take() is None
    buffer.put(np.full(FRAME_SAMPLES, 8000, np.int16))
    risen = buffer.take()
    assert risen is not None and risen[0] == 0 and risen[-1] == 8000


class Wire:
    """A line that sends what the test lets it send."""

    def __init__(self, rate: int) -> None:
        self.rate, self.queue = rate, 0
        self.sent: list[Samples] = []
        self.details = CallDetails(None, "x")

    @property
    def queued_samples(self) -> int:
        return self.queue

    def play(self, samples: Samples) -> None:
        self.sent.append(samples)
        self.queue += len(samples)

    def flush(self) -> int:
        dropped, self.queue = self.queue, 0
        return dropped

    def send(self, ms: float) -> None:
        self.queue = max(0, self.queue - round(ms * self.rate / 1000))


@pytest.mark.parametrize("rate", [8000, 16000])
@given(waits=st.lists(st.sampled_from([0, 20, 20, 20, 20, 40, 60]), min_size=1, max_size=200))
def test_what_waits_on_a_line_is_bounded(rate: int, waits: list[int]) -> None:
    wire = Wire(rate)
    outlet = Outlet(wire)  # type: ignore[arg-type]
    for ms in waits:
        outlet.push(np.full(FRAME_SAMPLES, 1000, np.int16))
        assert wire.queue <= rate * 80 // 1000
        wire.send(ms)


def test_an_even_line_keeps_a_small_cushion() -> None:
    wire = Wire(8000)
    outlet = Outlet(wire)  # type: ignore[arg-type]
    for number in range(500):
        outlet.push(np.full(FRAME_SAMPLES, 1000, np.int16))
        wire.send(20 if number else 0)
    assert outlet.empty_times == 1
    assert 8000 * 5 // 1000 <= wire.queue <= 8000 * 20 // 1000


def test_a_cushion_that_is_not_needed_is_given_up() -> None:
    wire = Wire(16000)
    outlet = Outlet(wire)  # type: ignore[arg-type]
    wire.play(np.zeros(16000 * 55 // 1000, np.int16))
    for _ in range(200):
        outlet.push(np.full(FRAME_SAMPLES, 1000, np.int16))
        wire.send(20)
    assert wire.queue <= 16000 * 20 // 1000


def test_a_shut_way_out_says_nothing_and_drops_what_waits() -> None:
    wire = Wire(8000)
    outlet = Outlet(wire)  # type: ignore[arg-type]
    outlet.push(np.full(FRAME_SAMPLES, 1000, np.int16))
    outlet.shut()
    assert wire.queue == 0
    count = len(wire.sent)
    outlet.push(np.full(FRAME_SAMPLES, 1000, np.int16))
    assert len(wire.sent) == count
    outlet.reopen()
    outlet.push(np.full(FRAME_SAMPLES, 1000, np.int16))
    assert len(wire.sent) > count
