"""Keys as they come in, put together to what the open question asks for."""

from __future__ import annotations

from voicebot.domain import KeypadSpec

BETWEEN_KEYS_MS = 4000
"""A number without terminator counts as complete this long after its last key."""


class KeypadEntry:
    """The keys pressed since the question was asked. Times are milliseconds on the line's clock."""

    def __init__(self) -> None:
        self._spec: KeypadSpec | None = None
        self._digits = ""
        self._last_ms = 0

    @property
    def open(self) -> bool:
        """Keys were pressed and the entry is not complete."""
        return bool(self._digits)

    def expect(self, spec: KeypadSpec | None) -> None:
        """A new question: what was keyed in for the last one is forgotten unless the question is the same."""
        if spec != self._spec:
            self._spec, self._digits = spec, ""

    def press(self, digit: str, at_ms: int) -> str | None:
        """One key. Returns the complete entry, or None while more is to come.

        Without a keypad question every key is an entry of its own: a menu choice, or 0 for a person.
        """
        if self._spec is None:
            return digit
        if digit == self._spec.terminator:
            entry, self._digits = self._digits, ""
            return entry or digit
        self._digits += digit
        self._last_ms = at_ms
        if len(self._digits) >= self._spec.max_digits:
            entry, self._digits = self._digits, ""
            return entry
        return None

    def tick(self, at_ms: int) -> str | None:
        """Time passes: an entry that nobody goes on with is complete."""
        if not self._digits or at_ms - self._last_ms < BETWEEN_KEYS_MS:
            return None
        entry, self._digits = self._digits, ""
        return entry
