"""Sound as the product passes it around: 16-bit mono samples with their rate next to them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.int16]
FULL_SCALE = 32768.0
SILENCE_DBFS = -96.0
"""What :meth:`Pcm.dbfs` answers for digital silence; 16 bits reach no lower."""


@dataclass(frozen=True, slots=True, eq=False)
class Pcm:
    """Mono int16 samples at ``rate`` Hz. The array is shared, never written to."""

    samples: Samples
    rate: int

    def __post_init__(self) -> None:
        if self.samples.dtype != np.int16 or self.samples.ndim != 1:
            raise ValueError(f"PCM is one row of int16 samples, not {self.samples.dtype} of {self.samples.ndim} dims.")
        if self.rate <= 0:
            raise ValueError(f"A sample rate is positive, not {self.rate}.")

    def __len__(self) -> int:
        return int(self.samples.shape[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pcm) and self.rate == other.rate and np.array_equal(self.samples, other.samples)

    __hash__ = None  # type: ignore[assignment]

    @property
    def ms(self) -> float:
        """Length in milliseconds."""
        return len(self) * 1000.0 / self.rate

    @property
    def dbfs(self) -> float:
        """Root mean square level relative to full scale, ``SILENCE_DBFS`` at least."""
        return level_dbfs(self.samples)

    @classmethod
    def silence(cls, ms: float, rate: int) -> Pcm:
        """Digital silence."""
        return cls(np.zeros(samples_of(ms, rate), np.int16), rate)

    @classmethod
    def from_float(cls, wave: NDArray[np.floating], rate: int) -> Pcm:
        """From samples in -1..1; louder ones are clipped."""
        scaled = np.clip(np.round(np.asarray(wave, np.float64) * FULL_SCALE), -32768, 32767)
        return cls(scaled.astype(np.int16), rate)

    @classmethod
    def from_bytes(cls, raw: bytes, rate: int) -> Pcm:
        """From little-endian 16-bit samples; an odd last byte is an error."""
        return cls(np.frombuffer(raw, dtype="<i2").astype(np.int16, copy=False), rate)

    def to_bytes(self) -> bytes:
        """Little-endian 16-bit samples."""
        return self.samples.astype("<i2", copy=False).tobytes()

    def to_float(self) -> NDArray[np.float32]:
        """Samples in -1..1."""
        return self.samples.astype(np.float32) / np.float32(FULL_SCALE)

    def cut(self, from_ms: float, to_ms: float | None = None) -> Pcm:
        """The part between two times; times outside are moved to the ends."""
        start = max(0, samples_of(from_ms, self.rate))
        end = len(self) if to_ms is None else max(start, samples_of(to_ms, self.rate))
        return Pcm(self.samples[start:end], self.rate)

    def gain(self, db: float) -> Pcm:
        """Louder or quieter by ``db``, clipped at full scale."""
        return Pcm.from_float(self.to_float() * np.float32(10.0 ** (db / 20.0)), self.rate)

    def resample(self, rate: int) -> Pcm:
        """The same sound at another rate (soxr HQ: for whole sentences; live paths use ``StreamResampler``)."""
        if rate == self.rate:
            return self
        if len(self) == 0:
            return Pcm(np.zeros(0, np.int16), rate)
        return Pcm.from_float(soxr.resample(self.to_float(), self.rate, rate, quality="HQ"), rate)


def concat(parts: Iterable[Pcm], rate: int | None = None) -> Pcm:
    """Put sounds one after another at ``rate`` (default: the first one's)."""
    given = list(parts)
    if not given:
        if rate is None:
            raise ValueError("Nothing to join, and no rate given.")
        return Pcm.silence(0, rate)
    target = rate or given[0].rate
    return Pcm(np.concatenate([part.resample(target).samples for part in given]), target)


def samples_of(ms: float, rate: int) -> int:
    """Number of samples in ``ms`` milliseconds, rounded."""
    return round(ms * rate / 1000.0)


def level_dbfs(samples: Samples) -> float:
    """Root mean square level of int16 samples relative to full scale."""
    if samples.size == 0:
        return SILENCE_DBFS
    wave = samples.astype(np.float64) / FULL_SCALE
    mean_square = float(np.mean(wave * wave))
    return SILENCE_DBFS if mean_square <= 0 else max(SILENCE_DBFS, 10.0 * math.log10(mean_square))


@lru_cache(maxsize=16)
def fade_curve(samples: int) -> NDArray[np.float32]:
    """A raised-cosine rise from 0 to 1, for starts and ends without a click."""
    curve: NDArray[np.float32] = (0.5 - 0.5 * np.cos(np.linspace(0.0, math.pi, max(1, samples)))).astype(np.float32)
    curve.flags.writeable = False
    return curve
