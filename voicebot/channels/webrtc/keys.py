"""Key presses as browsers send them: RFC 4733 events beside the sound, or messages of the data channel."""

from __future__ import annotations

_DIGITS = "0123456789*#ABCD"


class KeyEvents:
    """Reports each press once; its packets are sent again and again while the key is down, and three times after."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None

    def take(self, source: int, timestamp: int, payload: bytes) -> str | None:
        """The digit of a new press. ``timestamp`` is the moment it began, the same in all its packets."""
        if len(payload) < 4 or payload[0] >= len(_DIGITS) or self._last == (source, timestamp):
            return None
        self._last = (source, timestamp)
        return _DIGITS[payload[0]]


def digit_of(value: object) -> str | None:
    """The digit of a message; None when it is none."""
    digit = value.upper() if isinstance(value, str) and len(value) == 1 else ""
    return digit if digit and digit in _DIGITS else None
