"""How likely the caller speaks, frame by frame, on the clock of the line; may be closed for a while."""

from __future__ import annotations

from collections.abc import Iterator

from voicebot.audio import NoiseEstimate, Samples, SpeechDetector
from voicebot.conversation.memory import SoundMemory

_FRAME_MS = 32


class Ear:
    """``noise``: the loudness of what is not speech."""

    def __init__(self, detector: SpeechDetector, rate: int, memory: SoundMemory) -> None:
        self._detector, self._rate, self._memory = detector, rate, memory
        self._activity = detector.open(rate)
        self._heard = self._judged = 0
        self._open = True
        self.noise = NoiseEstimate()

    def hear(self, samples: Samples) -> Iterator[tuple[int, float]]:
        """For every whole frame the time of its end in milliseconds of the call, and the probability of speech."""
        if not self._open:
            self._activity = self._detector.open(self._rate)
            self._judged, self._open = self._heard, True
        self._heard += len(samples)
        for probability in self._activity.feed(samples):
            self._judged += self._activity.frame_samples
            now_ms = self._judged * 1000 // self._rate
            self.noise.feed(self._memory.between(now_ms - _FRAME_MS, now_ms), probability)
            yield now_ms, probability

    def miss(self, samples: Samples) -> int:
        """Sound that is none of our business; returns the time of its end."""
        self._open = False
        self._heard += len(samples)
        return self._heard * 1000 // self._rate
