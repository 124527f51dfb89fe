"""Who may hear whom when people talk on one line."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a party is to the others.

    ``expert`` is a second agent whom the customer hears too; ``listener``, ``whisperer`` and ``speaker`` are the three
    ways of a supervisor; ``bot`` is the product's own voice, which reaches the customer by another way.
    """

    CUSTOMER = "customer"
    LEAD = "lead"
    EXPERT = "expert"
    LISTENER = "listener"
    WHISPERER = "whisperer"
    SPEAKER = "speaker"
    BOT = "bot"

    @property
    def talks(self) -> bool:
        """The customer hears this party."""
        return self in _TALKERS


_TALKERS = frozenset({Role.LEAD, Role.EXPERT, Role.SPEAKER})
_ROOM = _TALKERS | {Role.CUSTOMER, Role.BOT}
_HEARS = {
    Role.CUSTOMER: _TALKERS,
    Role.LEAD: _ROOM | {Role.WHISPERER},
    Role.EXPERT: _ROOM,
    Role.SPEAKER: _ROOM,
    Role.WHISPERER: _ROOM,
    Role.LISTENER: _ROOM,
    Role.BOT: frozenset[Role](),
}


def may_hear(listener: Role, other: Role, *, on_hold: bool = False) -> bool:
    """Whether ``listener`` hears ``other``. On hold the customer is cut off both ways.

    A whisper is for the lead alone, so no other supervisor hears it either.
    """
    if on_hold and Role.CUSTOMER in (listener, other):
        return False
    return other in _HEARS[listener]
