"""Reaching somebody by telephone, and the plain words for why it did not work."""

from __future__ import annotations

import re
from enum import StrEnum

from voicebot.channels.sip.settings import Transport
from voicebot.errors import ChannelError

_STATUS = re.compile(r"^(\d{3})\b")
_TRANSPORT = re.compile(r";transport=(udp|tcp|tls)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"^sips?:(?:[^@\s<>]+@)?[^@\s<>]+$", re.IGNORECASE)
_HEADER = re.compile(r"^[A-Za-z0-9!%*_+`'~.-]+$")


class Outcome(StrEnum):
    """Why nobody was reached."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


_OF_STATUS = {
    **dict.fromkeys((486, 600), Outcome.BUSY),
    **dict.fromkeys((408, 480, 487), Outcome.NO_ANSWER),
    **dict.fromkeys((403, 433, 603, 607, 608), Outcome.DECLINED),
    **dict.fromkeys((404, 410, 416, 484, 502, 503, 504, 604), Outcome.UNREACHABLE),
}


class NotReached(ChannelError):
    """A call we made, or a transfer, did not reach anybody. ``status`` is the SIP status, None when there was none."""

    def __init__(self, outcome: Outcome, status: int | None = None, detail: str = "") -> None:
        self.outcome, self.status = outcome, status
        shown = f" (SIP {status})" if status is not None else f" ({detail})" if detail else ""
        super().__init__(f"Nobody was reached: {outcome}{shown}.")

    @classmethod
    def of_reason(cls, reason: str, *, rang: bool = False) -> NotReached:
        """From what ended a call, such as ``486 Busy Here``; without a status nothing answered at all."""
        match = _STATUS.match(reason)
        if match is None:
            return cls(Outcome.NO_ANSWER if rang else Outcome.UNREACHABLE, detail="no reply")
        status = int(match[1])
        return cls(_OF_STATUS.get(status, Outcome.FAILED), status)


def checked_address(uri: str) -> str:
    """A SIP address that can be dialled as it is.

    Raises:
        NotReached: it is none.
    """
    if not _ADDRESS.match(uri):
        raise NotReached(Outcome.UNREACHABLE, detail="not a SIP address; write it as sip:user@host")
    return uri


def checked_header(name: str, value: str) -> tuple[str, str]:
    """A header that may be sent.

    Raises:
        NotReached: it would break the message.
    """
    if not _HEADER.match(name) or any(character in value for character in "\r\n\0"):
        raise NotReached(Outcome.FAILED, detail="a header cannot be sent")
    return name, value


def transport_of(uri: str) -> Transport | None:
    """The transport an address asks for; None when it leaves the choice."""
    if uri.lower().startswith("sips:"):
        return "tls"
    match = _TRANSPORT.search(uri)
    return match[1].lower() if match else None  # type: ignore[return-value]


def host_of(uri: str) -> str:
    """Host and port of an address, without parameters."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition("?")[0].lower()
