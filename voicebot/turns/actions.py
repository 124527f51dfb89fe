"""What turn-taking asks of the one who leads the conversation. Times are milliseconds on the line's clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller took the floor at ``at_ms``; ``barge_in``: while the bot was being heard."""

    at_ms: int
    barge_in: bool = False


@dataclass(frozen=True, slots=True)
class PausePlayback:
    """Hold the prompt back; nothing is lost yet."""


@dataclass(frozen=True, slots=True)
class ResumePlayback:
    """False alarm: go on with the prompt where it was held back."""


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """The caller has the floor: drop the rest of the prompt."""


@dataclass(frozen=True, slots=True)
class Speculate:
    """Decode this stretch now: it may be the whole turn."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class SpeculationVoid:
    """The caller went on: the last :class:`Speculate` is worth nothing."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The caller has finished. ``speech_end_ms``: when the last speech was heard; response times count from there.

    ``barge_in``: a prompt is held back and waits for :meth:`TurnTaking.judge`. ``forced``: cut off at the longest
    utterance allowed. ``speculated``: the last :class:`Speculate` holds all the speech there was.
    """

    from_ms: int
    to_ms: int
    speech_end_ms: int
    speculated: bool = False
    barge_in: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class SpeechDropped:
    """What began with :class:`SpeechStarted` was no turn: a cough, or a backchannel found early."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class SpeechTooLong:
    """The caller speaks without end; :class:`TurnEnded` with ``forced`` follows."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class NoInput:
    """Nothing came for the time allowed since the prompt ended."""

    silent_ms: int


Action = (
    SpeechStarted
    | PausePlayback
    | ResumePlayback
    | StopPlayback
    | Speculate
    | SpeculationVoid
    | TurnEnded
    | SpeechDropped
    | SpeechTooLong
    | NoInput
)
