"""What a waiting customer hears: soft music of our own making, or the operator's file."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from voicebot.audio import Pcm, Samples, read_audio
from voicebot.errors import SettingsError, SpeechError
from voicebot.media.mixer import RATE

LEVEL_DBFS = -26.0
_BEAT_S = 0.6
_PATTERN = (0, 1, 2, 1, 3, 2, 1, 2)
_CHORDS = (
    (48, 64, 67, 72, 76),
    (45, 64, 69, 72, 76),
    (41, 65, 69, 72, 77),
    (43, 62, 67, 71, 74),
    (48, 64, 67, 72, 79),
    (40, 64, 67, 71, 76),
    (41, 65, 69, 72, 76),
    (43, 65, 67, 71, 74),
)
"""Root and four notes above it, as MIDI numbers."""
_OPERATOR_LONGEST_S = 600


class HoldMusic:
    """One listener's place in the music. It goes on where it stopped, so that a second hold is not the same again."""

    def __init__(self, sound: Samples, at_samples: int = 0) -> None:
        self._sound = sound
        self._at = at_samples % len(sound)

    def take(self, count: int) -> Samples:
        """The next ``count`` samples at 16 kHz, round and round."""
        wanted = np.arange(self._at, self._at + count) % len(self._sound)
        self._at = (self._at + count) % len(self._sound)
        return self._sound[wanted]


def hold_sound(file: Path | None = None) -> Samples:
    """The music at 16 kHz: of ``file`` when there is one, else our own.

    Made once and kept; the first time takes a moment, so ask from a thread.

    Raises:
        SettingsError: the file holds no sound, or more than ten minutes of it.
    """
    return _own() if file is None else _of_file(file)


@functools.lru_cache(maxsize=4)
def _of_file(file: Path) -> Samples:
    try:
        sound = read_audio(file)
    except SpeechError as problem:
        raise SettingsError(f"The hold music cannot be played: {problem} Give a WAV file.") from problem
    if not RATE // 10 <= len(sound) * RATE // sound.rate <= _OPERATOR_LONGEST_S * RATE:
        raise SettingsError(f"{file} is no hold music: it must last between 0.1 s and {_OPERATOR_LONGEST_S} s.")
    return _kept(sound.resample(RATE).samples)


@functools.lru_cache(maxsize=1)
def _own() -> Samples:
    """Broken chords, plucked softly over a held bass: 38 s. Notes that ring over the end ring on at the beginning."""
    beat = int(_BEAT_S * RATE)
    bar = beat * len(_PATTERN)
    wave = np.zeros(bar * len(_CHORDS))
    for number, (root, *notes) in enumerate(_CHORDS):
        _add(wave, number * bar, 0.5 * _bass(_hz(root + 12), bar))
        for step, note in enumerate(_PATTERN):
            accent = 1.0 if step % 4 == 0 else 0.75
            _add(wave, number * bar + step * beat, accent * _pluck(_hz(notes[note])))
    wave *= 10.0 ** (LEVEL_DBFS / 20.0) / np.sqrt(np.mean(wave * wave))
    return _kept(Pcm.from_float(wave, RATE).samples)


def _kept(sound: Samples) -> Samples:
    sound.flags.writeable = False
    return sound


def _hz(note: int) -> float:
    return float(440.0 * 2.0 ** ((note - 69) / 12.0))


def _pluck(hz: float) -> np.ndarray:
    time_s = np.arange(int(2.4 * RATE)) / RATE
    body = sum(np.sin(2 * np.pi * hz * part * time_s) * np.exp(-time_s * (1.6 + part)) / part**2 for part in (1, 2, 3))
    return np.asarray(body * np.minimum(1.0, time_s / 0.015) * np.minimum(1.0, (time_s[-1] - time_s) / 0.2))


def _bass(hz: float, length: int) -> np.ndarray:
    time_s = np.arange(length + RATE // 2) / RATE
    swell = np.minimum(1.0, time_s / 0.4) * np.minimum(1.0, (time_s[-1] - time_s) / 0.9)
    return np.asarray((np.sin(2 * np.pi * hz * time_s) + 0.3 * np.sin(4 * np.pi * hz * time_s)) * swell)


def _add(wave: np.ndarray, at: int, note: np.ndarray) -> None:
    places = np.arange(at, at + len(note)) % len(wave)
    np.add.at(wave, places, note)
