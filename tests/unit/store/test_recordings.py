"""Recordings: what is written, what a full disk does, what a refusal deletes."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from voicebot.domain import ConversationId, Party
from voicebot.errors import RecordingError
from voicebot.store import Recordings

NAME = ConversationId("c-1")


def test_one_file_a_party(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    writer = recordings.begin(NAME, Party.CUSTOMER, 8000)
    writer.write(np.arange(160, dtype=np.int16))
    writer.write(np.arange(160, dtype=np.int16))
    writer.close()
    with wave.open(str(tmp_path / "c-1" / "customer.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 320)


def test_a_full_disk_is_told_once_and_the_call_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "c-1"
    folder.mkdir()
    (folder / "customer.wav").symlink_to("/dev/full")
    writer = Recordings(tmp_path).begin(NAME, Party.CUSTOMER, 8000)
    second = np.zeros(8000, dtype=np.int16)
    with pytest.raises(RecordingError, match="goes on without it"):
        for _ in range(20):
            writer.write(second)
    for _ in range(20):
        writer.write(second)
    writer.close()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "c-1").write_text("a file in the way")
    with pytest.raises(RecordingError, match="Free room or set another data folder"):
        Recordings(tmp_path).begin(NAME, Party.BOT, 8000)


def test_refusal_deletes_what_was_written(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    writers = [recordings.begin(NAME, party, 8000) for party in (Party.CUSTOMER, Party.BOT)]
    for writer in writers:
        writer.write(np.zeros(8000, dtype=np.int16))
        writer.close(discard=True)
    assert recordings.delete(NAME) == 0
    assert not (tmp_path / "c-1").exists()
