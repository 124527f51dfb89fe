"""How much of their time at work agents spend with customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from voicebot.domain import AgentId, ContactChanged, Presence, Recorded

Spans = Sequence[tuple[datetime, datetime]]
_ENDS = frozenset({"closed", "lost", "transferred", "returned", "cancelled", "withdrawn", "failed"})


def busy(log: Iterable[Recorded], until: datetime) -> Mapping[AgentId, Spans]:
    """When each agent had a contact in hand, talk, hold and wrap-up, from ContactChanged events in order of time."""
    found: dict[AgentId, list[tuple[datetime, datetime]]] = {}
    taken: dict[str, tuple[AgentId, datetime]] = {}

    def over(handoff: str, at: datetime) -> None:
        if (held := taken.pop(handoff, None)) is not None:
            found.setdefault(held[0], []).append((held[1], at))

    for item in log:
        event = item.event
        if not isinstance(event, ContactChanged):
            continue
        if event.change == "accepted":
            over(event.handoff, item.at)
            taken[event.handoff] = AgentId(event.agent), item.at
        elif event.change in _ENDS:
            over(event.handoff, item.at)
    for handoff in tuple(taken):
        over(handoff, until)
    return found


def available(changes: Iterable[tuple[AgentId, datetime, Presence]], until: datetime) -> Mapping[AgentId, Spans]:
    """When each agent was available, from changes of presence, each agent's in order."""
    found: dict[AgentId, list[tuple[datetime, datetime]]] = {}
    since: dict[AgentId, datetime] = {}
    for agent, at, presence in changes:
        if (began := since.pop(agent, None)) is not None:
            found.setdefault(agent, []).append((began, at))
        if presence is Presence.AVAILABLE:
            since[agent] = at
    for agent, began in since.items():
        found.setdefault(agent, []).append((began, until))
    return found


def occupancy(at_work: Spans, with_customers: Spans, since: datetime, until: datetime) -> float | None:
    """``(talk + hold + wrap-up) / (the same + available time)``, 0..1; breaks are left out. None: not at work.

    Several chats at once count once.
    """
    busy_s = _seconds(with_customers, since, until)
    all_s = _seconds([*at_work, *with_customers], since, until)
    return busy_s / all_s if all_s else None


def _seconds(spans: Spans, since: datetime, until: datetime) -> float:
    total, reached = 0.0, since
    for start, end in sorted(spans):
        start, end = max(start, reached), min(end, until)
        if end > start:
            total += (end - start).total_seconds()
            reached = end
    return total
