"""Opus at 16 kHz mono, on libopus itself: concealment and in-band error correction need its own calls.

Opus changes rates inside, so nothing is resampled: what the browser encodes at 48 kHz is decoded at 16 kHz at once.
The library is the one that PyAV brings along, else the system's.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from pathlib import Path

import av
import numpy as np

from voicebot.channels.line import Samples
from voicebot.errors import SettingsError

RATE = 16000
CLOCK = 48000
"""RTP timestamps of Opus count at 48 kHz whatever the sound (RFC 7587 section 4.1)."""

_VOIP = 2048
_SET_BITRATE, _SET_COMPLEXITY, _SET_FEC, _SET_LOSS, _SET_SIGNAL = 4002, 4010, 4012, 4014, 4024
_SIGNAL_VOICE = 3001
_LONGEST = RATE * 120 // 1000
_LARGEST_PACKET = 1275


class Decoder:
    """One direction of one call. Methods return int16 mono at 16 kHz and never raise for what a peer sent."""

    def __init__(self) -> None:
        self._lib = _library()
        problem = ctypes.c_int()
        self._state = self._lib.opus_decoder_create(RATE, 1, ctypes.byref(problem))
        if problem.value != 0 or not self._state:
            raise SettingsError(f"Opus cannot decode at {RATE} Hz (libopus error {problem.value}).")
        self._pcm = np.zeros(_LONGEST, np.int16)

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._lib.opus_decoder_destroy(self._state)

    def decode(self, payload: bytes) -> Samples | None:
        """The sound of a packet; None when the packet is no Opus."""
        return self._decoded(payload, _LONGEST, 0)

    def recover(self, following: bytes, count: int) -> Samples | None:
        """``count`` samples of the packet before ``following``, from the copy it carries, concealed if it has none."""
        return self._decoded(following, count, 1)

    def conceal(self, count: int) -> Samples:
        """Go on for ``count`` samples (a multiple of 2.5 ms, at most 120 ms) without a packet; fades away by itself."""
        made = self._decoded(None, count, 0)
        return np.zeros(count, np.int16) if made is None else made

    def _decoded(self, payload: bytes | None, room: int, correction: int) -> Samples | None:
        size = len(payload) if payload is not None else 0
        pcm = self._pcm.ctypes.data
        got = self._lib.opus_decode(self._state, payload, size, pcm, room, correction)
        return self._pcm[:got].copy() if got > 0 else None


class Encoder:
    """One direction of one call: 20 ms of int16 mono at 16 kHz a packet, with in-band error correction."""

    def __init__(self, bitrate: int, expected_loss_percent: int = 5, complexity: int = 5) -> None:
        self._lib = _library()
        problem = ctypes.c_int()
        self._state = self._lib.opus_encoder_create(RATE, 1, _VOIP, ctypes.byref(problem))
        if problem.value != 0 or not self._state:
            raise SettingsError(f"Opus cannot encode at {RATE} Hz (libopus error {problem.value}).")
        self._set(_SET_BITRATE, bitrate)
        self._set(_SET_COMPLEXITY, complexity)
        self._set(_SET_SIGNAL, _SIGNAL_VOICE)
        self._set(_SET_FEC, 1)
        self.expect_loss(expected_loss_percent)
        self._packet = ctypes.create_string_buffer(_LARGEST_PACKET)

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._lib.opus_encoder_destroy(self._state)

    def expect_loss(self, percent: int) -> None:
        """How much of what we send gets lost: the more, the better the copies that packets carry of each other."""
        self._set(_SET_LOSS, max(0, min(100, percent)))

    def encode(self, samples: Samples) -> bytes:
        """The packet of 320 samples."""
        pcm = np.ascontiguousarray(samples, np.int16)
        size = self._lib.opus_encode(self._state, pcm.ctypes.data, pcm.size, self._packet, _LARGEST_PACKET)
        if size < 0:
            raise ValueError(f"Opus takes 2.5, 5, 10, 20, 40 or 60 ms at once, not {pcm.size} samples.")
        return self._packet.raw[:size]

    def _set(self, what: int, value: int) -> None:
        self._lib.opus_encoder_ctl(self._state, what, ctypes.c_int(value))


def duration(payload: bytes) -> int:
    """Length of a packet in RTP clock ticks (48 kHz); 0 when it is no Opus."""
    return max(0, int(_library().opus_packet_get_nb_samples(payload, len(payload), CLOCK)))


@functools.cache
def _library() -> ctypes.CDLL:
    """The shared library, with the signatures that pointers need."""
    package = Path(av.__file__).parent
    bundled = [
        *package.parent.glob("av.libs/libopus*"),
        *package.glob(".dylibs/libopus*"),
        *package.parent.glob("av.libs/*opus*.dll"),
    ]
    system = ctypes.util.find_library("opus")
    for name in [*map(str, bundled), *([system] if system else [])]:
        try:
            library = ctypes.CDLL(name)
            _declare(library)
        except (OSError, AttributeError):
            continue
        return library
    raise SettingsError("libopus is missing. Install it with the system's packages (libopus0), or PyAV as a wheel.")


def _declare(library: ctypes.CDLL) -> None:
    pointer, number = ctypes.c_void_p, ctypes.c_int
    library.opus_decoder_create.restype = pointer
    library.opus_decoder_create.argtypes = [number, number, pointer]
    library.opus_decoder_destroy.argtypes = [pointer]
    library.opus_decode.argtypes = [pointer, ctypes.c_char_p, number, pointer, number, number]
    library.opus_encoder_create.restype = pointer
    library.opus_encoder_create.argtypes = [number, number, number, pointer]
    library.opus_encoder_destroy.argtypes = [pointer]
    library.opus_encode.argtypes = [pointer, pointer, number, pointer, number]
    library.opus_encoder_ctl.argtypes = [pointer, number]
    library.opus_packet_get_nb_samples.argtypes = [ctypes.c_char_p, number, number]
