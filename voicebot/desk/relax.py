"""What a waiting contact asks of an agent, step by step: demands drop as the wait grows, some never.

Step 0 is the full demand; step ``i`` is reached ``queue.relax[i - 1].after_s`` seconds after ``enqueued_at``, which no
requeue or transfer resets. Steps add up: a level once lowered stays low, a substitute once allowed stays allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from voicebot.desk.model import LANGUAGE_LEVEL, Agent, Contact, Medium, QueueSpec, language_skill
from voicebot.domain import Skill

NEVER_RELAXED = frozenset({Skill("safety"), Skill("fraud"), Skill("privacy")})
"""Besides every language: what no wait makes negotiable, whatever a company's content says."""

ANYONE = Skill("general")
"""Asks for any agent who speaks the language; nobody needs to hold it."""

LANGUAGE_PREFIX = "lang:"


class Demand(NamedTuple):
    """All of ``levels``, and one of ``any_of`` at any level unless that is empty."""

    levels: Mapping[Skill, int]
    any_of: tuple[Skill, ...] = ()


def is_language(skill: Skill) -> bool:
    """Whether the skill is the speaking of a language."""
    return skill.startswith(LANGUAGE_PREFIX)


def never_relaxed(skill: Skill) -> bool:
    """Whether the skill is demanded in full however long the customer waits."""
    return is_language(skill) or skill in NEVER_RELAXED


def full_demand(contact: Contact, queue: QueueSpec) -> Mapping[Skill, int]:
    """Step 0: the higher of what the contact and its queue ask, and the customer's language at level 3 or more.

    A language named in ``contact.required`` is one the customer agreed to; without one it is ``contact.language``.
    """
    levels = dict(contact.required)
    for skill, level in queue.skills.items():
        levels[skill] = max(level, levels.get(skill, 0))
    levels.pop(ANYONE, None)
    if not any(is_language(skill) for skill in levels):
        levels[language_skill(contact.language)] = LANGUAGE_LEVEL
    return {skill: max(level, LANGUAGE_LEVEL) if is_language(skill) else level for skill, level in levels.items()}


def demand_at(contact: Contact, queue: QueueSpec, step: int) -> Demand:
    """What is asked at a step. Only the queue's own skills relax; what the contact asks beyond them stays."""
    levels = dict(full_demand(contact, queue))
    own = [skill for skill in queue.skills if skill in levels and not never_relaxed(skill)]
    any_of: dict[Skill, None] = {}
    for relaxed in ordered_steps(queue)[:step]:
        for skill, level in relaxed.levels.items():
            if skill in own:
                levels[skill] = min(levels[skill], level)
        any_of.update(dict.fromkeys(relaxed.any_of))
    if not any_of or not own:
        return Demand(levels)
    for skill in own:
        del levels[skill]
    return Demand(levels, tuple(dict.fromkeys((*own, *any_of))))


class _Step(NamedTuple):
    after_s: float
    levels: Mapping[Skill, int]
    any_of: tuple[Skill, ...]


def ordered_steps(queue: QueueSpec) -> tuple[_Step, ...]:
    """The queue's relaxation steps, earliest first."""
    return tuple(
        _Step(step.after_s, step.levels, step.any_of) for step in sorted(queue.relax, key=lambda item: item.after_s)
    )


def waited_s(contact: Contact, now: datetime) -> float:
    """Seconds since the contact was made; 0 when the clock was set back."""
    return max(0.0, now.timestamp() - contact.enqueued_at.timestamp())


def step_at(contact: Contact, queue: QueueSpec, now: datetime) -> int:
    """The step that the waiting time alone has reached."""
    waited = waited_s(contact, now)
    return sum(1 for step in queue.relax if step.after_s <= waited)


def serves(agent: Agent, contact: Contact) -> bool:
    """Whether the agent works for the contact's company, and takes contacts of its medium at all."""
    ours = agent.tenant == contact.tenant or contact.tenant in agent.grants
    return ours and agent.capacity.get(contact.medium, 0) > 0


def meets(agent: Agent, demand: Demand) -> bool:
    """Whether the agent's skills are what is asked."""
    held = agent.skills
    for skill, level in demand.levels.items():
        if held.get(skill, 0) < level:
            return False
    return not demand.any_of or any(held.get(skill, 0) >= 1 for skill in demand.any_of)


def first_possible(contact: Contact, queue: QueueSpec, agents: Iterable[Agent]) -> int | None:
    """The first step that somebody who is signed in could ever satisfy; None: nobody can, at any step.

    Earlier steps are skipped at once. None calls for a callback or the after-hours answer, and a supervisor's alert.
    """
    staff = [agent for agent in agents if agent.signed_in and serves(agent, contact)]
    for step in range(len(queue.relax) + 1):
        demand = demand_at(contact, queue, step)
        if any(meets(agent, demand) for agent in staff):
            return step
    return None


def moments(contact: Contact, queue: QueueSpec, now: datetime) -> tuple[datetime, ...]:
    """When something changes for the contact by time alone, from now on, earliest first.

    Relaxation steps, ageing by one class, the end of a hold, of an exclusion and of a lease, and the moment a callback
    may be offered. A router that wakes at the first of them needs no other clock for this contact.
    """
    return tuple(sorted({moment for moment in _moments(contact, queue) if moment > now}))


def _moments(contact: Contact, queue: QueueSpec) -> Iterator[datetime]:
    for step in queue.relax:
        yield contact.enqueued_at + timedelta(seconds=step.after_s)
    for count in range(1, max(0, contact.priority - 2) + 1):
        yield contact.enqueued_at + timedelta(seconds=count * queue.age_s)
    for moment in (contact.hold_until, contact.not_before, contact.lease_until, *contact.excluded.values()):
        if moment is not None:
            yield moment


def free_places(agent: Agent, medium: Medium) -> int:
    """How many more contacts of a medium the agent can take; of voice never more than one at a time."""
    most = agent.capacity.get(medium, 0)
    if medium is Medium.VOICE:
        most = min(1, most)
    return max(0, most - agent.load.get(medium, 0))
