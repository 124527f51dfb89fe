"""How patient and how sharp-eared turn-taking is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """Times in milliseconds, probabilities 0..1 as the voice activity detector gives them.

    A frame at or above ``speech_on`` is speech, one below ``speech_off`` is silence, between them the last state holds.
    While the bot is heard, ``echo_margin`` is added to ``speech_on`` and ``barge_in_ms`` replaces ``start_ms``: an echo
    of the bot is fainter and shorter than a person who wants the floor. A sound of less than ``cough_ms`` that cut
    into a prompt, followed by ``cough_silence_ms`` of silence, is a cough: the prompt goes on and nothing is decoded.
    A turn is decoded ahead of its end after ``speculate_ms`` of silence, at most ``speculations`` times, each time
    ``speculate_step_ms`` later. Less than ``blip_ms`` of sound in the silence after speech does not count.
    """

    speech_on: float = 0.5
    speech_off: float = 0.35
    echo_margin: float = 0.2
    start_ms: int = 200
    barge_in_ms: int = 260
    cough_ms: int = 320
    cough_silence_ms: int = 250
    speculate_ms: int = 150
    speculate_step_ms: int = 100
    speculations: int = 4
    blip_ms: int = 60
    stop_ms: int = 600
    digits_stop_ms: int = 1000
    slow_stop_ms: int = 1500
    max_utterance_ms: int = 18000
    pre_roll_ms: int = 300


@dataclass(frozen=True, slots=True)
class Listening:
    """What the open question asks of turn-taking.

    ``digits``: a number is read out, with pauses between its groups; ``slow``: the customer needs time;
    ``no_input_ms``: silence after the prompt that counts as no answer; ``barge_in`` false: the prompt is not
    interruptible, speech over it is heard but does not stop it.
    """

    digits: bool = False
    slow: bool = False
    no_input_ms: int = 7000
    barge_in: bool = True
