"""Which samples wait here, which lie in the native queue, and which have left: kept exact through flush and restart.

The native side plays from a queue of its own, so that sound goes on while Python is busy. It reports, for the current
stream, how many samples it still holds and how many it has thrown away on request. Everything else follows:
``left = written - thrown_away - held``.
"""

from __future__ import annotations

from typing import Literal

from voicebot.channels.line import Samples
from voicebot.channels.samples import SampleQueue


class Playout:
    """The account of one call's outgoing sound. Pure: the caller moves the samples and reports the native counters.

    ``ahead_samples`` bounds what is handed to the native queue at once. ``settle_s`` is how long a requested native
    flush may take before it counts as done although nothing was thrown away (the queue had just run dry).
    """

    def __init__(self, ahead_samples: int, settle_s: float = 0.06) -> None:
        self._ahead = ahead_samples
        self._settle_s = settle_s
        self._waiting = SampleQueue()
        self._native = SampleQueue()
        self._left = 0
        self._thrown = 0
        self._held = 0
        self._paused = False
        self._flushing: Literal["keep", "drop"] | None = None
        self._flush_asked = 0.0

    @property
    def left(self) -> int:
        """Samples that have left since the start."""
        return self._left

    @property
    def queued(self) -> int:
        """Samples given that have not left and were not dropped."""
        return len(self._waiting) + (0 if self._flushing == "drop" else len(self._native))

    @property
    def paused(self) -> bool:
        """Nothing more is handed out until :meth:`resume`."""
        return self._paused

    def give(self, samples: Samples) -> None:
        """Queue samples behind the others."""
        self._waiting.append(samples)

    def due(self) -> int:
        """How many samples the native queue should get now."""
        if self._paused or self._flushing is not None:
            return 0
        return max(0, min(self._ahead - self._held, len(self._waiting)))

    def take(self, count: int) -> Samples:
        """Take the next samples to offer to the native queue; report with :meth:`offered` how many it took."""
        return self._waiting.take(count)

    def offered(self, samples: Samples, accepted: int) -> None:
        """Of these samples from :meth:`take`, the first ``accepted`` are in the native queue; the rest come back."""
        self._native.append(samples[:accepted])
        self._waiting.prepend(samples[accepted:])
        self._held += accepted

    def observe(self, held: int, thrown: int, now: float) -> None:
        """Take in the native counters, in samples: what is held, and what was thrown away in all since the restart."""
        gone = max(0, thrown - self._thrown)
        self._thrown = max(thrown, self._thrown)
        left = max(0, len(self._native) - gone - held)
        self._native.take(left)
        self._left += left
        self._held = held
        if gone:
            returned = self._native.take(gone)
            if self._flushing != "drop":
                self._waiting.prepend(returned)
        if self._flushing and (gone or (held == 0 and now - self._flush_asked >= self._settle_s)):
            self._flushing = None

    def pause(self, now: float) -> bool:
        """Hold everything back. True when the native queue has to be flushed."""
        self._paused = True
        return self._ask("keep", now)

    def resume(self) -> None:
        """Go on where the sound was held back."""
        self._paused = False

    def drop(self, now: float) -> tuple[int, bool]:
        """Throw away what has not left. Returns the count and whether the native queue has to be flushed."""
        dropped = self.queued
        self._waiting.clear()
        self._paused = False
        if self._flushing == "keep":
            self._flushing = "drop"
            return dropped, False
        return dropped, self._ask("drop", now)

    def restarted(self) -> None:
        """The native streams were replaced: what they held is offered again, unless it was to be dropped."""
        rest = self._native.take(len(self._native))
        if self._flushing != "drop":
            self._waiting.prepend(rest)
        self._thrown = self._held = 0
        self._flushing = None

    def _ask(self, what: Literal["keep", "drop"], now: float) -> bool:
        if self._flushing is not None or len(self._native) == 0:
            return False
        self._flushing, self._flush_asked = what, now
        return True
