"""Recordings: one WAV per party, written as the call goes, deleted when the customer refuses."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voicebot.domain import ConversationId, Party
from voicebot.errors import RecordingError


class RecordingWriter(Protocol):
    """One party of one call."""

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append samples. Raises RecordingError, once, when the disk refuses; after that it is silent."""
        ...

    def close(self, *, discard: bool = False) -> None:
        """Finish the file, or delete it."""
        ...


class WavRecording:
    """A WAV file that grows; its header is right whenever :meth:`close` was called."""

    def __init__(self, file: Path, rate: int) -> None:
        self._file = file
        self._failed = False
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._wave: wave.Wave_write | None = wave.open(str(file), "wb")
            self._wave.setnchannels(1)
            self._wave.setsampwidth(2)
            self._wave.setframerate(rate)
        except OSError as error:
            self._wave = None
            raise RecordingError(
                f"A recording cannot be begun: {error.strerror}. Free room or set another data folder."
            ) from error

    def write(self, samples: NDArray[np.int16]) -> None:
        """See :class:`RecordingWriter`."""
        if self._wave is None or self._failed:
            return
        try:
            self._wave.writeframesraw(samples.astype("<i2", copy=False).tobytes())
        except OSError as error:
            self._failed = True
            raise RecordingError(f"A recording stopped: {error.strerror}. The call goes on without it.") from error

    def close(self, *, discard: bool = False) -> None:
        """See :class:`RecordingWriter`."""
        if self._wave is not None:
            try:
                self._wave.close()
            except OSError as error:
                if not (self._failed or discard):
                    raise RecordingError(f"A recording could not be finished: {error.strerror}") from error
            finally:
                self._wave = None
                if discard:
                    self._file.unlink(missing_ok=True)


class Recordings:
    """The folder of recordings: ``<conversation>/<party>.wav``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, conversation: ConversationId, party: Party, rate: int) -> WavRecording:
        """Open the file of one party, mono 16 bit at ``rate`` Hz. Raises RecordingError."""
        return WavRecording(self._folder / conversation / f"{party.value}.wav", rate)

    def delete(self, conversation: ConversationId) -> int:
        """Delete every file of a conversation; returns how many there were."""
        folder = self._folder / conversation
        files = sorted(folder.glob("*.wav")) if folder.is_dir() else []
        for file in files:
            file.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        return len(files)
