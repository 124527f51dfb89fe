"""Erlang B, C and A against the reference tables."""

from __future__ import annotations

import pytest

from voicebot.desk.staffing import agents_needed, erlang_b, staffed, with_patience

C_ROWS = [
    (100, 180, 12, 0.4494, 40.44, 0.6402),
    (100, 180, 13, 0.2853, 17.12, 0.7956),
    (100, 180, 14, 0.1741, 7.84, 0.8884),
    (240, 300, 45, 0.3407, 20.44, 0.7559),
]
A_ROWS = [
    (100, 180, 10, 60, 0.4234, 0.1575, 9.45),
    (100, 180, 12, 120, 0.2798, 0.0616, 7.39),
    (100, 180, 9, 90, 0.5758, 0.2011, 18.10),
]


@pytest.mark.parametrize(("calls", "aht_s", "agents", "waits", "asa_s", "level"), C_ROWS)
def test_erlang_c(calls: int, aht_s: int, agents: int, waits: float, asa_s: float, level: float) -> None:
    found = staffed(calls, aht_s, 1800, agents, 20)
    assert found.must_wait == pytest.approx(waits, abs=5e-5)
    assert found.mean_wait_s == pytest.approx(asa_s, abs=5e-3)
    assert found.service_level == pytest.approx(level, abs=5e-5)
    assert found.occupancy == pytest.approx(calls * aht_s / 1800 / agents)


@pytest.mark.parametrize(("calls", "aht_s", "agents", "patience_s", "waits", "leave", "wait_s"), A_ROWS)
def test_erlang_a(
    calls: int, aht_s: int, agents: int, patience_s: int, waits: float, leave: float, wait_s: float
) -> None:
    found = staffed(calls, aht_s, 1800, agents, 20, patience_s)
    assert found.must_wait == pytest.approx(waits, abs=5e-5)
    assert found.abandoned == pytest.approx(leave, abs=5e-5)
    assert found.mean_wait_s == pytest.approx(wait_s, abs=5e-3)


def test_known_blocking() -> None:
    assert erlang_b(2.0, 3) == pytest.approx(4 / 19)


def test_endless_patience_is_the_limit_of_patience() -> None:
    patient, endless = with_patience(100, 180, 1800, 14, 20, 1e7), staffed(100, 180, 1800, 14, 20)
    assert patient.service_level == pytest.approx(endless.service_level, abs=1e-3)
    assert patient.mean_wait_s == pytest.approx(endless.mean_wait_s, rel=1e-2)


def test_answered_and_abandoned_are_all_in_the_long_run() -> None:
    found = with_patience(100, 180, 1800, 9, 3000, 90)
    assert found.service_level == pytest.approx(1 - found.abandoned, abs=1e-6)


def test_agents_needed() -> None:
    assert agents_needed(100, 180).agents == 14
    assert agents_needed(100, 180, shrinkage=0.3).rostered == 20
    assert agents_needed(100, 180, max_occupancy=0.65).agents == 16
    assert agents_needed(100, 180, patience_s=60).agents < 14
    assert agents_needed(0, 180).agents == 1


@pytest.mark.parametrize(
    "wrong", [{"target": 1.0}, {"shrinkage": 1.0}, {"max_occupancy": 0.0}, {"patience_s": 0.0}, {"interval_s": 0.0}]
)
def test_numbers_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"above|between"):
        agents_needed(100, 180, **wrong)  # type: ignore[arg-type]
