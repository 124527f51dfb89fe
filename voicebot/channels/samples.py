"""Samples in a row, waiting for their turn."""

from __future__ import annotations

from collections import deque

import numpy as np

from voicebot.channels.line import Samples

_NOTHING: Samples = np.zeros(0, np.int16)


class SampleQueue:
    """Samples in order; cheap to take from the front and to put back there."""

    def __init__(self) -> None:
        self._parts: deque[Samples] = deque()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, samples: Samples) -> None:
        """Add behind."""
        if samples.size:
            self._parts.append(samples)
            self._length += int(samples.size)

    def prepend(self, samples: Samples) -> None:
        """Add in front."""
        if samples.size:
            self._parts.appendleft(samples)
            self._length += int(samples.size)

    def take(self, count: int) -> Samples:
        """Remove up to ``count`` samples from the front."""
        taken: list[Samples] = []
        while count > 0 and self._parts:
            part = self._parts.popleft()
            if part.size > count:
                self._parts.appendleft(part[count:])
                part = part[:count]
            taken.append(part)
            count -= int(part.size)
            self._length -= int(part.size)
        return np.concatenate(taken) if taken else _NOTHING

    def clear(self) -> int:
        """Remove everything; returns how much that was."""
        dropped = self._length
        self._parts.clear()
        self._length = 0
        return dropped
