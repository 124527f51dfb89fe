from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from voicebot.audio import Pcm, tone
from voicebot.domain import EN, JA
from voicebot.speech.cache import PromptCache

SOUND = tone((400.0,), 500.0, 16000)


def test_a_prompt_comes_back_and_another_voice_language_pace_or_text_does_not(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    assert cache.get("Hello.", EN, "joe-1", 1.0) is None
    assert cache.put("Hello.", EN, "joe-1", 1.0, SOUND)
    assert cache.get("Hello.", EN, "joe-1", 1.0) == SOUND
    assert PromptCache(tmp_path).get("Hello.", EN, "joe-1", 1.0) == SOUND
    assert cache.get("Hello.", EN, "joe-2", 1.0) is None
    assert cache.get("Hello.", JA, "joe-1", 1.0) is None
    assert cache.get("Hello.", EN, "joe-1", 0.8) is None
    assert cache.get("Hello!", EN, "joe-1", 1.0) is None


def test_a_damaged_file_counts_as_absent_and_goes(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    cache.put("Hello.", EN, "joe", 1.0, SOUND)
    path = cache.path("Hello.", EN, "joe", 1.0)
    path.write_bytes(b"RIFF")
    assert cache.get("Hello.", EN, "joe", 1.0) is None
    assert not path.exists()


def test_it_stays_within_its_size_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, max_bytes=10 * (len(SOUND) * 2 + 44))
    for number in range(10):
        cache.put(f"prompt {number}", EN, "joe", 1.0, SOUND)
        os.utime(cache.path(f"prompt {number}", EN, "joe", 1.0), (1000 + number, 1000 + number))
    assert cache.get("prompt 0", EN, "joe", 1.0) is not None
    cache.put("one more", EN, "joe", 1.0, SOUND)
    files = list(tmp_path.glob("*/*.wav"))
    assert sum(file.stat().st_size for file in files) <= 10 * (len(SOUND) * 2 + 44)
    assert cache.has("prompt 0", EN, "joe")
    assert cache.has("one more", EN, "joe")
    assert not cache.has("prompt 1", EN, "joe")


def test_a_disk_that_refuses_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    cache = PromptCache(blocked / "prompts")
    assert cache.put("Hello.", EN, "joe", 1.0, Pcm(np.zeros(10, np.int16), 16000)) is False


def test_no_half_file_is_ever_seen(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    cache.put("Hello.", EN, "joe", 1.0, SOUND)
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".wav"]
