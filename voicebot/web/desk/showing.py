"""From the desk's values to what the console shows; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from voicebot.desk import QueueNow, Task
from voicebot.desk.model import Agent, Contact, Medium
from voicebot.domain import AgentId, Json, Language
from voicebot.people import Person
from voicebot.web.desk.ports import DeskCompany
from voicebot.web.desk.views import (
    AgentView,
    ChoiceView,
    ContactView,
    HeadlineView,
    PersonView,
    QueueView,
    ReplyView,
    TaskView,
    WaitView,
)

_TITLE = 40


def label(labels: Mapping[Language, str], language: Language, otherwise: str) -> str:
    """The text in this language, else in any, else ``otherwise``."""
    return labels.get(language) or next(iter(labels.values()), otherwise)


def person_view(person: Person) -> PersonView:
    """Who is signed in."""
    return PersonView(
        id=person.id,
        name=person.name,
        tenant=person.tenant,
        roles=sorted(str(role) for role in person.roles),
        language=person.language,
    )


def packet_address(contact: Contact) -> str:
    """Where the packet is read."""
    return f"/api/desk/contacts/{contact.id}/packet"


def contact_view(
    contact: Contact,
    company: DeskCompany,
    language: Language,
    now: datetime,
    names: Mapping[AgentId, str],
    headline: HeadlineView | None = None,
) -> ContactView:
    """A contact for somebody who reads ``language``."""
    until = contact.accepted_at or contact.closed_at or now
    wrapup_s = company.wrapup_s.get(contact.medium)
    wrapup_until = contact.wrapup_at + timedelta(seconds=wrapup_s) if contact.wrapup_at and wrapup_s else None
    promised = None
    if contact.promised_low_min is not None and contact.promised_high_min is not None:
        promised = WaitView(low_min=contact.promised_low_min, high_min=contact.promised_high_min)
    return ContactView(
        id=contact.id,
        tenant=contact.tenant,
        conversation=contact.conversation,
        channel=contact.channel.value,
        medium=contact.medium.value,
        language=contact.language,
        queue=contact.queue,
        queue_label=label(company.queues.get(contact.queue, {}), language, contact.queue),
        state=contact.state,
        reason=contact.reason.value,
        intent=contact.intent,
        priority=contact.priority,
        enqueued_at=contact.enqueued_at,
        waited_s=round(max(0.0, (until - contact.enqueued_at).total_seconds()), 1),
        packet=packet_address(contact),
        agent=contact.agent,
        agent_name=names.get(contact.agent, "") if contact.agent is not None else "",
        headline=headline,
        offered_at=contact.offered_at,
        lease_until=contact.lease_until,
        accepted_at=contact.accepted_at,
        active_at=contact.active_at,
        wrapup_at=contact.wrapup_at,
        wrapup_until=wrapup_until,
        closed_at=contact.closed_at,
        callback=contact.callback,
        not_before=contact.not_before,
        promised=promised,
        attempt=contact.attempt,
        outcome=contact.outcome,
        version=contact.version,
    )


def headline_view(packet: Mapping[str, Json]) -> HeadlineView:
    """The packet's first three seconds."""
    return HeadlineView.model_validate(packet["headline"])


def bare_headline(contact: Contact, company: DeskCompany, language: Language) -> HeadlineView:
    """What can be said without the packet: better than a ringing telephone without a word."""
    queue = label(company.queues.get(contact.queue, {}), language, contact.queue)
    alerts = ["emergency"] if contact.priority == 1 else []
    return HeadlineView(who="—", why=contact.intent or queue, ask=queue, alerts=alerts)


def agent_view(agent: Agent) -> AgentView:
    """A colleague. Busy: no medium has room left."""
    room = any(agent.load.get(medium, 0) < most for medium, most in agent.capacity.items())
    return AgentView(
        id=agent.id,
        name=agent.name,
        team=agent.team,
        presence=agent.presence,
        reason=agent.presence_reason,
        since=agent.presence_since,
        busy=agent.signed_in and not room,
        load={str(Medium(medium)): count for medium, count in agent.load.items()},
        capacity={str(Medium(medium)): count for medium, count in agent.capacity.items()},
        skills={str(skill): level for skill, level in agent.skills.items()},
        endpoint=agent.endpoint,
        language=agent.language,
        version=agent.version,
    )


def queue_view(queue: QueueNow, language: Language) -> QueueView:
    """A queue."""
    wait = None
    if queue.low_min is not None and queue.high_min is not None:
        wait = WaitView(low_min=queue.low_min, high_min=queue.high_min)
    return QueueView(
        id=queue.id,
        label=label(queue.label, language, queue.id),
        waiting=queue.waiting,
        longest_wait_s=round(queue.longest_wait_s, 1),
        wait=wait,
        agents_free=queue.agents_free,
        agents_busy=queue.agents_busy,
        service_level=queue.service_level,
        target=queue.target,
        target_s=queue.target_s,
    )


def task_view(task: Task, now: datetime, names: Mapping[AgentId, str]) -> TaskView:
    """A promise; overdue when it is open and its time has passed."""
    return TaskView(
        id=task.id,
        tenant=task.tenant,
        kind=task.kind,
        text=task.text,
        owner=task.owner,
        owner_name=names.get(task.owner, "") if task.owner is not None else "",
        due_at=task.due_at,
        state=task.state,
        overdue=task.state == "open" and task.due_at is not None and task.due_at < now,
        contact=task.contact,
        conversation=task.conversation,
        language=task.language,
        created_at=task.created_at,
        created_by=task.created_by,
        done_at=task.done_at,
        outcome=task.outcome,
    )


def breaks_of(company: DeskCompany, language: Language) -> list[ChoiceView]:
    """Why one may take a break."""
    return [ChoiceView(code=code, label=label(texts, language, code)) for code, texts in company.breaks.items()]


def dispositions_of(company: DeskCompany, language: Language) -> list[ChoiceView]:
    """How a contact can end."""
    return [
        ChoiceView(code=one.code, label=label(one.label, language, one.code), resolved=one.resolved)
        for one in company.dispositions
    ]


def title_of(text: str) -> str:
    """The beginning of a canned answer, as far as a list has room."""
    first = re.split(r"[。、，．.,!?！？\n]", text.strip(), maxsplit=1)[0]
    return first if len(first) <= _TITLE else f"{first[: _TITLE - 1]}…"


def replies_of(company: DeskCompany, language: Language) -> list[ReplyView]:
    """Canned answers in every language the company writes; those of ``language`` first."""
    return [
        ReplyView(id=one.id, title=title_of(text), text=text, language=written)
        for one in company.replies
        for written, text in sorted(one.text.items(), key=lambda item: item[0] != language)
    ]


def names_of(agents: Sequence[Agent]) -> dict[AgentId, str]:
    """Names by id."""
    return {agent.id: agent.name for agent in agents}
