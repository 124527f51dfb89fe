"""Inside the English voice's worker: Piper.

piper-tts is GPL-3.0-or-later, so only this process imports it, and only when it runs; the product talks to it through
pipes, as it would to any other program. It is installed by the extra ``piper``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from voicebot.audio import Pcm
from voicebot.errors import ModelError
from voicebot.speech import wire


class PiperEngine:
    """One Piper voice."""

    def __init__(self, model_file: Path, threads: int) -> None:
        try:
            import onnxruntime
            from piper import PiperVoice, SynthesisConfig
            from piper.config import PiperConfig
        except ImportError as problem:
            raise ModelError(
                "The English voice needs Piper, which is not installed. Install it with: pip install 'voicebot[piper]'"
            ) from problem
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        config = json.loads(Path(f"{model_file}.json").read_text(encoding="utf-8"))
        self._voice = PiperVoice(
            config=PiperConfig.from_dict(config),
            session=onnxruntime.InferenceSession(str(model_file), options, providers=["CPUExecutionProvider"]),
        )
        self._how = SynthesisConfig
        self._rate = int(self._voice.config.sample_rate)
        self._scale = float(self._voice.config.length_scale)
        self.name = model_file.stem
        self._speak("Hello.", 1.0)

    def __call__(self, header: wire.Header, payload: bytes) -> wire.Message:
        """Header ``{text, pace}`` to samples at ``rate``."""
        return {"rate": self._rate}, self._speak(str(header["text"]), float(header.get("pace", 1.0)))

    def _speak(self, text: str, pace: float) -> bytes:
        how = self._how(length_scale=self._scale / pace)
        chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(text, how)]
        return b"".join(Pcm.from_float(chunk, self._rate).to_bytes() for chunk in chunks)


def open_engine(config: dict[str, Any]) -> PiperEngine:
    """Factory for the worker: ``{model_dir, file, threads}``."""
    return PiperEngine(Path(config["model_dir"]) / config["file"], int(config.get("threads", 1)))
