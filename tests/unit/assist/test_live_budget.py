"""The assist never takes more than its share: words are passed over before anybody waits for it."""

from __future__ import annotations

import logging

import pytest

from voicebot.assist.live_budget import Budget
from voicebot.sim.clock import VirtualClock


async def test_a_burst_is_heard_and_then_so_many_a_second() -> None:
    clock = VirtualClock()
    budget = Budget(clock, per_s=10, burst=30)
    assert sum(budget.take() for _ in range(500)) == 30 and budget.passed_over == 470
    await clock.advance(1)
    assert sum(budget.take() for _ in range(500)) == 10
    await clock.advance(3600)
    assert sum(budget.take() for _ in range(500)) == 30, "what was not used is not saved up for ever"


async def test_who_is_late_with_its_own_work_listens_to_less() -> None:
    clock, late_s = VirtualClock(), [0.0]
    budget = Budget(clock, per_s=10, burst=30, late=lambda: late_s[0])
    late_s[0] = 0.08
    assert sum(budget.take() for _ in range(500)) == 7
    await clock.advance(1)
    assert sum(budget.take() for _ in range(500)) == 3
    late_s[0] = 30.0
    await clock.advance(3600)
    assert sum(budget.take() for _ in range(500)) == 1, "never quite deaf"
    late_s[0] = 0.0
    await clock.advance(3600)
    assert sum(budget.take() for _ in range(500)) == 30


async def test_passing_over_is_told_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    clock = VirtualClock()
    budget = Budget(clock, per_s=1, burst=1)
    with caplog.at_level(logging.WARNING):
        for _ in range(120):
            budget.take()
            budget.take()
            await clock.advance(1)
    assert len(caplog.records) == 2
