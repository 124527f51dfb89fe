"""Sound that comes in bursts, given out in even frames: little delay, and no clicks where some has to go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import Samples
from voicebot.channels.samples import SampleQueue
from voicebot.media.mixer import FRAME_SAMPLES, RATE

TARGET_MS = 40
MOST_MS = 100
_LEAST_RESERVE_MS, _MOST_RESERVE_MS, _RESERVE_STEP_MS = 10, 40, 10
_SLACK_MS = 5
_WINDOW_FRAMES = 50
_CALM_WINDOWS = 10
_FADE: NDArray[np.float32] = np.linspace(0.0, 1.0, FRAME_SAMPLES, dtype=np.float32)
_EDGE_SAMPLES = RATE * 4 // 1000
_EDGE: NDArray[np.float32] = np.linspace(0.0, 1.0, _EDGE_SAMPLES, dtype=np.float32)


def crossfaded(one: Samples, other: Samples) -> Samples:
    """From one frame into another of the same length: a stretch of sound is left out and nobody hears a click."""
    fade = _FADE if len(one) == FRAME_SAMPLES else np.linspace(0.0, 1.0, len(one), dtype=np.float32)
    faded: Samples = np.rint(one * (1.0 - fade) + other * fade).astype(np.int16)
    return faded


class JitterBuffer:
    """One party's way in. Pure: sound at 16 kHz goes in as it comes, a frame is taken every 20 ms.

    It waits for ``TARGET_MS`` before it begins, and again after it has run dry. What was never needed for a second is
    given up, but for a reserve that grows each time it runs dry and shrinks in calm; everything above the target goes
    as soon as it exceeds ``MOST_MS``.
    """

    def __init__(self) -> None:
        self._queue = SampleQueue()
        self._filling = True
        self._least = MOST_MS * RATE
        self._frames = 0
        self._reserve_ms = _LEAST_RESERVE_MS
        self._calm_windows = 0
        self.dropped_samples = 0
        self.dry_times = 0

    @property
    def held_ms(self) -> float:
        """How much waits."""
        return len(self._queue) * 1000 / RATE

    def put(self, samples: Samples) -> None:
        """Sound in order, any amount."""
        self._queue.append(samples)
        excess = len(self._queue) - 2 * MOST_MS * RATE // 1000
        if excess > 0:
            self._queue.take(excess)
            self.dropped_samples += excess

    def take(self) -> Samples | None:
        """The next frame; None while nothing is there to be heard."""
        if self._filling:
            if len(self._queue) < TARGET_MS * RATE // 1000:
                return None
            self._begin()
            return risen(self._next())
        if len(self._queue) < FRAME_SAMPLES:
            return self._last()
        return self._next()

    def _begin(self) -> None:
        self._filling = False
        self._least, self._frames = MOST_MS * RATE, 0

    def _next(self) -> Samples:
        frame = self._queue.take(FRAME_SAMPLES)
        if len(self._queue) + FRAME_SAMPLES > MOST_MS * RATE // 1000:
            return self._skip(frame, len(self._queue) - TARGET_MS * RATE // 1000)
        self._least = min(self._least, len(self._queue))
        self._frames += 1
        if self._frames < _WINDOW_FRAMES:
            return frame
        spare, self._least, self._frames = self._least - self._reserve(), MOST_MS * RATE, 0
        return self._skip(frame, spare) if spare > _SLACK_MS * RATE // 1000 else frame

    def _reserve(self) -> int:
        self._calm_windows += 1
        if self._calm_windows % _CALM_WINDOWS == 0:
            self._reserve_ms = max(_LEAST_RESERVE_MS, self._reserve_ms - _RESERVE_STEP_MS)
        return self._reserve_ms * RATE // 1000

    def _skip(self, frame: Samples, count: int) -> Samples:
        """Leave ``count`` samples out: the frame fades into the one that lies so much later."""
        self.dropped_samples += count
        self._least, self._frames = MOST_MS * RATE, 0
        return crossfaded(frame, np.concatenate([frame, self._queue.take(count)])[-FRAME_SAMPLES:])

    def _last(self) -> Samples | None:
        """Run dry: the rest, faded out."""
        self._filling = True
        self.dry_times += 1
        self._calm_windows = 0
        self._reserve_ms = min(_MOST_RESERVE_MS, self._reserve_ms + _RESERVE_STEP_MS)
        rest = self._queue.take(FRAME_SAMPLES)
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        if len(rest) == 0:
            return None
        edge = min(len(rest), _EDGE_SAMPLES)
        tail = rest[-edge:] * _EDGE[:edge][::-1]
        frame[: len(rest)] = rest
        frame[len(rest) - edge : len(rest)] = np.rint(tail).astype(np.int16)
        return frame


def risen(frame: Samples) -> Samples:
    """The frame, faded in over its first milliseconds: what comes after silence begins without a click."""
    begun = frame.copy()
    begun[:_EDGE_SAMPLES] = np.rint(frame[:_EDGE_SAMPLES] * _EDGE).astype(np.int16)
    return begun
