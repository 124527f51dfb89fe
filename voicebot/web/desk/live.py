"""Lines that people of the desk come in by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from voicebot.channels.line import CallDetails, VoiceLine


class Headset(Protocol):
    """Browsers as telephones."""

    async def answer(self, sdp: str, details: CallDetails) -> tuple[VoiceLine, str]:
        """A line for this offer, and the answer to send back. The line connects after the browser has the answer.

        Raises:
            ChannelError: the offer cannot be used, or too many are connected.
        """
        ...


class Dialler(Protocol):
    """SIP phones."""

    async def dial(self, uri: str, headers: Mapping[str, str], timeout_s: float) -> VoiceLine:
        """Ring a phone until it is answered.

        Raises:
            ChannelError: busy, declined, nobody answered, or there is no telephone here.
        """
        ...
