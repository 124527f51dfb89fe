"""Moments of a talk for coaching: from when to when, the words around, and the recorded sound where there is any.

Sound exists only where the caller was told and did not refuse: a refusal deletes the files, and a moment in which
recording was paused is silent in them.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.assist.analysis.talks import Line, Talk
from voicebot.domain import ConversationId, NoticeGiven, Party, Recorded, RecordingChanged
from voicebot.errors import NotFound

AROUND_MS = 8000
LONGEST_MS = 120_000
_WORTH_MS = {"monologue": 45_000, "silence": 8000, "by_agent": 0, "by_customer": 0}
_MOST = 12
_REFUSED = ("off_by_request", "refused")


@dataclass(frozen=True, slots=True)
class Clip:
    """``kind`` as in :class:`~voicebot.assist.analysis.measures.Moment`; ``lines`` are the words said meanwhile."""

    kind: str
    from_ms: int
    to_ms: int
    lines: tuple[Line, ...]


def clips(talk: Talk) -> tuple[Clip, ...]:
    """What is worth listening to, in order of time; at most a dozen."""
    worth = [one for one in talk.moments if one.to_ms - one.from_ms >= _WORTH_MS.get(one.kind, 0)]
    found = []
    for one in worth[:_MOST]:
        start = max(0, one.from_ms - AROUND_MS)
        end = min(one.to_ms + AROUND_MS, start + LONGEST_MS)
        lines = tuple(line for line in talk.lines if line.from_ms < end and line.to_ms > start)
        found.append(Clip(one.kind, start, end, lines))
    return tuple(found)


def may_be_heard(log: Iterable[Recorded]) -> bool:
    """Whether the caller was told of the recording and never refused it."""
    told = False
    for item in log:
        match item.event:
            case NoticeGiven(notice="recording"):
                told = True
            case RecordingChanged(on=False, reason=reason) if reason in _REFUSED:
                return False
    return told


class RecordedSound:
    """Reads what :class:`voicebot.store.Recordings` wrote into ``folder``. Its methods wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def there(self, conversation: ConversationId) -> bool:
        """Whether both parties' sound is kept."""
        return all(self._file(conversation, party).is_file() for party in _TRACKS)

    def cut(self, conversation: ConversationId, from_ms: int, to_ms: int) -> bytes:
        """A stereo WAV: the customer left, the agent right.

        Raises:
            NotFound: nothing is kept of that time.
        """
        tracks = [self._track(conversation, party, from_ms, min(to_ms, from_ms + LONGEST_MS)) for party in _TRACKS]
        rate = tracks[0][1]
        longest = max(len(samples) for samples, _ in tracks)
        if not longest or any(other != rate for _, other in tracks):
            raise NotFound("There is no sound of that time. Choose a moment of this call.")
        both = np.zeros((longest, len(tracks)), dtype="<i2")
        for place, (samples, _) in enumerate(tracks):
            both[: len(samples), place] = samples
        made = io.BytesIO()
        with wave.open(made, "wb") as out:
            out.setnchannels(len(tracks))
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(both.tobytes())
        return made.getvalue()

    def _track(
        self, conversation: ConversationId, party: Party, from_ms: int, to_ms: int
    ) -> tuple[NDArray[np.int16], int]:
        try:
            with wave.open(str(self._file(conversation, party)), "rb") as kept:
                rate, frames = kept.getframerate(), kept.getnframes()
                start = min(max(0, from_ms) * rate // 1000, frames)
                count = min(max(0, to_ms) * rate // 1000, frames) - start
                kept.setpos(start)
                return np.frombuffer(kept.readframes(max(0, count)), dtype="<i2").astype(np.int16), rate
        except (OSError, EOFError, wave.Error):
            raise NotFound("No sound of this talk is kept.") from None

    def _file(self, conversation: ConversationId, party: Party) -> Path:
        if not conversation or Path(conversation).name != conversation:
            raise NotFound("No sound of this talk is kept.")
        return self._folder / conversation / f"{party.value}.wav"


_TRACKS: Sequence[Party] = (Party.CUSTOMER, Party.AGENT)
