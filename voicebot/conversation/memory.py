"""The last seconds of the caller's sound, addressed by the line's clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicebot.channels.line import Frame


class SoundMemory:
    """Keeps the last ``keep_ms`` of sound in a ring; reading a stretch costs only its own length."""

    def __init__(self, rate: int, keep_ms: int = 30_000) -> None:
        self.rate = rate
        self._ring = np.zeros(keep_ms * rate // 1000, np.int16)
        self._first = 0
        self._end = 0

    def add(self, frame: Frame) -> None:
        """Take in the next frame; the line's clock has no holes."""
        samples = frame.samples[-len(self._ring) :]
        self._write(frame.end_samples - len(samples), samples)
        self._end = frame.end_samples
        self._first = max(self._first, self._end - len(self._ring))

    def between(self, from_ms: int, to_ms: int) -> NDArray[np.int16]:
        """Samples from ``from_ms`` to ``to_ms``; what is not there any more, or not yet, is left out."""
        start = max(from_ms * self.rate // 1000, self._first)
        stop = min(to_ms * self.rate // 1000, self._end)
        if stop <= start:
            return np.zeros(0, np.int16)
        at, size = start % len(self._ring), stop - start
        head = self._ring[at : at + size]
        return head.copy() if len(head) == size else np.concatenate([head, self._ring[: size - len(head)]])

    def _write(self, at_samples: int, samples: NDArray[np.int16]) -> None:
        at = at_samples % len(self._ring)
        fits = min(len(samples), len(self._ring) - at)
        self._ring[at : at + fits] = samples[:fits]
        self._ring[: len(samples) - fits] = samples[fits:]
