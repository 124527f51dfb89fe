"""What a leader should look at, from the floor as it stands; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from voicebot.desk import QueueNow, Task
from voicebot.desk.model import Agent, Contact, Medium
from voicebot.domain import ContactState, Presence
from voicebot.web.desk.bodies import FloorAlert

LONG_TIMES = 3.0
"""A wait is long when it is so many times what the queue aims for, and a minute at least."""
LONG_LEAST_S = 60.0
_URGENT = 1


def alerts(
    agents: Sequence[Agent],
    contacts: Sequence[Contact],
    queues: Sequence[QueueNow],
    tasks: Sequence[Task],
    now: datetime,
    wrapup_s: Mapping[Medium, float],
    announced: Sequence[str] = (),
) -> list[FloorAlert]:
    """The gravest first. ``announced``: what the desk told of late, a kind and the id it is about."""
    found = [*_queues(queues)]
    refused = [what.removeprefix("unstaffed:") for what in announced if what.startswith("unstaffed:")]
    known = {alert.queue for alert in found if alert.kind == "unstaffed"}
    return [
        *_emergencies(contacts),
        *(FloorAlert(kind="unstaffed", queue=queue) for queue in refused if queue not in known),
        *found,
        *_forms(contacts, now, wrapup_s),
        *(FloorAlert(kind="no_answer", agent=one.id) for one in agents if one.presence is Presence.NO_ANSWER),
        *_overdue(tasks, now),
    ]


def _emergencies(contacts: Sequence[Contact]) -> Iterator[FloorAlert]:
    for contact in contacts:
        if contact.priority == _URGENT and contact.state.open and contact.state is not ContactState.WRAPUP:
            yield FloorAlert(kind="emergency", contact=contact.id, queue=contact.queue, agent=contact.agent)


def _queues(queues: Sequence[QueueNow]) -> Iterator[FloorAlert]:
    for queue in queues:
        if queue.waiting and not queue.agents_free and not queue.agents_busy:
            yield FloorAlert(kind="unstaffed", queue=queue.id, detail=f"{queue.waiting}")
        if queue.waiting and queue.longest_wait_s > max(LONG_LEAST_S, LONG_TIMES * queue.target_s):
            yield FloorAlert(kind="long_wait", queue=queue.id, detail=f"{round(queue.longest_wait_s)}")
        if queue.cap is not None and queue.waiting >= queue.cap:
            yield FloorAlert(kind="queue_full", queue=queue.id, detail=f"{queue.waiting}")
        if queue.service_level is not None and queue.service_level < queue.target:
            yield FloorAlert(kind="service_level", queue=queue.id, detail=f"{queue.service_level:.2f}")


def _forms(contacts: Sequence[Contact], now: datetime, wrapup_s: Mapping[Medium, float]) -> Iterator[FloorAlert]:
    for contact in contacts:
        limit_s = wrapup_s.get(contact.medium)
        if contact.state is ContactState.WRAPUP and contact.wrapup_at is not None and limit_s is not None:
            if contact.wrapup_at + timedelta(seconds=limit_s) <= now:
                yield FloorAlert(kind="wrapup_overdue", contact=contact.id, agent=contact.agent)


def _overdue(tasks: Sequence[Task], now: datetime) -> Iterator[FloorAlert]:
    for task in tasks:
        if task.state == "open" and task.due_at is not None and task.due_at < now:
            yield FloorAlert(kind="task_overdue", task=task.id, agent=task.owner)
