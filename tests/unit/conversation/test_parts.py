"""Small parts of a call: keys put together, sound remembered, what of a prompt was heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.channels.line import Frame
from voicebot.conversation.keypad import BETWEEN_KEYS_MS, KeypadEntry
from voicebot.conversation.memory import SoundMemory
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.speaking import OutTrack, heard_part
from voicebot.domain import EN, JA, ConversationId, KeypadSpec, Party
from voicebot.errors import RecordingError
from voicebot.store import Recordings

ORDER = KeypadSpec(8, "#", "A")


def pressed(entry: KeypadEntry, keys: str) -> list[str]:
    return [done for place, key in enumerate(keys) if (done := entry.press(key, place * 100)) is not None]


def test_a_key_without_a_question_for_keys_counts_at_once() -> None:
    assert pressed(KeypadEntry(), "10") == ["1", "0"]


def test_a_number_is_complete_at_its_length_or_terminator() -> None:
    entry = KeypadEntry()
    entry.expect(ORDER)
    assert pressed(entry, "20481137") == ["20481137"]
    assert pressed(entry, "204#") == ["204"]
    assert pressed(entry, "#") == ["#"]


def test_a_number_nobody_goes_on_with_is_complete_after_a_while() -> None:
    entry = KeypadEntry()
    entry.expect(ORDER)
    assert pressed(entry, "0") == []
    assert entry.open
    assert entry.tick(BETWEEN_KEYS_MS - 1) is None
    assert entry.tick(BETWEEN_KEYS_MS) == "0"
    assert entry.tick(BETWEEN_KEYS_MS * 9) is None


def test_another_question_forgets_half_a_number_and_the_same_question_keeps_it() -> None:
    entry = KeypadEntry()
    entry.expect(ORDER)
    assert pressed(entry, "204") == []
    entry.expect(KeypadSpec(8, "#", "A"))
    assert pressed(entry, "81137") == ["20481137"]
    assert pressed(entry, "204") == []
    entry.expect(KeypadSpec(4))
    assert pressed(entry, "1111") == ["1111"]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40), st.integers(0, 900), st.integers(0, 900))
def test_sound_is_found_by_the_clock_of_the_line(sizes: list[int], a: int, b: int) -> None:
    memory = SoundMemory(8000)
    at = 0
    for size in sizes:
        memory.add(Frame(np.arange(at, at + size, dtype=np.int16), at))
        at += size
    start, stop = min(a, b), max(a, b)
    found = memory.between(start, stop)
    assert found.tolist() == list(range(min(start * 8, at), min(stop * 8, at)))


def test_old_sound_falls_out() -> None:
    memory = SoundMemory(8000, keep_ms=100)
    for at in range(0, 8000, 160):
        memory.add(Frame(np.ones(160, np.int16), at))
    assert len(memory.between(0, 800)) == 0
    assert len(memory.between(920, 1000)) == 640


def test_what_was_heard_is_cut_at_a_word_in_english_and_anywhere_in_japanese() -> None:
    assert heard_part("one two three", EN, 0.75) == "one two"
    assert heard_part("one two three", EN, 0.1) == ""
    assert heard_part("お電話ありがとう", JA, 0.5) == "お電話あ"
    assert heard_part("one two three", EN, 1.0) == "one two three"


@given(st.text(max_size=40), st.floats(0, 1))
def test_what_was_heard_begins_the_prompt(text: str, share: float) -> None:
    assert text.startswith(heard_part(text, EN, share))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300)), max_size=20))
def test_the_bots_track_is_what_left_the_line_in_order(moves: list[tuple[int, int, int]]) -> None:
    track, queue, left, heard = OutTrack(), [], 0, []
    number = 1
    for handed, played, dropped in moves:
        sound = list(range(number, number + handed))
        number += handed
        track.handed(np.array(sound, np.int16))
        queue += sound
        out, queue = queue[:played], queue[played:]
        heard += out
        left += len(out)
        got = track.take(left, 300)
        assert [sample for sample in got.tolist() if sample] == out
        gone = min(dropped, len(queue))
        queue = queue[: len(queue) - gone]
        track.dropped(gone)


async def test_a_recording_that_meets_a_full_disk_says_so_once(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "customer.wav").symlink_to("/dev/full")
    failures: list[RecordingError] = []

    async def failed(error: RecordingError) -> None:
        failures.append(error)

    recording = CallRecording(Recordings(tmp_path), ConversationId("c"), 8000, failed)
    await recording.begin()
    for _ in range(8):
        recording.add(Party.CUSTOMER, np.zeros(8000, np.int16))
    await recording.close()
    assert len(failures) == 1
    assert not recording.on


async def test_a_refused_recording_leaves_nothing(tmp_path: Path) -> None:
    async def failed(error: RecordingError) -> None:
        pytest.fail(str(error))

    recording = CallRecording(Recordings(tmp_path), ConversationId("c"), 8000, failed)
    await recording.begin()
    recording.add(Party.BOT, np.zeros(16000, np.int16))
    await recording.refuse()
    recording.add(Party.BOT, np.zeros(16000, np.int16))
    await recording.close()
    assert not list(tmp_path.rglob("*.wav"))
