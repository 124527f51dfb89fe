"""How long it will take, told honestly: a range, only from what was measured lately, and checked against what came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from voicebot.desk.model import Agent, Contact, Medium, QueueSpec
from voicebot.desk.relax import Demand, demand_at, free_places, meets, serves
from voicebot.desk.rules import order_key
from voicebot.domain import AgentId, ContactState, Presence, QueueId, Wait

DEFAULT_AHT_S = 300.0
"""Handling time assumed, for planning only, until enough contacts were finished."""

FEWEST_COMPLETIONS = 5
RECENT = timedelta(hours=4)
LONG_WAIT_S = 180.0
LOW, HIGH = 0.7, 1.5
_SMOOTHING = 0.2
_EDGES_MIN = (0, 1, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480)
_FEWEST_PROMISES = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast contacts are finished: a smoothed handling time (talk, hold and wrap-up), and from how many of late."""

    aht_s: float = DEFAULT_AHT_S
    recent: int = 0

    @property
    def known(self) -> bool:
        """Whether a wait may be told from it."""
        return self.recent >= FEWEST_COMPLETIONS


def pace(finished: Iterable[tuple[datetime, float]], now: datetime) -> Pace:
    """From finished contacts: when, and seconds of handling. Exponentially smoothed, newest heaviest; 4 hours back."""
    lately = sorted((at, seconds) for at, seconds in finished if now - RECENT <= at <= now)
    if len(lately) < FEWEST_COMPLETIONS:
        return Pace(DEFAULT_AHT_S, len(lately))
    aht_s = lately[0][1]
    for _, seconds in lately[1:]:
        aht_s += _SMOOTHING * (seconds - aht_s)
    return Pace(max(1.0, aht_s), len(lately))


def paces_of(
    finished: Iterable[tuple[QueueId, Medium, datetime, float]], now: datetime
) -> Mapping[tuple[QueueId, Medium], Pace]:
    """:func:`pace` of each queue's calls and of its chats, which take as long as they take beside others."""
    handled: dict[tuple[QueueId, Medium], list[tuple[datetime, float]]] = {}
    for queue, medium, at, seconds in finished:
        handled.setdefault((queue, medium), []).append((at, seconds))
    return {which: pace(times, now) for which, times in handled.items()}


def staff_for(contact: Contact, queue: QueueSpec, agents: Iterable[Agent]) -> tuple[Agent, ...]:
    """Agents at work (not on a break, not silent) who could take the contact at some step."""
    demand = demand_at(contact, queue, len(queue.relax))
    return tuple(agent for agent in agents if _works(agent) and serves(agent, contact) and meets(agent, demand))


def position(
    contact: Contact, waiting: Iterable[Contact], queue: QueueSpec, agents: Sequence[Agent], now: datetime
) -> int:
    """The place in line, from 1: those before it in order, of its queue and medium, whom one of its agents could take.

    Callbacks count once their moment has come. Customers whom none of these agents can serve are not in the way.
    """
    key, staff = order_key(contact, now, queue.age_s), staff_for(contact, queue, agents)
    rivals: dict[tuple[str, frozenset[tuple[str, int]]], bool] = {}
    ahead = 0
    for other in waiting:
        if other.id == contact.id or (other.tenant, other.queue) != (contact.tenant, contact.queue):
            continue
        if other.medium is not contact.medium or other.state not in (ContactState.QUEUED, ContactState.OFFERED):
            continue
        if (other.not_before is not None and other.not_before > now) or order_key(other, now, queue.age_s) > key:
            continue
        asked = (other.language, frozenset((str(skill), level) for skill, level in other.required.items()))
        if asked not in rivals:
            demand: Demand = demand_at(other, queue, len(queue.relax))
            rivals[asked] = not staff or any(meets(agent, demand) for agent in staff)
        ahead += rivals[asked]
    return ahead + 1


def effective_servers(
    contact: Contact,
    queue: QueueSpec,
    agents: Iterable[Agent],
    queues: Collection[QueueSpec],
    shares: Mapping[AgentId, float] | None = None,
) -> float:
    """How many full-time places work for the contact's queue.

    ``shares``: the part (0..1) of each agent's recent time this queue got; an agent without one is split evenly over
    the queues they have the skills for.
    """
    total = 0.0
    for agent in staff_for(contact, queue, agents):
        share = (shares or {}).get(agent.id)
        total += (even_share(agent, queues) if share is None else share) * agent.capacity[contact.medium]
    return total


