"""Who may be given which contact, and which contact comes first. Pure: the same values give the same answer.

Times are aware datetimes; differences are taken between moments, so neither summer time nor a company's time zone
touches the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import floor

from voicebot.desk.model import Agent, Contact, QueueSpec
from voicebot.desk.relax import demand_at, free_places, meets, serves, step_at, waited_s
from voicebot.domain import AgentId, ContactState, HandoffId, Presence, Skill

EMERGENCY_PRIORITY = 1
"""The class of emergencies; no ageing reaches it."""

AGE_S = 60.0
"""A contact moves up one class for every so many seconds of waiting."""


def requirement(
    contact: Contact, queue: QueueSpec, now: datetime, *, from_step: int = 0
) -> tuple[Mapping[Skill, int], tuple[Skill, ...]]:
    """What an agent must have now: every skill at its level, and one of the second part unless that is empty.

    ``from_step``: earlier relaxation steps are skipped (:func:`~voicebot.desk.relax.first_possible`).
    """
    demand = demand_at(contact, queue, max(from_step, step_at(contact, queue, now)))
    return demand.levels, demand.any_of


def held_for(contact: Contact, now: datetime) -> AgentId | None:
    """The preferred agent for whom the contact is kept, while that lasts and they have not declined it."""
    agent, until = contact.preferred_agent, contact.hold_until
    if agent is None or until is None or until <= now or excluded(contact, agent, now):
        return None
    return agent


def excluded(contact: Contact, agent: AgentId, now: datetime) -> bool:
    """Whether the agent must not be offered the contact yet (declined it, did not answer, passed it on)."""
    until = contact.excluded.get(agent)
    return until is not None and until > now


def offerable(contact: Contact, now: datetime) -> bool:
    """Whether the contact waits for an agent now, and a callback's moment has come."""
    return contact.state is ContactState.QUEUED and (contact.not_before is None or contact.not_before <= now)


def free(agent: Agent, contact: Contact) -> bool:
    """Whether the agent is available and has room for one more of the contact's medium."""
    return agent.presence is Presence.AVAILABLE and free_places(agent, contact.medium) > 0


def eligible(agent: Agent, contact: Contact, queue: QueueSpec, now: datetime, *, from_step: int = 0) -> bool:
    """Whether the agent may be offered the contact at this moment.

    Own company (or a grant), available, room left, not excluded, the contact not kept for somebody else, and every
    demand of the present relaxation step met.
    """
    if not (offerable(contact, now) and serves(agent, contact) and free(agent, contact)):
        return False
    if excluded(contact, agent.id, now) or held_for(contact, now) not in (None, agent.id):
        return False
    return meets(agent, demand_at(contact, queue, max(from_step, step_at(contact, queue, now))))


def could_ever(agent: Agent, contact: Contact, queue: QueueSpec, step: int | None = None) -> bool:
    """Whether a signed-in agent could take the contact at some time, whatever they do now.

    ``step``: at that relaxation step; None: at the last one, which includes all before it.
    """
    last = len(queue.relax) if step is None else step
    return agent.signed_in and serves(agent, contact) and meets(agent, demand_at(contact, queue, last))


def effective_priority(base: int, waited: float, age_s: float = AGE_S) -> int:
    """Smaller is sooner. One class up per ``age_s`` seconds of ``waited``, never into the class of emergencies.

    An equal base keeps first come, first served: who waits longer has never aged less.
    """
    if base <= EMERGENCY_PRIORITY:
        return EMERGENCY_PRIORITY
    return max(EMERGENCY_PRIORITY + 1, base - floor(max(0.0, waited) / age_s))


def order_key(contact: Contact, now: datetime, age_s: float = AGE_S) -> tuple[int, float, HandoffId]:
    """The one order of the queue, for live contacts and callbacks alike: the smallest is served first."""
    priority = effective_priority(contact.priority, waited_s(contact, now), age_s)
    return priority, contact.enqueued_at.timestamp(), contact.id


def after_loss(priority: int) -> int:
    """The base priority of a contact whose agent's connection was lost: two classes up, an emergency stays one."""
    return EMERGENCY_PRIORITY if priority <= EMERGENCY_PRIORITY else max(EMERGENCY_PRIORITY + 1, priority - 2)
