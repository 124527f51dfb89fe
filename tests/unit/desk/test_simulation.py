"""The simulated desk agrees with theory: one skill, no relaxation, Erlang C and A within three standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import mean, stdev

import pytest

from tests.support.queue_values import TECH, agent, contact, skilled
from voicebot.desk.model import QueueSpec
from voicebot.desk.staffing import staffed
from voicebot.domain import QueueId, Skill, TenantId
from voicebot.sim.desk import Fate, Spread, Stream, simulate

QUEUE = QueueSpec(QueueId("q_tech"), TenantId("shop"), {Skill("tech"): 1})
BATCHES = 25


def near(fates: Sequence[Fate], figure: Callable[[Fate], float], expected: float) -> None:
    """Batch means, since waits of neighbours depend on each other."""
    size = len(fates) // BATCHES
    means = [mean(map(figure, fates[i * size : (i + 1) * size])) for i in range(BATCHES)]
    assert abs(mean(means) - expected) <= 3 * stdev(means) / BATCHES**0.5


@pytest.mark.parametrize(
    ("agents", "patience_s"), [(12, None), (13, None), (14, None), (10, 60.0), (12, 120.0), (9, 90.0)]
)
def test_theory(agents: int, patience_s: float | None) -> None:
    staff = [agent(f"a{index:02}") for index in range(agents)]
    stream = Stream(contact(queue=QUEUE), per_hour=200, aht_s=180, patience_s=patience_s)
    day = simulate(staff, [QUEUE], [stream], contacts=15_000, seed=20260105)
    theory = staffed(100, 180, 1800, agents, 20, patience_s)
    fates = sorted(day.fates, key=lambda fate: fate.arrived_s)
    assert (len(fates), day.waiting, day.offered) == (15_000, 0, 15_000)
    near(fates, lambda fate: float(fate.waited_s > 0), theory.must_wait)
    near(fates, lambda fate: fate.waited_s, theory.mean_wait_s)
    near(fates, lambda fate: float(fate.agent is not None and fate.waited_s <= 20), theory.service_level)
    if patience_s is not None:
        near(fates, lambda fate: float(fate.agent is None), theory.abandoned)


def test_relaxation_brings_help_at_its_moment() -> None:
    """The expert is busy for long; the trainee may help after 60 s."""
    staff = [agent("expert"), agent("trainee", skilled(tech=1, lang_ja=5))]
    stream = Stream(contact(), per_hour=3600, aht_s=100_000, spread=Spread.LOGNORMAL, variation=0.01)
    day = simulate(staff, [TECH], [stream], contacts=2, seed=1)
    assert [fate.agent for fate in day.fates] == ["expert", "trainee"]
    assert day.fates[1].waited_s == pytest.approx(60)


def test_the_same_seed_is_the_same_day() -> None:
    stream = Stream(contact(queue=QUEUE), per_hour=60, aht_s=90, patience_s=60)
    one, same, other = (simulate([agent()], [QUEUE], [stream], contacts=200, seed=seed) for seed in (3, 3, 4))
    assert one == same != other
