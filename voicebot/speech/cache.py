"""Spoken prompts on disk, found by text and voice; a prompt is rendered once, ever."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from voicebot.audio import Pcm, read_wav, wav_bytes
from voicebot.domain import Language
from voicebot.errors import SpeechError

_FORMAT = "1"


class PromptCache:
    """WAV files under ``folder``, at most ``max_bytes`` of them; what was used longest ago goes first.

    Files are written beside their place and moved in, so a reader never sees half of one. Only prompts without
    customer data are to be stored here.
    """

    def __init__(self, folder: Path, max_bytes: int = 512 * 1024 * 1024) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._bytes: int | None = None

    def path(self, text: str, language: Language, voice: str, pace: float) -> Path:
        """Where this prompt is or would be."""
        key = "\x00".join((_FORMAT, voice, language, f"{pace:.2f}", text))
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / digest[:2] / f"{digest[2:]}.wav"

    def has(self, text: str, language: Language, voice: str, pace: float = 1.0) -> bool:
        """Whether it was rendered."""
        return self.path(text, language, voice, pace).exists()

    def get(self, text: str, language: Language, voice: str, pace: float = 1.0) -> Pcm | None:
        """The prompt, or ``None``. A damaged file counts as absent and is removed."""
        path = self.path(text, language, voice, pace)
        try:
            sound = read_wav(path)
            os.utime(path)
        except FileNotFoundError:
            return None
        except (SpeechError, OSError):
            path.unlink(missing_ok=True)
            return None
        return sound

    def put(self, text: str, language: Language, voice: str, pace: float, sound: Pcm) -> bool:
        """Store it. False when the disk refuses: the prompt is then rendered anew next time."""
        path = self.path(text, language, voice, pace)
        data = wav_bytes(sound)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replaced = path.stat().st_size if path.exists() else 0
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError:
            return False
        if self._bytes is None:
            self._bytes = sum(size for _, size, _ in self._files())
        else:
            self._bytes += len(data) - replaced
        if self._bytes > self._max_bytes:
            self._shrink()
        return True

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self.folder.glob("??/*.wav"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            found.append((status.st_mtime, status.st_size, path))
        return found

    def _shrink(self) -> None:
        """Down to nine tenths of the limit, so that not every write has to make room."""
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self._max_bytes * 0.9:
                break
            path.unlink(missing_ok=True)
            total -= size
        self._bytes = total
