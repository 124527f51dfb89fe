"""Turn-taking: who has the floor, when a turn is over, and what counts as an interruption."""

from voicebot.turns.actions import (
    Action,
    NoInput,
    PausePlayback,
    ResumePlayback,
    Speculate,
    SpeculationVoid,
    SpeechDropped,
    SpeechStarted,
    SpeechTooLong,
    StopPlayback,
    TurnEnded,
)
from voicebot.turns.backchannel import is_backchannel
from voicebot.turns.settings import Listening, TurnSettings
from voicebot.turns.taking import TurnTaking

__all__ = [
    "Action",
    "Listening",
    "NoInput",
    "PausePlayback",
    "ResumePlayback",
    "Speculate",
    "SpeculationVoid",
    "SpeechDropped",
    "SpeechStarted",
    "SpeechTooLong",
    "StopPlayback",
    "TurnEnded",
    "TurnSettings",
    "TurnTaking",
    "is_backchannel",
]
