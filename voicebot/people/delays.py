"""How long sign-in has to wait after failures: growing, bounded, and never for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

FORGET = timedelta(hours=1)
"""Failures are forgotten after this long without another."""
KNOWN_FOR = timedelta(days=30)
"""How long an address counts as one where a login has signed in before."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The first ``free`` failures cost nothing, the next one second, then twice as long each, up to ``most_s``."""

    kind: str
    free: int
    most_s: int

    def delay(self, failures: int) -> timedelta:
        """How long nothing is taken after this many failures."""
        over = failures - self.free
        return timedelta(seconds=0 if over < 0 else min(2 ** min(over, 20), self.most_s))


PAIR = Limit("pair", free=5, most_s=300)
"""One login tried from one address."""
LOGIN = Limit("login", free=20, most_s=60)
"""One login tried from anywhere; does not hold up an address where its owner has signed in before, so that nobody can
keep a person out by guessing."""
ADDRESS = Limit("address", free=40, most_s=300)
"""Everything tried from one address; an office may share one."""


def key_of(kind: str, *parts: str) -> str:
    """Under which name attempts are counted; a digest, so that typed logins are not kept."""
    return hashlib.sha256("\x1f".join((kind, *parts)).encode()).hexdigest()
