from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from voicebot.audio import (
    Pcm,
    StreamResampler,
    alaw_decode,
    alaw_encode,
    concat,
    read_audio,
    read_wav,
    through_phone,
    tone,
    ulaw_decode,
    ulaw_encode,
    wav_bytes,
    write_wav,
)
from voicebot.errors import SpeechError

samples = hnp.arrays(np.int16, st.integers(0, 400))


def test_length_is_in_milliseconds() -> None:
    assert Pcm(np.zeros(4000, np.int16), 8000).ms == 500.0


@pytest.mark.parametrize("wrong", [np.zeros(4, np.float32), np.zeros((2, 2), np.int16)])
def test_only_one_row_of_int16_is_pcm(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one row of int16"):
        Pcm(wrong, 8000)


@given(samples)
def test_bytes_and_wav_round_trip(values: np.ndarray) -> None:
    sound = Pcm(values, 16000)
    assert Pcm.from_bytes(sound.to_bytes(), 16000) == sound
    assert read_wav(wav_bytes(sound)) == sound


@given(samples)
def test_ulaw_is_idempotent_and_within_its_step(values: np.ndarray) -> None:
    decoded = ulaw_decode(ulaw_encode(values))
    assert np.array_equal(ulaw_decode(ulaw_encode(decoded)), decoded)
    magnitude = np.minimum(np.abs(values.astype(int)), 32124)
    assert np.all(
        np.abs(decoded.astype(int) - np.sign(values.astype(int)) * magnitude) <= np.maximum(4, magnitude / 16)
    )


@given(samples)
def test_alaw_is_idempotent_and_within_its_step(values: np.ndarray) -> None:
    decoded = alaw_decode(alaw_encode(values))
    assert np.array_equal(alaw_decode(alaw_encode(decoded)), decoded)
    magnitude = np.minimum(np.abs(values.astype(int)), 32256)
    assert np.all(
        np.abs(decoded.astype(int) - np.sign(values.astype(int)) * magnitude) <= np.maximum(16, magnitude / 16)
    )


def test_g711_reference_values() -> None:
    """ITU-T G.711: silence is 0xFF in mu-law and 0xD5 in A-law; full scale decodes to 32124 and 32256."""
    assert ulaw_encode(np.array([0], np.int16)) in (b"\xff", b"\x7f")
    assert int(ulaw_decode(b"\x80")[0]) == 32124
    assert int(ulaw_decode(b"\x00")[0]) == -32124
    assert abs(int(alaw_decode(b"\xd5")[0])) == 8
    assert int(alaw_decode(b"\xaa")[0]) == 32256


def test_resampling_keeps_length_pitch_and_level() -> None:
    original = tone((440.0,), 1000.0, 16000, -20.0)
    narrow = original.resample(8000)
    assert narrow.rate == 8000
    assert abs(narrow.ms - 1000.0) < 1.0
    assert abs(narrow.dbfs - original.dbfs) < 0.5
    spectrum = np.abs(np.fft.rfft(narrow.to_float()))
    assert abs(np.argmax(spectrum) * 8000 / len(narrow) - 440.0) < 2.0


def test_stream_resampling_in_frames_equals_the_whole() -> None:
    original = tone((440.0,), 1000.0, 8000, -20.0)
    live = StreamResampler(8000, 16000)
    parts = [live.feed(original.samples[start : start + 160]) for start in range(0, len(original), 160)]
    joined = np.concatenate([*parts, live.flush()])
    assert abs(joined.size - 16000) <= 64
    late_samples = 16000 - sum(part.size for part in parts)
    assert late_samples / 16 <= 5.0, "no more than 5 ms may be held back"
    assert abs(Pcm(joined, 16000).dbfs - original.dbfs) < 0.5


def test_stream_resampling_to_the_same_rate_changes_nothing() -> None:
    frame = np.arange(160, dtype=np.int16)
    assert np.array_equal(StreamResampler(8000, 8000).feed(frame), frame)


def test_the_phone_takes_away_what_is_above_four_kilohertz() -> None:
    assert through_phone(tone((6000.0,), 300.0, 16000, -12.0)).dbfs < -50.0


def test_concat_joins_at_one_rate() -> None:
    joined = concat([Pcm.silence(100, 8000), Pcm.silence(100, 16000)])
    assert (joined.rate, joined.ms) == (8000, 200.0)
    with pytest.raises(ValueError, match="no rate"):
        concat([])


def test_files(tmp_path) -> None:
    sound = tone((300.0,), 120.0, 8000)
    path = tmp_path / "tone.wav"
    write_wav(path, sound)
    assert read_wav(path) == sound
    assert read_audio(path) == sound
    (tmp_path / "broken.wav").write_bytes(b"RIFFnothing")
    with pytest.raises(SpeechError, match="not a PCM WAV"):
        read_wav(tmp_path / "broken.wav")
    with pytest.raises(SpeechError, match="no sound"):
        read_audio(tmp_path / "broken.wav")
