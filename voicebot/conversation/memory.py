"""The last seconds of the caller's sound, addressed by the line's clock."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from voicebot.channels.line import Frame


class SoundMemory:
    """Keeps ``keep_ms`` of sound; older frames fall out."""

    def __init__(self, rate: int, keep_ms: int = 30_000) -> None:
        self.rate = rate
        self._keep = keep_ms * rate // 1000
        self._frames: deque[Frame] = deque()

    def add(self, frame: Frame) -> None:
        """Take in the next frame."""
        self._frames.append(frame)
        while self._frames and self._frames[0].end_samples < frame.end_samples - self._keep:
            self._frames.popleft()

    def between(self, from_ms: int, to_ms: int) -> NDArray[np.int16]:
        """Samples from ``from_ms`` to ``to_ms``; what is not there any more is left out."""
        start, stop = from_ms * self.rate // 1000, to_ms * self.rate // 1000
        parts = [
            frame.samples[max(0, start - frame.at_samples) : max(0, stop - frame.at_samples)]
            for frame in self._frames
            if frame.end_samples > start and frame.at_samples < stop
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)
