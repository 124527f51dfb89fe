"""A voice line: sound and keys of one caller in, sound out, and an exact account of what the caller got.

Whoever leads a conversation talks to this protocol only, so a SIP call, a recorded caller and a browser are alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Sound of the caller: int16 mono of any length at the line's rate.

    ``at_samples`` is the line's clock at the first sample, counted from :meth:`VoiceLine.answer`. The clock never
    stops: when nothing arrives (packet loss, silence suppression, hold), the line puts silence in its place.
    """

    samples: Samples
    at_samples: int

    @property
    def end_samples(self) -> int:
        """The clock after the last sample."""
        return self.at_samples + int(self.samples.shape[0])


@dataclass(frozen=True, slots=True)
class Dtmf:
    """One key press (0-9, A-D, * or #), reported once, when the key goes down."""

    digit: str
    at_samples: int


@dataclass(frozen=True, slots=True)
class LineEnded:
    """The line is gone; nothing follows. ``reason`` is a protocol's word, never what somebody said."""

    by: Literal["caller", "us", "system"]
    reason: str = ""


LineEvent = Frame | Dtmf | LineEnded


@dataclass(frozen=True, slots=True)
class CallDetails:
    """Who calls whom, and how the call came in.

    ``caller`` is None for an anonymous caller; ``called`` is the user part that was dialled (the DID, such as
    ``shop-ja``); ``account`` names the PBX registration the call came through, empty for a direct call.
    """

    caller: str | None
    called: str
    call_id: str = ""
    transport: Literal["udp", "tcp", "tls", "file", "webrtc"] = "udp"
    account: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class VoiceLine(Protocol):
    """One call. All methods belong to one event loop; ``frames`` has one reader."""

    @property
    def details(self) -> CallDetails:
        """Who calls whom."""
        ...

    @property
    def caller(self) -> str | None:
        """The caller's number or name; None when withheld."""
        ...

    @property
    def called(self) -> str:
        """The user part that was dialled."""
        ...

    @property
    def rate(self) -> int:
        """Samples per second, both ways: 8000 or 16000, fixed once :meth:`answer` has returned."""
        ...

    async def answer(self) -> None:
        """Take the call; returns when sound can flow.

        Raises:
            ChannelError: the caller gave up first, or the other side cannot be talked to.
        """
        ...

    def frames(self) -> AsyncIterator[LineEvent]:
        """What comes from the caller, in order; ends after :class:`LineEnded`. Iterate once, from before ``answer``."""
        ...

    def play(self, samples: Samples) -> None:
        """Queue sound at :attr:`rate` behind what is queued. Ignored once the line has ended."""
        ...

    def flush(self) -> int:
        """Drop what has not left the line.

        Returns the samples dropped. Ends a pause. Up to one packet (20 ms) may have been on its way already; it is
        counted in :attr:`played_samples` a moment later.
        """
        ...

    def pause(self) -> None:
        """Hold back queued sound, including what the line had taken already; nothing is lost."""
        ...

    def resume(self) -> None:
        """Go on with the first sample that has not left the line."""
        ...

    @property
    def played_samples(self) -> int:
        """Samples of :meth:`play` that have left the line since it was answered."""
        ...

    @property
    def queued_samples(self) -> int:
        """Samples of :meth:`play` that have not left the line."""
        ...

    async def hang_up(self, reason: str = "") -> None:
        """End the call, answered or not (an unanswered one is refused). ``reason`` goes to the log. May be repeated."""
        ...
