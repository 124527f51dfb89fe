"""The numbers of the day, twice: from the contacts as they are kept, and from the event log alone. They agree.

Definitions: offered are contacts that asked for an agent, without those who left within the short threshold; the
service level is the strict one, answered within the target over offered. Callbacks are kept out of the answer speed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from voicebot.desk.model import QueueSpec
from voicebot.domain import ContactChanged, QueueId, Recorded

SHORT_ABANDON_S = 5.0
_LEFT = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the figures need to know of one contact. Its queue is the one it was in last."""

    queue: QueueId
    enqueued_at: datetime
    answered_at: datetime | None = None
    left_at: datetime | None = None
    callback: bool = False
    over: bool = False

    def wait_s(self, until: datetime) -> float:
        """Seconds from the wish for an agent to a moment."""
        return max(0.0, (until - self.enqueued_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Figures:
    """One queue's or one company's day. ``offered = answered + abandoned + callbacks + waiting + failed``."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    callbacks: int = 0
    callbacks_answered: int = 0
    waiting: int = 0
    failed: int = 0
    short_abandons: int = 0
    answered_in_target: int = 0
    asa_s: float | None = None

    @property
    def service_level(self) -> float | None:
        """Answered within the target over offered (0..1); None on a day without contacts."""
        return self.answered_in_target / self.offered if self.offered else None

    @property
    def abandonment(self) -> float | None:
        """Left after the short threshold over offered."""
        return self.abandoned / self.offered if self.offered else None

    @property
    def answer_rate(self) -> float | None:
        """Answered over offered."""
        return self.answered / self.offered if self.offered else None


def reckon(outcomes: Iterable[Outcome], target_s: Mapping[QueueId, float], short_s: float) -> Figures:
    """The figures of these contacts. ``target_s``: by queue, 20 s where none is given."""
    figures, waited_s = Figures(), 0.0
    for one in outcomes:
        if one.left_at is not None and one.answered_at is None and one.wait_s(one.left_at) < short_s:
            figures = replace(figures, short_abandons=figures.short_abandons + 1)
            continue
        figures = replace(figures, offered=figures.offered + 1)
        if one.callback:
            done = one.answered_at is not None
            figures = replace(
                figures, callbacks=figures.callbacks + 1, callbacks_answered=figures.callbacks_answered + done
            )
        elif one.answered_at is not None:
            wait_s = one.wait_s(one.answered_at)
            waited_s += wait_s
            in_target = wait_s <= target_s.get(one.queue, 20.0)
            figures = replace(
                figures,
                answered=figures.answered + 1,
                answered_in_target=figures.answered_in_target + in_target,
            )
        elif one.left_at is not None:
            figures = replace(figures, abandoned=figures.abandoned + 1)
        elif one.over:
            figures = replace(figures, failed=figures.failed + 1)
        else:
            figures = replace(figures, waiting=figures.waiting + 1)
    asa_s = round(waited_s / figures.answered, 6) if figures.answered else None
    return replace(figures, asa_s=asa_s)


def from_rows(
    rows: Iterable[Mapping[str, Any]], queues: Mapping[QueueId, QueueSpec], short_s: float = SHORT_ABANDON_S
) -> dict[QueueId | None, Figures]:
    """Figures by queue, and of all under None, from rows of contacts."""
    return by_queue(map(outcome_of_row, rows), queues, short_s)


def by_queue(
    outcomes: Iterable[Outcome], queues: Mapping[QueueId, QueueSpec], short_s: float = SHORT_ABANDON_S
) -> dict[QueueId | None, Figures]:
    """Figures by queue, and of all under None."""
    known = list(outcomes)
    targets = {name: queue.target_s for name, queue in queues.items()}
    made: dict[QueueId | None, Figures] = {None: reckon(known, targets, short_s)}
    for queue in {one.queue for one in known} | set(queues):
        made[queue] = reckon((one for one in known if one.queue == queue), targets, short_s)
    return made


def outcome_of_row(row: Mapping[str, Any]) -> Outcome:
    """One contact as it is kept."""
    callback = bool(row["promised"])
    return Outcome(
        row["queue"],
        row["enqueued_at"],
        row["answered_at"],
        row["closed_at"] if row["state"] == _LEFT and not callback else None,
        callback,
        row["closed_at"] is not None,
    )


def replay(log: Iterable[Recorded]) -> Mapping[str, Outcome]:
    """Contacts by id from events of any conversations, each conversation's in order."""
    found: dict[str, Outcome] = {}
    for item in log:
        event = item.event
        if not isinstance(event, ContactChanged):
            continue
        known = found.get(event.handoff)
        if known is None:
            if event.change not in ("queued", "callback_booked"):
                continue
            known = Outcome(QueueId(event.queue), datetime.fromisoformat(event.enqueued_at))
        found[event.handoff] = _after(replace(known, queue=QueueId(event.queue)), event, item.at)
    return found


def _after(known: Outcome, event: ContactChanged, at: datetime) -> Outcome:
    match event.change:
        case "active":
            return replace(known, answered_at=known.answered_at or at)
        case "cancelled":
            return replace(known, over=True, left_at=None if known.callback else at)
        case "callback_booked":
            return replace(known, callback=True)
        case "closed" | "returned" | "failed":
            return replace(known, over=True)
        case _:
            return known
