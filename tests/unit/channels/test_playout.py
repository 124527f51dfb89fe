"""The account of outgoing sound against a model of the native queue."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.channels.line import Samples
from voicebot.channels.samples import SampleQueue
from voicebot.channels.sip.playout import Playout

AHEAD = 2400
PACKET = 160


class Native:
    """The engine's queue: takes what fits, sends a packet per tick, drops all at the first tick after a flush."""

    def __init__(self, capacity: int = 16384) -> None:
        self.capacity = capacity
        self.queue: list[int] = []
        self.sent: list[int] = []
        self.thrown = 0
        self.flush_asked = False

    def write(self, samples: Samples) -> int:
        taken = samples[: self.capacity - len(self.queue)]
        self.queue += taken.tolist()
        return int(taken.size)

    def tick(self) -> None:
        if self.flush_asked:
            self.thrown += len(self.queue)
            self.queue, self.flush_asked = [], False
        self.sent += self.queue[:PACKET]
        self.queue = self.queue[PACKET:]

    def restart(self) -> None:
        self.queue, self.thrown, self.flush_asked = [], 0, False


class Line:
    """Joins the two as a call does."""

    def __init__(self) -> None:
        self.playout, self.native, self.now, self.given = Playout(AHEAD), Native(), 0.0, 0

    def play(self, count: int) -> None:
        self.playout.give(np.arange(self.given, self.given + count).astype(np.int16))
        self.given += count
        self.poll()

    def poll(self) -> None:
        self.playout.observe(len(self.native.queue), self.native.thrown, self.now)
        samples = self.playout.take(self.playout.due())
        if samples.size:
            self.playout.offered(samples, self.native.write(samples))

    def wait(self, ticks: int) -> None:
        for _ in range(ticks):
            self.now += 0.02
            self.native.tick()
            self.poll()

    def pause(self) -> None:
        self.playout.observe(len(self.native.queue), self.native.thrown, self.now)
        if self.playout.pause(self.now):
            self.native.flush_asked = True

    def drop(self) -> int:
        self.playout.observe(len(self.native.queue), self.native.thrown, self.now)
        dropped, native = self.playout.drop(self.now)
        if native:
            self.native.flush_asked = True
        return dropped


def test_the_native_queue_gets_no_more_than_allowed_ahead() -> None:
    line = Line()
    line.play(20000)
    assert len(line.native.queue) == AHEAD
    assert line.playout.queued == 20000 and line.playout.left == 0
    line.wait(10)
    assert line.playout.left == 1600 and line.playout.queued == 18400


def test_pause_takes_back_what_the_native_queue_held() -> None:
    line = Line()
    line.play(8000)
    line.wait(5)
    line.pause()
    line.wait(20)
    assert line.playout.left == 800 and line.playout.queued == 7200
    line.playout.resume()
    line.poll()
    line.wait(60)
    assert line.native.sent == list(range(8000))
    assert line.playout.left == 8000


def test_drop_forgets_and_new_sound_is_not_swallowed_by_the_flush() -> None:
    line = Line()
    line.play(8000)
    line.wait(5)
    assert line.drop() == 7200
    line.play(320)
    assert line.playout.queued == 320
    line.wait(6)
    assert line.native.sent == [*range(800), *range(8000, 8320)]
    assert line.playout.left == 1120 and line.playout.queued == 0


def test_pause_on_the_last_packet_settles() -> None:
    line = Line()
    line.play(160)
    line.pause()
    line.native.flush_asked = False
    line.native.tick()
    line.wait(6)
    assert line.playout.left == 160
    line.playout.resume()
    line.play(160)
    line.wait(2)
    assert line.playout.left == 320


def test_a_restart_of_the_streams_loses_nothing() -> None:
    line = Line()
    line.play(8000)
    line.wait(5)
    line.native.restart()
    line.playout.restarted()
    line.poll()
    line.wait(60)
    assert line.native.sent == list(range(8000)) and line.playout.left == 8000


def test_sample_queue_keeps_order() -> None:
    queue = SampleQueue()
    queue.append(np.array([2, 3], np.int16))
    queue.append(np.array([4], np.int16))
    queue.prepend(np.array([1], np.int16))
    queue.append(np.zeros(0, np.int16))
    assert queue.take(3).tolist() == [1, 2, 3] and len(queue) == 1
    assert queue.take(9).tolist() == [4] and queue.take(1).size == 0
    assert queue.clear() == 0


steps = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 6000)),
        st.tuples(st.just("wait"), st.integers(1, 30)),
        st.tuples(st.sampled_from(["pause", "resume", "drop", "restart"]), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_every_sample_is_accounted_for(script: list[tuple[str, int]]) -> None:
    line, dropped_any = Line(), False
    for what, number in script:
        match what:
            case "play":
                line.play(number)
            case "wait":
                line.wait(number)
            case "pause":
                line.pause()
            case "resume":
                line.playout.resume()
            case "drop":
                dropped_any |= line.drop() > 0
            case _:
                line.native.restart()
                line.playout.restarted()
    line.playout.resume()
    line.wait(2000)
    assert line.playout.queued == 0
    assert line.playout.left == len(line.native.sent)
    assert line.native.sent == sorted(set(line.native.sent))
    if not dropped_any:
        assert len(line.native.sent) == line.given
