"""Everything a console is shown at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.desk import QueueNow, Task
from voicebot.desk.model import Agent, Contact
from voicebot.domain import AgentId, ContactState, TenantId
from voicebot.people import SignedIn
from voicebot.web.desk.frames import State
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.showing import (
    agent_view,
    breaks_of,
    contact_view,
    dispositions_of,
    names_of,
    person_view,
    queue_view,
    replies_of,
    task_view,
)

MINE = (ContactState.OFFERED, ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show."""

    me: Agent | None
    team: tuple[Agent, ...]
    contacts: tuple[Contact, ...]
    queues: tuple[QueueNow, ...]
    tasks: tuple[Task, ...]


async def look(desk: DeskParts, signed: SignedIn, agent: AgentId | None, tenants: Sequence[TenantId]) -> Shown:
    """The desk as it is now, for a person who sees these companies; ``agent`` None: they take no contacts."""
    source = desk.ports.desk
    team: dict[AgentId, Agent] = {}
    contacts: list[Contact] = []
    queues: list[QueueNow] = []
    tasks: list[Task] = []
    for tenant in tenants:
        team |= {one.id: one for one in await source.agents(tenant)}
        queues += await source.queues(tenant)
        if agent is not None:
            contacts += [one for one in await source.contacts(tenant, states=MINE) if one.agent == agent]
            tasks += await source.tasks(tenant, owner=agent)
    me = await source.agent(agent) if agent is not None else None
    return Shown(me, tuple(team.values()), tuple(contacts), tuple(queues), tuple(tasks))


def state_frame(desk: DeskParts, signed: SignedIn, shown: Shown) -> State:
    """The same as a frame, in the person's language."""
    person, now, names = signed.person, desk.ports.clock.now(), names_of(shown.team)
    companies = [desk.ports.companies[tenant] for tenant in desk.tenants(signed)]
    language = person.language
    return State(
        person=person_view(person),
        me=agent_view(shown.me) if shown.me is not None else None,
        contacts=[
            contact_view(one, desk.access.company_of(one.tenant), language, now, names) for one in shown.contacts
        ],
        queues=[queue_view(one, language) for one in shown.queues],
        team=[agent_view(one) for one in shown.team],
        breaks=list({one.code: one for own in companies for one in breaks_of(own, language)}.values()),
        dispositions=list({one.code: one for own in companies for one in dispositions_of(own, language)}.values()),
        replies=[one for own in companies for one in replies_of(own, language)],
        tasks=[task_view(one, now, names) for one in shown.tasks],
        heartbeat_s=desk.ports.settings.heartbeat_s,
        server_time=now,
    )
