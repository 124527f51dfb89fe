"""Sounds that are not words: the hold tone, the beep, comfort noise, keypad tones for tests and simulations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.pcm import Pcm, fade_curve, samples_of

_DTMF_ROWS_HZ = (697, 770, 852, 941)
_DTMF_COLUMNS_HZ = (1209, 1336, 1477, 1633)
_DTMF_KEYS = ("123A", "456B", "789C", "*0#D")
_FADE_MS = 12.0


def tone(frequencies_hz: tuple[float, ...], ms: float, rate: int, level_dbfs: float = -24.0) -> Pcm:
    """Sines together at one overall RMS level, faded in and out so that nothing clicks."""
    time_s = np.arange(samples_of(ms, rate)) / rate
    wave = np.zeros_like(time_s)
    for hz in frequencies_hz:
        wave += np.sin(2.0 * np.pi * hz * time_s)
    if wave.size and (rms := float(np.sqrt(np.mean(wave * wave)))) > 0:
        wave *= 10.0 ** (level_dbfs / 20.0) / rms
    return Pcm.from_float(_faded(wave, rate), rate)


def beep(rate: int) -> Pcm:
    """One short tone: "speak now"."""
    return tone((880.0,), 140.0, rate, -22.0)


def hold_tone(rate: int, ms: float = 3000.0) -> Pcm:
    """Two soft falling notes, then quiet: "still here, working on it". It may be repeated without an end."""
    notes = [tone((659.26,), 220.0, rate, -32.0), Pcm.silence(60.0, rate), tone((523.25,), 320.0, rate, -34.0)]
    sound = np.concatenate([note.samples for note in notes])
    total = samples_of(ms, rate)
    return Pcm(np.pad(sound, (0, max(0, total - sound.size)))[:total], rate)


def comfort_noise(ms: float, rate: int, level_dbfs: float = -62.0, seed: int = 0) -> Pcm:
    """Faint white noise, so that a waiting line does not sound dead. The same seed gives the same noise."""
    noise = np.random.default_rng(seed).standard_normal(samples_of(ms, rate))
    return Pcm.from_float(noise * 10.0 ** (level_dbfs / 20.0), rate)


def dtmf(key: str, rate: int, ms: float = 100.0) -> Pcm:
    """The two tones of a telephone key (ITU-T Q.23).

    Raises:
        ValueError: no such key.
    """
    for row_hz, row in zip(_DTMF_ROWS_HZ, _DTMF_KEYS, strict=True):
        if len(key) == 1 and key in row:
            return tone((row_hz, _DTMF_COLUMNS_HZ[row.index(key)]), ms, rate, -12.0)
    raise ValueError("A telephone key is one of 0-9, *, #, A-D.")


def _faded(wave: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    rise = fade_curve(min(samples_of(_FADE_MS, rate), wave.size // 2))
    shaped = wave.copy()
    if wave.size >= 2:
        shaped[: rise.size] *= rise
        shaped[-rise.size :] *= rise[::-1]
    return shaped
