"""How fast one connection may send: a token bucket as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """At most ``capacity`` at once and ``per_second`` in the long run. Times are seconds of one monotonic clock."""

    capacity: float
    per_second: float
    tokens: float
    at_s: float

    @classmethod
    def full(cls, capacity: float, per_second: float, now_s: float) -> TokenBucket:
        """A bucket nothing was taken from yet."""
        return cls(capacity, per_second, capacity, now_s)

    def take(self, now_s: float) -> tuple[TokenBucket, float]:
        """Take one token: the bucket afterwards, and 0.0 or the seconds until a token will be there (none taken)."""
        elapsed = max(0.0, now_s - self.at_s)
        tokens = min(self.capacity, self.tokens + elapsed * self.per_second)
        filled = replace(self, tokens=tokens, at_s=max(now_s, self.at_s))
        if tokens >= 1.0:
            return replace(filled, tokens=tokens - 1.0), 0.0
        return filled, (1.0 - tokens) / self.per_second
