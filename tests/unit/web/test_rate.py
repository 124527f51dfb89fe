from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicebot.channels.rate import TokenBucket


def test_a_burst_then_the_steady_rate() -> None:
    bucket = TokenBucket.full(2, 0.5, 100.0)
    bucket, first = bucket.take(100.0)
    bucket, second = bucket.take(100.0)
    bucket, third = bucket.take(100.0)
    assert (first, second, third) == (0.0, 0.0, 2.0)
    bucket, later = bucket.take(102.0)
    assert later == 0.0


@given(st.lists(st.floats(0, 5), max_size=200), st.floats(1, 20), st.floats(0.1, 10))
def test_never_more_than_burst_plus_rate(pauses: list[float], capacity: float, per_second: float) -> None:
    now, bucket, taken = 0.0, TokenBucket.full(capacity, per_second, 0.0), 0
    for pause in pauses:
        now += pause
        bucket, wait = bucket.take(now)
        assert wait >= 0
        taken += wait == 0
    assert taken <= capacity + now * per_second + 1e-6


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket, _ = TokenBucket.full(1, 1, 50.0).take(50.0)
    bucket, wait = bucket.take(10.0)
    assert wait == 1.0
    _, wait = bucket.take(50.5)
    assert wait == 0.5
