"""WAV files with the standard library; everything else (FLAC, MP3, A-law WAV) through FFmpeg."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import IO

import av
import numpy as np

from voicebot.audio.pcm import Pcm, Samples
from voicebot.errors import SpeechError


def read_wav(source: Path | str | bytes) -> Pcm:
    """A PCM WAV file or its bytes as mono int16 at its own rate; more channels are averaged.

    Raises:
        SpeechError: not a PCM WAV file.
    """
    opened: IO[bytes] | str = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with wave.open(opened, "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as problem:
        name = "the data" if isinstance(source, bytes) else str(source)
        raise SpeechError(f"{name} is not a PCM WAV file ({problem}). Convert it to 16-bit mono WAV.") from problem
    return Pcm(_mono(_as_int16(raw, width), channels), rate)


def write_wav(path: Path | str, sound: Pcm) -> None:
    """Write 16-bit mono."""
    Path(path).write_bytes(wav_bytes(sound))


def wav_bytes(sound: Pcm) -> bytes:
    """A 16-bit mono WAV file in memory."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(sound.to_bytes())
    return buffer.getvalue()


def read_audio(source: Path | str | bytes) -> Pcm:
    """Any file FFmpeg reads, as mono int16 at its own rate.

    Raises:
        SpeechError: no sound could be read.
    """
    opened: IO[bytes] | str = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    name = "the data" if isinstance(source, bytes) else str(source)
    try:
        with av.open(opened, "r") as container:
            stream = container.streams.audio[0]
            rate = int(stream.rate or 0)
            engine = av.AudioResampler(format="s16", layout="mono", rate=rate)
            parts = [
                out.to_ndarray().reshape(-1) for frame in container.decode(stream) for out in engine.resample(frame)
            ]
            parts += [out.to_ndarray().reshape(-1) for out in engine.resample(None)]
    except (av.FFmpegError, IndexError, ValueError) as problem:
        raise SpeechError(f"{name} holds no sound that can be read ({type(problem).__name__}).") from problem
    samples = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    return Pcm(samples.astype(np.int16, copy=False), rate)


def _as_int16(raw: bytes, width: int) -> Samples:
    match width:
        case 1:
            return ((np.frombuffer(raw, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
        case 2:
            return np.frombuffer(raw, "<i2").astype(np.int16, copy=False)
        case 3:
            packed = np.frombuffer(raw, np.uint8).reshape(-1, 3)
            return (packed[:, 1].astype(np.uint16) | (packed[:, 2].astype(np.uint16) << 8)).view(np.int16)
        case 4:
            return (np.frombuffer(raw, "<i4") >> 16).astype(np.int16)
        case _:
            raise SpeechError(f"WAV samples of {width} bytes are not supported. Convert the file to 16-bit.")


def _mono(samples: Samples, channels: int) -> Samples:
    if channels == 1:
        return samples
    mixed: Samples = samples.reshape(-1, channels).astype(np.int32).mean(axis=1).astype(np.int16)
    return mixed
