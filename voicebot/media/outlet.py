"""The way out of a bridge: even frames into one line, whose queue is kept short and never quite empty."""

from __future__ import annotations

import numpy as np

from voicebot.audio import Samples, StreamResampler
from voicebot.channels.line import VoiceLine
from voicebot.media.jitter import crossfaded, risen
from voicebot.media.mixer import FRAME_MS, RATE

MOST_MS = 60
_RESERVE_MS, _SLACK_MS = 10, 5
_WINDOW_FRAMES = 50


class Outlet:
    """Frames at 16 kHz for one line of any rate.

    A frame that finds the line's queue empty is preceded by one of silence, as a cushion against the next delay. When
    more than ``MOST_MS`` wait, frames are left out until they do not; a cushion that was more than needed for a second
    is taken off a frame. What is left out is faded over.
    """

    def __init__(self, line: VoiceLine) -> None:
        self._line = line
        self._resample = StreamResampler(RATE, line.rate)
        self._left_out: Samples | None = None
        self._least_ms = float(MOST_MS)
        self._frames = 0
        self.open = True
        self.skipped_frames = 0
        self.empty_times = 0

    def push(self, frame: Samples) -> None:
        """Give one frame to the line; one on which nothing is to be heard now takes none."""
        if not self.open:
            return
        waits_ms = self._line.queued_samples * 1000 / self._line.rate
        if self._left_out is not None:
            if waits_ms > MOST_MS:
                self.skipped_frames += 1
                return
            frame, self._left_out = crossfaded(self._left_out, frame), None
        elif waits_ms > MOST_MS:
            self._left_out, self._frames = frame, 0
            self.skipped_frames += 1
            return
        else:
            frame = self._fitted(frame, waits_ms)
        self._line.play(self._resample.feed(frame))

    def shut(self) -> None:
        """Somebody else speaks on the line now: what waits is dropped, and nothing more comes."""
        if self.open:
            self.open = False
            self._left_out = None
            self._line.flush()

    def reopen(self) -> None:
        """Sound may flow again."""
        self.open = True
        self._least_ms, self._frames = float(MOST_MS), 0

    def _fitted(self, frame: Samples, waits_ms: float) -> Samples:
        """The frame, shortened when the cushion under it was more than needed for a second."""
        if waits_ms < 1.0:
            self.empty_times += 1
            self._line.play(np.zeros(self._line.rate * FRAME_MS // 1000, np.int16))
            waits_ms, frame = waits_ms + FRAME_MS, risen(frame)
        self._least_ms = min(self._least_ms, waits_ms)
        self._frames += 1
        if self._frames < _WINDOW_FRAMES:
            return frame
        spare_ms, self._least_ms, self._frames = self._least_ms - _RESERVE_MS, float(MOST_MS), 0
        count = min(round(spare_ms * RATE / 1000), len(frame) // 2)
        return frame if spare_ms <= _SLACK_MS else crossfaded(frame[:-count], frame[count:])
