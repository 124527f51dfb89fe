"""G.711 mu-law and A-law (ITU-T G.711, 1988), by table: 2 us a frame, no C module needed.

The telephone network and the media sockets of other vendors carry these; benchmarks use them to make sound
as narrow as a phone line makes it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.pcm import Pcm, Samples

Bytes = NDArray[np.uint8]


def _ulaw_decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = ((code >> 4) & 7).astype(np.int32)
    magnitude = ((((code & 15).astype(np.int32) << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_decode_table() -> Samples:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent = ((code >> 4) & 7).astype(np.int32)
    mantissa = (code & 15).astype(np.int32) << 4
    magnitude = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _encode_table(decode: Samples) -> Bytes:
    """For each of the 65 536 inputs the code whose decoded value is nearest."""
    order = np.argsort(decode, kind="stable")
    levels = decode[order].astype(np.int32)
    middles = (levels[1:] + levels[:-1]) / 2
    wanted = np.arange(-32768, 32768)
    return order[np.searchsorted(middles, wanted)].astype(np.uint8)


_ULAW_DECODE = _ulaw_decode_table()
_ALAW_DECODE = _alaw_decode_table()
_ULAW_ENCODE = _encode_table(_ULAW_DECODE)
_ALAW_ENCODE = _encode_table(_ALAW_DECODE)


def ulaw_encode(samples: Samples) -> bytes:
    """One byte per sample."""
    return _ULAW_ENCODE[samples.astype(np.int32) + 32768].tobytes()


def ulaw_decode(coded: bytes) -> Samples:
    """One sample per byte."""
    return _ULAW_DECODE[np.frombuffer(coded, np.uint8)]


def alaw_encode(samples: Samples) -> bytes:
    """One byte per sample."""
    return _ALAW_ENCODE[samples.astype(np.int32) + 32768].tobytes()


def alaw_decode(coded: bytes) -> Samples:
    """One sample per byte."""
    return _ALAW_DECODE[np.frombuffer(coded, np.uint8)]


def through_phone(sound: Pcm) -> Pcm:
    """What is left of a sound after 8 kHz mu-law."""
    narrow = sound.resample(8000)
    return Pcm(ulaw_decode(ulaw_encode(narrow.samples)), 8000)
