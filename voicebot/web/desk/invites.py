"""Invitations to a colleague's contact: a signed word that is good for one person, one contact and a while."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from voicebot.clock import Clock
from voicebot.domain import AgentId, HandoffId

GOOD_FOR = timedelta(minutes=15)
_PURPOSE = b"voicebot desk invitations v1"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may come into which contact until when."""

    contact: HandoffId
    agent: AgentId
    until: datetime


class Invitations:
    """Made and read with the product's secret; nothing is kept."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key, self._clock = hmac.digest(secret, _PURPOSE, "sha256"), clock

    def make(self, contact: HandoffId, agent: AgentId) -> str:
        """A word for this agent."""
        until = int((self._clock.now() + GOOD_FOR).timestamp())
        said = f"{until}\n{contact}\n{agent}".encode()
        return f"{_text(said)}.{_text(self._sign(said))}"

    def read(self, word: str | None, agent: AgentId) -> Invitation | None:
        """What it opens for this agent; None when it is forged, over, or somebody else's."""
        said, _, signature = (word or "").partition(".")
        try:
            plain, given = _bytes(said), _bytes(signature)
        except ValueError:
            return None
        if not hmac.compare_digest(given, self._sign(plain)):
            return None
        until_s, contact, invited = plain.decode().split("\n")
        until = datetime.fromtimestamp(int(until_s), UTC)
        if invited != agent or until < self._clock.now():
            return None
        return Invitation(HandoffId(contact), AgentId(invited), until)

    def _sign(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
