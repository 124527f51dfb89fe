"""How many agents an interval takes: Erlang B, C and A.

``A = calls / interval * AHT`` is the offered load in Erlangs, ``N`` the agents at work. Erlang C has customers who wait
for ever and needs ``N > A``; Erlang A has customers who leave after an exponential patience and always has an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, inf

_MOST_AGENTS = 10_000
_NEGLIGIBLE = 1e-15
_JUMPS_A_SLICE = 50


@dataclass(frozen=True, slots=True)
class Staffed:
    """What N agents give. Shares are 0..1, times seconds. ``abandoned`` is 0 without a patience."""

    agents: int
    load_erlangs: float
    must_wait: float
    mean_wait_s: float
    service_level: float
    occupancy: float
    abandoned: float = 0.0
    rostered: int = 0


def offered_load(calls: float, aht_s: float, interval_s: float) -> float:
    """Erlangs."""
    return calls / interval_s * aht_s


def erlang_b(load: float, agents: int) -> float:
    """The share of calls lost when nobody can wait: ``B(0)=1, B(k)=A B(k-1) / (k + A B(k-1))``."""
    blocked = 1.0
    for count in range(1, agents + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(load: float, agents: int) -> float:
    """The share of calls that wait: ``C = N B / (N - A (1 - B))``; 1 when the load is not below the agents."""
    if load >= agents:
        return 1.0
    blocked = erlang_b(load, agents)
    return agents * blocked / (agents - load * (1 - blocked))


def with_endless_patience(calls: float, aht_s: float, interval_s: float, agents: int, target_s: float) -> Staffed:
    """Erlang C: ``ASA = C AHT / (N - A)``, ``SL(T) = 1 - C exp(-(N - A) T / AHT)``; an endless wait when ``N <= A``."""
    load = offered_load(calls, aht_s, interval_s)
    must_wait, spare = erlang_c(load, agents), agents - load
    if spare <= 0:
        return Staffed(agents, load, 1.0, inf if load else 0.0, 0.0, 1.0)
    level = 1 - must_wait * exp(-spare * target_s / aht_s)
    return Staffed(agents, load, must_wait, must_wait * aht_s / spare, level, load / agents)


def with_patience(
    calls: float, aht_s: float, interval_s: float, agents: int, target_s: float, patience_s: float
) -> Staffed:
    """Erlang A: the birth-death chain with deaths ``min(n,N) mu + max(n-N,0) theta``, solved state by state.

    The service level is the share of all calls answered within ``target_s``: a caller who finds k others waiting is
    answered by then if k + 1 departures (rate ``N mu + k theta``, the caller's own leaving apart) come before both.
    """
    rate, mu, theta = calls / interval_s, 1 / aht_s, 1 / patience_s
    load = rate * aht_s
    weights, scale = [1.0], 1.0
    while len(weights) <= agents or weights[-1] > _NEGLIGIBLE * scale:
        count = len(weights)
        death = min(count, agents) * mu + max(count - agents, 0) * theta
        weights.append(weights[-1] * rate / death)
        scale += weights[-1]
        if scale > 1e200:
            weights = [weight / scale for weight in weights]
            scale = 1.0
    chances = [weight / scale for weight in weights]
    must_wait = sum(chances[agents:])
    queue = sum((count - agents) * chance for count, chance in enumerate(chances) if count > agents)
    mean_wait_s = queue / rate if rate else 0.0
    abandoned = theta * mean_wait_s
    level = 1 - must_wait + _answered_within(chances[agents:], agents * mu, theta, target_s)
    return Staffed(
        agents, load, must_wait, mean_wait_s, level, load * (1 - abandoned) / agents if agents else 1.0, abandoned
    )


def _answered_within(arriving: list[float], serving: float, theta: float, target_s: float) -> float:
    """The share of calls that wait and are answered in time: the caller's place in line as a chain, uniformised.

    ``arriving[k]``: the share of calls that find k others waiting. The time is cut so that no weight underflows.
    """
    if target_s <= 0:
        return 0.0
    fastest = serving + len(arriving) * theta
    slices = max(1, ceil(fastest * target_s / _JUMPS_A_SLICE))
    places, answered = list(arriving), 0.0
    for _ in range(slices):
        places, more = _slice(places, serving, theta, fastest, fastest * target_s / slices)
        answered += more
    return answered


def _slice(
    places: list[float], serving: float, theta: float, fastest: float, jumps: float
) -> tuple[list[float], float]:
    """Where callers stand after a time in which ``jumps`` jumps are expected, and how many were answered in it."""
    weight = exp(-jumps)
    after, answered_after = [weight * chance for chance in places], 0.0
    answered, seen, count = 0.0, weight, 0
    while seen < 1 - 1e-12 and count < 20 * _JUMPS_A_SLICE:
        moved = [0.0] * len(places)
        for ahead, chance in enumerate(places):
            forward = chance * (serving + ahead * theta) / fastest
            if ahead:
                moved[ahead - 1] += forward
            else:
                answered += forward
            moved[ahead] += chance * (1 - theta / fastest) - forward
        places, count = moved, count + 1
        weight *= jumps / count
        seen += weight
        answered_after += weight * answered
        after = [total + weight * chance for total, chance in zip(after, places, strict=True)]
    return after, answered_after


def staffed(
    calls: float, aht_s: float, interval_s: float, agents: int, target_s: float, patience_s: float | None = None
) -> Staffed:
    """What ``agents`` give, by Erlang A where a patience is known, else by Erlang C."""
    if patience_s is None:
        return with_endless_patience(calls, aht_s, interval_s, agents, target_s)
    return with_patience(calls, aht_s, interval_s, agents, target_s, patience_s)


def agents_needed(
    calls: float,
    aht_s: float,
    target: float = 0.8,
    target_s: float = 20.0,
    interval_s: float = 1800.0,
    *,
    patience_s: float | None = None,
    shrinkage: float = 0.0,
    max_occupancy: float = 1.0,
) -> Staffed:
    """The fewest agents whose service level is at least ``target`` and whose occupancy is at most ``max_occupancy``.

    ``shrinkage``: the part of paid time away from the desk; ``rostered`` has the people to plan for it.

    Raises:
        ValueError: a number that cannot be.
    """
    if not (calls >= 0 and aht_s > 0 and interval_s > 0 and target_s >= 0):
        raise ValueError("calls and target seconds are 0 or more; handling time and interval are above 0")
    if not (0 < target < 1 and 0 <= shrinkage < 1 and 0 < max_occupancy <= 1):
        raise ValueError("target is between 0 and 1, shrinkage from 0 to below 1, occupancy above 0 up to 1")
    if patience_s is not None and patience_s <= 0:
        raise ValueError("patience is above 0 seconds")
    for agents in range(1, _MOST_AGENTS):
        if patience_s is None and offered_load(calls, aht_s, interval_s) >= agents:
            continue
        found = staffed(calls, aht_s, interval_s, agents, target_s, patience_s)
        if found.service_level >= target and found.occupancy <= max_occupancy:
            return Staffed(
                agents,
                found.load_erlangs,
                found.must_wait,
                found.mean_wait_s,
                found.service_level,
                found.occupancy,
                found.abandoned,
                ceil(agents / (1 - shrinkage) - 1e-9),
            )
    raise ValueError(f"more than {_MOST_AGENTS} agents would be needed")
