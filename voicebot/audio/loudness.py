"""Every prompt equally loud, whichever voice made it."""

from __future__ import annotations

import numpy as np

from voicebot.audio.pcm import FULL_SCALE, Pcm, samples_of

SPEECH_DBFS = -20.0
"""Level of the spoken parts. ITU-T P.56 speech at -26 dBov is the network norm; phones in a noisy place want more."""
_PEAK = 10.0 ** (-1.0 / 20.0)
_WINDOW_MS = 20.0
_GATE_DB = 20.0


def active_dbfs(sound: Pcm) -> float | None:
    """Level of the parts in which something is said (20 ms windows within 20 dB of the loudest); None if silent."""
    window = samples_of(_WINDOW_MS, sound.rate)
    count = len(sound) // window
    if count == 0:
        return None
    frames = sound.samples[: count * window].reshape(count, window).astype(np.float64) / FULL_SCALE
    power = np.mean(frames * frames, axis=1)
    loudest = float(power.max())
    if loudest <= 1e-9:
        return None
    active = power[power >= loudest * 10.0 ** (-_GATE_DB / 10.0)]
    return float(10.0 * np.log10(np.mean(active)))


def normalised(sound: Pcm, target_dbfs: float = SPEECH_DBFS) -> Pcm:
    """The sound with its spoken parts at ``target_dbfs``; peaks above -1 dBFS are bent softly, not clipped."""
    level = active_dbfs(sound)
    if level is None:
        return sound
    wave = sound.to_float().astype(np.float64) * 10.0 ** ((target_dbfs - level) / 20.0)
    knee = 0.7 * _PEAK
    over = np.abs(wave) > knee
    if over.any():
        room = _PEAK - knee
        wave[over] = np.sign(wave[over]) * (knee + room * np.tanh((np.abs(wave[over]) - knee) / room))
    return Pcm.from_float(wave, sound.rate)


def trimmed(sound: Pcm, keep_ms: float = 40.0) -> Pcm:
    """The sound without the silence a voice puts around it, but for ``keep_ms`` at each end."""
    window = samples_of(10.0, sound.rate)
    count = len(sound) // window
    if count == 0:
        return sound
    frames = sound.samples[: count * window].reshape(count, window).astype(np.float64)
    loud = np.flatnonzero(np.sqrt(np.mean(frames * frames, axis=1)) > 10.0 ** (-50.0 / 20.0) * FULL_SCALE)
    if loud.size == 0:
        return Pcm(sound.samples[:0], sound.rate)
    keep = samples_of(keep_ms, sound.rate)
    start = max(0, int(loud[0]) * window - keep)
    return Pcm(sound.samples[start : (int(loud[-1]) + 1) * window + keep], sound.rate)
