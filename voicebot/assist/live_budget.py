"""How much the assist may listen to at once: words are passed over before anybody has to wait for it.

Matching and understanding take processor time that calls, chats and the bot need more. A bucket of utterances a second
is shared by all sessions of a process; what does not fit is not matched, now or later. Where the process is late with
its own work, the bucket fills more slowly: people's words go first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from voicebot.clock import Clock

_log = logging.getLogger(__name__)

PER_S, BURST = 10.0, 30.0
"""Utterances a second, and at once. A hundred people who talk make about ten a second."""
CALM_S = 0.02
"""An event loop that is later than this has too much to do; twice as late means half as many utterances."""
_TELL_S = 60.0


class Budget:
    """One per process. ``late``: how late the event loop is now, in seconds."""

    def __init__(
        self, clock: Clock, per_s: float = PER_S, burst: float = BURST, late: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._clock, self._per_s, self._burst, self._late = clock, per_s, burst, late
        self._left, self._at_s = burst, clock.monotonic()
        self._told_s = self._at_s - _TELL_S
        self.passed_over = 0

    def take(self) -> bool:
        """Whether one more utterance may be matched now."""
        now_s = self._clock.monotonic()
        share = CALM_S / max(self._late(), CALM_S)
        self._left = min(max(self._burst * share, 1.0), self._left + (now_s - self._at_s) * self._per_s * share)
        self._at_s = now_s
        if self._left >= 1.0:
            self._left -= 1.0
            return True
        self.passed_over += 1
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            _log.warning("more is said than the assist can follow: %d utterances passed over so far", self.passed_over)
        return False
