"""Turn-taking with the real voice detector on callers' voices as a telephone carries them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.e2e.phone.voices import english, japanese
from voicebot.audio import Pcm, SpeechDetector, concat, through_phone, tone
from voicebot.turns import Action, PausePlayback, Speculate, SpeechStarted, TurnEnded, TurnTaking

BEFORE_MS = 1000


def hear(sound: Pcm, *, over_the_bot: bool) -> list[Action]:
    """The caller says something once, with the line's faint noise around it."""
    whole = through_phone(concat([Pcm.silence(BEFORE_MS, 8000), sound, Pcm.silence(2000, 8000)]))
    noise = np.random.default_rng(0).normal(0, 15, len(whole))
    activity, turns, at = SpeechDetector().open(8000), TurnTaking(), 0
    if over_the_bot:
        turns.bot_started(0)
    seen: list[Action] = []
    for probability in activity.feed((whole.samples + noise).astype(np.int16)):
        at += activity.frame_samples
        seen += turns.hear(at // 8, probability)
    return seen


def spoken(text: str) -> Pcm:
    return english(text) if text.isascii() else japanese(text)


LINES = ["No.", "Yes.", "Stop.", "Where is my order?", "はい。", "いいえ。", "注文した商品はいつ届きますか。"]


@pytest.mark.parametrize("text", LINES)
def test_short_and_long_lines_are_one_turn(text: str) -> None:
    sound = spoken(text)
    seen = hear(sound, over_the_bot=False)
    assert [type(action) for action in seen] == [SpeechStarted, Speculate, TurnEnded]
    ended = seen[-1]
    assert isinstance(ended, TurnEnded)
    assert ended.from_ms <= BEFORE_MS + 100
    assert ended.speech_end_ms <= BEFORE_MS + sound.ms + 150
    assert ended.speculated


@pytest.mark.parametrize("text", LINES)
def test_they_stop_the_bot(text: str) -> None:
    seen = hear(spoken(text), over_the_bot=True)
    assert [type(action) for action in seen] == [PausePlayback, SpeechStarted, Speculate, TurnEnded]


def test_a_burst_of_noise_and_a_tone_are_nobody() -> None:
    dice = np.random.default_rng(1)
    burst = Pcm((dice.normal(0, 6000, 2400) * np.exp(-np.arange(2400) / 500)).astype(np.int16), 8000)
    for sound in (burst, tone((440.0,), 1000, 8000)):
        assert hear(sound, over_the_bot=False) == []
        assert hear(sound, over_the_bot=True) == []