def even_share(agent: Agent, queues: Collection[QueueSpec]) -> float:
    """One part of an agent who serves several queues: one over the number of queues they have the skills for."""
    served = sum(
        1
        for queue in queues
        if queue.tenant in (agent.tenant, *agent.grants)
        and all(agent.skills.get(skill, 0) >= level for skill, level in queue.skills.items())
    )
    return 1.0 / max(1, served)


def idle_places(contact: Contact, queue: QueueSpec, agents: Iterable[Agent]) -> int:
    """Places that are free for the contact at this moment."""
    return sum(
        free_places(agent, contact.medium)
        for agent in staff_for(contact, queue, agents)
        if agent.presence is Presence.AVAILABLE
    )


def expected_wait_s(place: int, idle: int, servers: float, known: Pace, *, scale: float = 1.0) -> float | None:
    """``max(0, p - idle) / (S / AHT)`` in seconds, times the weekly ``scale``; None when nothing honest can be said."""
    if not known.known or servers <= 0:
        return None
    return max(0, place - idle) * known.aht_s / servers * scale


def spoken(point_s: float) -> Wait:
    """The range to tell: 0.7 to 1.5 times the estimate, on minutes people say (1, 3, 5, 10, 15, 20, 30, 45, 60 ...).

    The low end is rounded down, the high end to the nearest such number and never below the estimate itself.
    """
    point_min = point_s / 60
    low = max(edge for edge in _EDGES_MIN if edge <= max(0.0, LOW * point_min))
    above = [edge for edge in _EDGES_MIN if edge > low and edge >= point_min] or [2 * low]
    return Wait(low, min(above, key=lambda edge: (abs(edge - HIGH * point_min), edge)))


def worse(before: Wait | None, fresh: Wait) -> bool:
    """Whether the new range takes back what a caller was told; say why before saying it."""
    return before is not None and fresh.high_min > before.high_min


def steady(before: Wait | None, fresh: Wait | None, *, told_why: bool = False) -> Wait | None:
    """What to tell one caller next: never a longer wait than before unless they are told why."""
    if before is None or fresh is None or told_why:
        return fresh
    high = min(before.high_min, fresh.high_min)
    return Wait(min(before.low_min, fresh.low_min, max(edge for edge in _EDGES_MIN if edge < high)), high)


def long_wait(point_s: float | None, length: int, cap: int | None, threshold_s: float = LONG_WAIT_S) -> bool:
    """Whether to offer a callback first: the high end of the wait is above the threshold, or the queue is full."""
    return (cap is not None and length >= cap) or (point_s is not None and HIGH * point_s > threshold_s)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was told to a caller, in minutes, and the seconds it took."""

    low_min: int
    high_min: int
    actual_s: float

    @property
    def kept(self) -> bool:
        """The real wait was inside the told range."""
        return self.low_min * 60 <= self.actual_s <= self.high_min * 60


def kept_share(promises: Collection[Promise]) -> float | None:
    """The part (0..1) of waits inside the told range; the aim is 0.8. None without promises."""
    return sum(promise.kept for promise in promises) / len(promises) if promises else None


def weekly_scale(promises: Collection[Promise], before: float = 1.0) -> float:
    """The factor for next week's estimates: the one before times the median of actual over estimated wait.

    The estimate is read back from the middle of the range. Fewer than 20 promises change nothing; one week moves it
    by at most a factor of two, and it stays within a quarter and four.
    """
    if len(promises) < _FEWEST_PROMISES:
        return before
    middle = (LOW + HIGH) / 2
    ratio = median(promise.actual_s / ((promise.low_min + promise.high_min) * 30 / middle) for promise in promises)
    return min(4.0, max(0.25, before * min(2.0, max(0.5, ratio))))


def _works(agent: Agent) -> bool:
    return agent.presence in (Presence.AVAILABLE, Presence.RESTING)
