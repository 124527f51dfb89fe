"""Inside the live Japanese voice's worker: Open JTalk with the packaged HTS voice "Mei"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyopenjtalk

from voicebot.audio import Pcm
from voicebot.speech import wire


class OpenJTalkEngine:
    """Text to speech in tens of milliseconds a sentence, on one thread."""

    def __init__(self) -> None:
        self.name = "openjtalk-mei"
        self._speak("お電話ありがとうございます。", 1.0)

    def __call__(self, header: wire.Header, payload: bytes) -> wire.Message:
        """Header ``{text, pace}`` to samples at ``rate``."""
        sound = self._speak(str(header["text"]), float(header.get("pace", 1.0)))
        return {"rate": sound.rate}, sound.to_bytes()

    def _speak(self, text: str, pace: float) -> Pcm:
        wave, rate = pyopenjtalk.tts(text, speed=pace)
        peak = float(np.max(np.abs(wave), initial=1.0))
        return Pcm.from_float(wave / max(peak, 32768.0), int(rate))


def open_engine(config: dict[str, Any]) -> OpenJTalkEngine:
    """Factory for the worker."""
    return OpenJTalkEngine()
