"""How loud the background is, so that the bot can say "the line is noisy" and mean it."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.audio.pcm import SILENCE_DBFS, Samples, level_dbfs


@dataclass(frozen=True, slots=True)
class NoiseSettings:
    """When a line counts as noisy.

    ``noisy_dbfs``: background at or above this level is loud in itself; ``min_snr_db``: speech less than this far above
    the background is hard to recognise; ``fall``/``rise``: share of the difference taken over per frame.
    """

    noisy_dbfs: float = -38.0
    min_snr_db: float = 10.0
    fall: float = 0.3
    rise: float = 0.02
    speech_from: float = 0.5
    noise_below: float = 0.2


class NoiseEstimate:
    """Running levels of background and speech of one call, both in dBFS."""

    def __init__(self, settings: NoiseSettings | None = None) -> None:
        self._settings = settings or NoiseSettings()
        self.background_dbfs = SILENCE_DBFS
        self.speech_dbfs = SILENCE_DBFS
        self._heard_background = False
        self._heard_speech = False

    def feed(self, frame: Samples, speech_probability: float) -> None:
        """Take in one frame with the probability that it holds speech; doubtful frames change nothing."""
        level = level_dbfs(frame)
        settings = self._settings
        if speech_probability < settings.noise_below:
            share = settings.fall if level < self.background_dbfs else settings.rise
            self.background_dbfs = level if not self._heard_background else _towards(self.background_dbfs, level, share)
            self._heard_background = True
        elif speech_probability >= settings.speech_from:
            self.speech_dbfs = level if not self._heard_speech else _towards(self.speech_dbfs, level, 0.1)
            self._heard_speech = True

    @property
    def snr_db(self) -> float | None:
        """Speech over background; ``None`` until both were heard."""
        if not (self._heard_background and self._heard_speech):
            return None
        return self.speech_dbfs - self.background_dbfs

    @property
    def noisy(self) -> bool:
        """Whether the background makes understanding hard."""
        settings = self._settings
        if not self._heard_background:
            return False
        loud = self.background_dbfs >= settings.noisy_dbfs
        drowned = self.snr_db is not None and self.snr_db < settings.min_snr_db and self.background_dbfs > -55.0
        return loud or drowned


def _towards(value: float, target: float, share: float) -> float:
    return value + (target - value) * share
