"""Two questions kept apart: which contact when an agent is free, and which agent when a contact has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from voicebot.desk.model import Agent, Contact, Medium, QueueSpec
from voicebot.desk.relax import demand_at, first_possible, free_places, full_demand, meets, serves, step_at
from voicebot.desk.rules import eligible, excluded, free, held_for, offerable, order_key
from voicebot.domain import AgentId, HandoffId, Presence, QueueId, Skill, TenantId

Queues = Mapping[tuple[TenantId, QueueId], QueueSpec]
"""Queues by company and id; :func:`by_company` makes one."""

_Demanded = tuple[TenantId, QueueId, Medium, str, frozenset[tuple[Skill, int]]]


def by_company(queues: Iterable[QueueSpec]) -> Queues:
    """Queues ready to be looked up; two companies may use the same id."""
    return {(queue.tenant, queue.id): queue for queue in queues}


def next_contact(
    agent: Agent,
    contacts: Iterable[Contact],
    queues: Queues,
    now: datetime,
    *,
    roster: Sequence[Agent] | None = None,
) -> Contact | None:
    """The contact a free agent should be offered: the first in order among those they are eligible for.

    ``roster``: everybody of the desk, so that steps nobody signed in can satisfy are skipped and a hold for somebody
    who is not there is ignored; without it only the waiting time relaxes.
    """
    steps = _Steps(roster) if roster is not None else None
    best: Contact | None = None
    best_key: tuple[int, float, HandoffId] | None = None
    for contact in contacts:
        queue = queues.get((contact.tenant, contact.queue))
        if queue is None:
            continue
        key = order_key(contact, now, queue.age_s)
        if best_key is not None and key > best_key:
            continue
        asked = steps.released(contact) if steps else contact
        if eligible(agent, asked, queue, now, from_step=steps.first(contact, queue) if steps else 0):
            best, best_key = contact, key
    return best


def best_agent(contact: Contact, agents: Sequence[Agent], queue: QueueSpec, now: datetime) -> Agent | None:
    """Who should be offered the contact. ``agents``: everybody of the desk, signed in or not, free or not.

    The preferred agent while the contact is held for them; then lowest load for its medium, best fit, longest idle, id.
    """
    steps = _Steps(agents)
    asked = steps.released(contact)
    first = steps.first(contact, queue)
    able = [agent for agent in agents if eligible(agent, asked, queue, now, from_step=first)]
    needs = full_demand(contact, queue)
    return min(able, key=lambda agent: agent_key(agent, contact, needs, now), default=None)


def agent_key(
    agent: Agent, contact: Contact, needs: Mapping[Skill, int], now: datetime
) -> tuple[float, float, datetime, AgentId]:
    """The order of eligible agents for one contact, best first. ``needs`` is the contact's full demand."""
    load = agent.load.get(contact.medium, 0) / agent.capacity[contact.medium]
    return load, -fit(agent, contact, needs), agent.available_since or now, agent.id


def fit(agent: Agent, contact: Contact, needs: Mapping[Skill, int]) -> float:
    """``sum(weight * min(level, need + 1))``: one level above the need counts, more does not, which spares experts.

    A required skill weighs 1 unless ``contact.preferred`` says otherwise; a preferred one that is not required has
    need 0.
    """
    weights = contact.preferred
    total = sum(weights.get(skill, 1.0) * min(agent.skills.get(skill, 0), need + 1) for skill, need in needs.items())
    extra = sum(w * min(agent.skills.get(skill, 0), 1) for skill, w in weights.items() if skill not in needs)
    return total + extra


def assignments(
    agents: Sequence[Agent], contacts: Iterable[Contact], queues: Queues, now: datetime
) -> list[tuple[Contact, Agent]]:
    """Every offer to make now, in the order of the queue. ``agents``: everybody of the desk.

    Work conserving: afterwards nobody with room left is eligible for a contact that still waits. No contact gets an
    agent for whom one before it in order is eligible and waits. The agents returned are as they were passed in.
    """
    staff = {agent.id: agent for agent in agents}
    room = {agent.id: agent for agent in agents if agent.presence is Presence.AVAILABLE and _any_room(agent)}
    if not room:
        return []
    steps, left = _Steps(agents), set(room)
    able: dict[tuple[_Demanded, int], list[AgentId]] = {}
    made: list[tuple[Contact, Agent]] = []
    waiting = [
        (contact, queue)
        for contact in contacts
        if offerable(contact, now) and (queue := queues.get((contact.tenant, contact.queue))) is not None
    ]
    for contact, queue in sorted(waiting, key=lambda item: order_key(item[0], now, item[1].age_s)):
        step = max(steps.first(contact, queue), step_at(contact, queue, now))
        demanded = _demanded(contact), step
        if demanded not in able:
            demand = demand_at(contact, queue, step)
            able[demanded] = [who.id for who in room.values() if serves(who, contact) and meets(who, demand)]
        keeper = held_for(steps.released(contact), now)
        fitting = [
            room[who]
            for who in able[demanded]
            if free(room[who], contact) and keeper in (None, who) and not excluded(contact, who, now)
        ]
        if not fitting:
            continue
        needs = full_demand(contact, queue)
        chosen = min(fitting, key=lambda agent: agent_key(agent, contact, needs, now))
        made.append((contact, staff[chosen.id]))
        load = {**chosen.load, contact.medium: chosen.load.get(contact.medium, 0) + 1}
        room[chosen.id] = taken = replace(chosen, load=load)
        if not _any_room(taken):
            left.discard(chosen.id)
            if not left:
                break
    return made


def _any_room(agent: Agent) -> bool:
    return any(free_places(agent, medium) for medium in Medium)


def _demanded(contact: Contact) -> _Demanded:
    return contact.tenant, contact.queue, contact.medium, contact.language, frozenset(contact.required.items())


class _Steps:
    """Steps to skip, worked out once for all contacts that ask the same of the same roster."""

    def __init__(self, roster: Sequence[Agent]) -> None:
        self._roster = [agent for agent in roster if agent.signed_in]
        self._present = {agent.id for agent in self._roster}
        self._first: dict[_Demanded, int] = {}

    def first(self, contact: Contact, queue: QueueSpec) -> int:
        """The first step somebody could satisfy; 0 when nobody can at any step."""
        key = _demanded(contact)
        if key not in self._first:
            self._first[key] = first_possible(contact, queue, self._roster) or 0
        return self._first[key]

    def released(self, contact: Contact) -> Contact:
        """The contact without a hold for somebody who is not signed in."""
        if contact.hold_until is None or contact.preferred_agent in self._present:
            return contact
        return replace(contact, hold_until=None)
