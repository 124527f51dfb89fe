"""Where somebody speaks in a stream of sound: pure, one probability per frame of the detector."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from voicebot.audio import Samples

RATE = 16000


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """Milliseconds and probabilities. ``pre_roll_ms`` of sound before the first speech belongs to a segment."""

    speech_on: float = 0.5
    speech_off: float = 0.35
    start_ms: int = 160
    stop_ms: int = 600
    longest_ms: int = 20_000
    pre_roll_ms: int = 300


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Somebody spoke from ``started_ms`` to ``ended_ms``; the sound at 16 kHz has some silence around it."""

    sound: Samples
    started_ms: int
    ended_ms: int

    @property
    def sound_ms(self) -> float:
        """Length of the sound."""
        return len(self.sound) * 1000 / RATE


class Segmenter:
    """Cuts a stream into segments. A segment that grows too long is cut, and the next begins at once."""

    def __init__(self, settings: SegmentSettings | None = None) -> None:
        self._settings = settings or SegmentSettings()
        self._before: deque[Samples] = deque()
        self._parts: list[Samples] = []
        self._started_ms: float | None = None
        self._speech_end_ms = 0.0
        self._run_ms = 0.0
        self._onset_ms = 0.0
        self._length_ms = 0.0
        self._now_ms = 0.0

    @property
    def open(self) -> bool:
        """Somebody is speaking."""
        return self._started_ms is not None

    @property
    def started_ms(self) -> int | None:
        """When the open segment began."""
        return None if self._started_ms is None else round(self._started_ms)

    @property
    def spoken_ms(self) -> int:
        """End of the last speech of the open segment."""
        return round(self._speech_end_ms)

    @property
    def quiet_ms(self) -> float:
        """How long nothing has been said in the open segment."""
        return self._now_ms - self._speech_end_ms if self._started_ms is not None else 0.0

    def so_far(self) -> Segment | None:
        """The open segment as it stands, which goes on; None when nobody speaks."""
        if self._started_ms is None or not self._parts or self._speech_end_ms <= self._started_ms:
            return None
        return Segment(np.concatenate(self._parts), round(self._started_ms), round(self._speech_end_ms))

    def feed(self, frame: Samples, probability: float, at_ms: float) -> Segment | None:
        """One frame that begins at ``at_ms``, with the probability that it is speech."""
        frame_ms = len(frame) * 1000 / RATE
        self._now_ms = at_ms + frame_ms
        if self._started_ms is None:
            self._wait(frame, probability, at_ms, frame_ms)
            return None
        self._parts.append(frame)
        self._length_ms += frame_ms
        if probability >= self._settings.speech_off:
            self._speech_end_ms = at_ms + frame_ms
        silent_ms = at_ms + frame_ms - self._speech_end_ms
        if silent_ms >= self._settings.stop_ms:
            return self.cut()
        if self._length_ms >= self._settings.longest_ms:
            segment = self.cut()
            self._begin(at_ms + frame_ms, at_ms + frame_ms)
            return segment
        return None

    def cut(self) -> Segment | None:
        """End the open segment here and forget what was heard; None when nobody speaks."""
        segment = self.so_far()
        self.forget()
        return segment

    def forget(self) -> None:
        """Drop everything that was heard."""
        self._before.clear()
        self._parts = []
        self._started_ms = None
        self._run_ms = self._length_ms = 0.0

    def _wait(self, frame: Samples, probability: float, at_ms: float, frame_ms: float) -> None:
        settings = self._settings
        self._before.append(frame)
        if probability >= settings.speech_on:
            if self._run_ms == 0:
                self._onset_ms = at_ms
            self._run_ms += frame_ms
        elif probability < settings.speech_off:
            self._run_ms = max(0.0, self._run_ms - 2 * frame_ms)
        if self._run_ms >= settings.start_ms:
            self._parts = list(self._before)
            self._length_ms = sum(len(part) for part in self._parts) * 1000 / RATE
            self._begin(self._onset_ms, at_ms + frame_ms)
            return
        keep_ms = settings.pre_roll_ms + (at_ms + frame_ms - self._onset_ms if self._run_ms else 0.0)
        while (sum(len(part) for part in self._before) - len(self._before[0])) * 1000 / RATE >= keep_ms:
            self._before.popleft()

    def _begin(self, started_ms: float, speech_end_ms: float) -> None:
        self._before.clear()
        self._started_ms, self._speech_end_ms = started_ms, speech_end_ms
        self._run_ms = 0.0
