"""The data channel beside the sound: JSON objects both ways, bounded in size and number."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Mapping

from aiortc import RTCDataChannel

from voicebot.channels.rate import TokenBucket
from voicebot.clock import Clock
from voicebot.domain import Json

_LARGEST_MESSAGE = 2048
_MESSAGES_BURST, _MESSAGES_PER_S = 50.0, 10.0
_WAITING_MESSAGES = 200


class SideChannel:
    """What is said before the page has opened its channel waits; what a page sends is read with suspicion."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._channel: RTCDataChannel | None = None
        self._unsent: deque[str] = deque(maxlen=_WAITING_MESSAGES)
        self._allowance = TokenBucket.full(_MESSAGES_BURST, _MESSAGES_PER_S, clock.monotonic())

    @property
    def open(self) -> bool:
        """Whether messages arrive."""
        return self._channel is not None and self._channel.readyState == "open"

    def attach(self, channel: RTCDataChannel) -> bool:
        """Use the channel a page has opened; False for every one after the first."""
        if self._channel is not None:
            return False
        self._channel = channel
        while self._unsent:
            channel.send(self._unsent.popleft())
        return True

    def say(self, message: Mapping[str, Json]) -> None:
        """Send, or keep until the channel is there."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        if self._channel is None:
            self._unsent.append(text)
        elif self.open:
            self._channel.send(text)

    def read(self, raw: str | bytes) -> Mapping[str, Json] | None:
        """The message of a page; None for what is none, is too large, or comes too fast."""
        self._allowance, wait_s = self._allowance.take(self._clock.monotonic())
        if wait_s > 0 or not isinstance(raw, str) or len(raw) > _LARGEST_MESSAGE:
            return None
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError):
            return None
        return message if isinstance(message, dict) else None


def time_of(value: Json) -> float:
    """A page's own time, to be given back to it; 0 when it is no number."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else 0
