"""Shares with their uncertainty, and differences between them that are more than chance.

Wilson's score interval (Wilson 1927) for one share, Newcombe's hybrid score interval (Newcombe 1998, method 10) for the
difference of two, Fisher's mid-p for its chance, and Benjamini and Hochberg's step-up (1995) against finding something
just because many things were looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from statistics import NormalDist

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``of``, with a two-sided interval at :data:`LEVEL`; the interval of nothing is 0 to 1."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        """The share itself; None of nothing."""
        return self.hits / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much the first share is above the second, in 0..1, with interval and chance of seeing it by luck."""

    by: float
    low: float
    high: float
    p: float


def share(hits: int, of: int, level: float = LEVEL) -> Share:
    """Wilson's interval. Raises ValueError unless 0 <= hits <= of."""
    if not 0 <= hits <= of:
        raise ValueError("a share needs 0 <= hits <= of")
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate = hits / of
    middle = (rate + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(rate * (1 - rate) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Share(hits, of, max(0.0, middle - half), min(1.0, middle + half))


def difference(first: Share, second: Share) -> Difference:
    """Newcombe's interval for ``first`` minus ``second``. Raises ValueError when either is of nothing."""
    if first.rate is None or second.rate is None:
        raise ValueError("a difference needs two shares of something")
    by = first.rate - second.rate
    low = by - sqrt((first.rate - first.low) ** 2 + (second.high - second.rate) ** 2)
    high = by + sqrt((first.high - first.rate) ** 2 + (second.rate - second.low) ** 2)
    return Difference(by, max(-1.0, low), min(1.0, high), mid_p(first, second))


def mid_p(first: Share, second: Share) -> float:
    """Two-sided Fisher test with half the weight of the observed table (mid-p): less conservative for small counts."""
    hits, misses = first.hits + second.hits, first.of + second.of - first.hits - second.hits
    least, most = max(0, first.of - misses), min(first.of, hits)
    weights = [_log_choose(hits, k) + _log_choose(misses, first.of - k) for k in range(least, most + 1)]
    top = max(weights)
    chances = [exp(weight - top) for weight in weights]
    total = sum(chances)
    seen = chances[first.hits - least]
    rarer = sum(chance for chance in chances if chance < seen * (1 - 1e-9))
    equal = sum(chance for chance in chances if abs(chance - seen) <= seen * 1e-9)
    return min(1.0, (rarer + equal / 2) / total)


def _log_choose(of: int, k: int) -> float:
    return lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)


def believed(chances: Sequence[float], false_share: float = 0.05) -> list[bool]:
    """Which findings to believe when at most ``false_share`` of the believed may be luck (Benjamini, Hochberg)."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    last = max((rank for rank, at in enumerate(order, 1) if chances[at] <= false_share * rank / len(order)), default=0)
    kept = set(order[:last])
    return [at in kept for at in range(len(chances))]
