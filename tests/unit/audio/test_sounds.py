from __future__ import annotations

import numpy as np
import pytest

from voicebot.audio import (
    NoiseEstimate,
    Pcm,
    SpeechDetector,
    active_dbfs,
    beep,
    comfort_noise,
    concat,
    dtmf,
    hold_tone,
    normalised,
    tone,
    trimmed,
)
from voicebot.audio.loudness import SPEECH_DBFS


@pytest.fixture(scope="module")
def detector() -> SpeechDetector:
    return SpeechDetector()


@pytest.mark.parametrize("rate", [8000, 16000])
def test_one_probability_per_32_ms_whatever_the_portions(detector: SpeechDetector, rate: int) -> None:
    sound = comfort_noise(640.0, rate, -40.0).samples
    whole = detector.open(rate).feed(sound)
    listening = detector.open(rate)
    portioned = tuple(p for start in range(0, sound.size, 160) for p in listening.feed(sound[start : start + 160]))
    assert len(whole) == 20
    assert portioned == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("sound", ["silence", "noise", "hold", "beep"])
def test_what_is_not_speech_is_not_taken_for_it(detector: SpeechDetector, rate: int, sound: str) -> None:
    made = {
        "silence": Pcm.silence(1000, rate),
        "noise": comfort_noise(1000, rate, -40.0),
        "hold": hold_tone(rate),
        "beep": beep(rate),
    }[sound]
    probabilities = detector.open(rate).feed(made.samples)
    assert np.mean(np.array(probabilities) > 0.5) < 0.1


def test_streams_do_not_disturb_each_other(detector: SpeechDetector) -> None:
    quiet, loud = detector.open(8000), detector.open(8000)
    alone = detector.open(8000).feed(comfort_noise(320, 8000, -50.0).samples)
    for start in range(0, 2560, 256):
        loud.feed(tone((220.0, 440.0, 880.0), 32.0, 8000, -6.0).samples)
        assert quiet.feed(comfort_noise(320, 8000, -50.0).samples[start : start + 256])
    quiet.reset()
    assert quiet.feed(comfort_noise(320, 8000, -50.0).samples) == pytest.approx(alone, abs=1e-6)


def test_other_rates_are_refused(detector: SpeechDetector) -> None:
    with pytest.raises(ValueError, match="8000 or 16000"):
        detector.open(44100)


def test_noise_estimate_follows_the_background_and_ignores_speech() -> None:
    estimate = NoiseEstimate()
    assert (estimate.noisy, estimate.snr_db) == (False, None)
    for seed in range(50):
        estimate.feed(comfort_noise(32.0, 8000, -60.0, seed).samples, 0.01)
    assert estimate.background_dbfs == pytest.approx(-60.0, abs=1.5)
    for _ in range(50):
        estimate.feed(tone((300.0,), 32.0, 8000, -20.0).samples, 0.99)
    assert estimate.background_dbfs == pytest.approx(-60.0, abs=1.5)
    assert estimate.snr_db == pytest.approx(40.0, abs=3.0)
    assert not estimate.noisy
    for seed in range(400):
        estimate.feed(comfort_noise(32.0, 8000, -30.0, seed).samples, 0.05)
    assert estimate.noisy


@pytest.mark.parametrize("level", [-45.0, -30.0, -6.0])
def test_every_prompt_is_equally_loud_and_never_clipped(level: float) -> None:
    sound = concat(
        [Pcm.silence(400, 16000), tone((200.0, 700.0, 1900.0), 800.0, 16000, level), Pcm.silence(400, 16000)]
    )
    even = normalised(sound)
    found = active_dbfs(even)
    assert found is not None
    assert found == pytest.approx(SPEECH_DBFS, abs=1.0)
    assert np.abs(even.samples.astype(int)).max() < 32767


def test_silence_stays_silence() -> None:
    silence = Pcm.silence(500, 16000)
    assert normalised(silence) == silence
    assert len(trimmed(silence)) == 0


def test_trimming_keeps_the_sound_and_a_little_around_it() -> None:
    sound = concat([Pcm.silence(700, 16000), tone((400.0,), 300.0, 16000, -20.0), Pcm.silence(900, 16000)])
    assert 300 <= trimmed(sound).ms <= 400


def test_tones_have_their_level_and_do_not_click() -> None:
    sound = tone((440.0,), 200.0, 8000, -24.0)
    assert sound.dbfs == pytest.approx(-24.0, abs=1.0)
    assert abs(int(sound.samples[0])) < 50
    assert abs(int(sound.samples[-1])) < 50
    assert hold_tone(8000, 2500.0).ms == 2500.0


@pytest.mark.parametrize(("key", "low_hz", "high_hz"), [("1", 697, 1209), ("0", 941, 1336), ("#", 941, 1477)])
def test_keypad_tones(key: str, low_hz: int, high_hz: int) -> None:
    sound = dtmf(key, 8000, 200.0)
    spectrum = np.abs(np.fft.rfft(sound.to_float()))
    peaks = {round(float(index) * 8000 / len(sound) / 5) * 5 for index in np.argsort(spectrum)[-2:]}
    assert peaks == {round(low_hz / 5) * 5, round(high_hz / 5) * 5}


def test_there_is_no_key_e() -> None:
    with pytest.raises(ValueError, match="telephone key"):
        dtmf("E", 8000)
