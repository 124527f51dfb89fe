"""What routing promises, for any agents and contacts: order, eligibility, no idle hands, no starvation, walls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.desk.choose import assignments, best_agent, by_company, next_contact
from voicebot.desk.model import Agent, Contact, Medium, QueueSpec, RelaxStep
from voicebot.desk.relax import NEVER_RELAXED, first_possible, full_demand
from voicebot.desk.rules import effective_priority, eligible, order_key, requirement
from voicebot.domain import AgentId, Channel, ConversationId, HandoffId, Language, Presence, QueueId, Skill, TenantId

NOW = datetime(2026, 3, 29, 1, tzinfo=UTC)
TENANTS = (TenantId("shop"), TenantId("telecom"))
SKILLS = tuple(Skill(name) for name in ("orders", "tech", "safety", "fraud", "privacy"))
LANGUAGES = (Language("ja"), Language("en"))
AGENT_IDS = tuple(AgentId(f"a{index}") for index in range(8))
LEVELS = st.integers(1, 5)


def after(low: int, high: int) -> st.SearchStrategy[datetime]:
    return st.integers(low, high).map(lambda seconds: NOW + timedelta(seconds=seconds))


STEPS = st.lists(
    st.builds(
        RelaxStep,
        st.integers(1, 300).map(float),
        st.dictionaries(st.sampled_from((*SKILLS, Skill("lang:ja"))), st.integers(1, 3), max_size=3),
        st.lists(st.sampled_from(SKILLS), max_size=2).map(tuple),
    ),
    max_size=3,
).map(tuple)


@st.composite
def desks(draw: st.DrawFn) -> tuple[list[Agent], list[Contact], dict[tuple[TenantId, QueueId], QueueSpec]]:
    queues = [
        QueueSpec(
            QueueId(f"q{index}"),
            tenant,
            draw(st.dictionaries(st.sampled_from(SKILLS), LEVELS, max_size=2)),
            relax=draw(STEPS),
            age_s=draw(st.sampled_from((30.0, 60.0, 600.0))),
        )
        for tenant in TENANTS
        for index in range(2)
    ]
    agents = [
        Agent(
            name,
            draw(st.sampled_from(TENANTS)),
            name,
            skills=draw(st.dictionaries(st.sampled_from((*SKILLS, Skill("lang:ja"), Skill("lang:en"))), LEVELS)),
            capacity={Medium.VOICE: draw(st.integers(0, 2)), Medium.CHAT: draw(st.integers(0, 3))},
            load={Medium.VOICE: draw(st.integers(0, 1)), Medium.CHAT: draw(st.integers(0, 2))},
            presence=draw(st.sampled_from((Presence.AVAILABLE, Presence.AVAILABLE, *Presence))),
            available_since=draw(st.none() | after(-900, 0)),
            grants=draw(st.sampled_from(((), (), TENANTS))),
        )
        for name in AGENT_IDS[: draw(st.integers(0, 8))]
    ]
    contacts = []
    for index in range(draw(st.integers(0, 12))):
        queue = draw(st.sampled_from(queues))
        contacts.append(
            Contact(
                HandoffId(f"c{index:02}"),
                queue.tenant,
                ConversationId(f"v{index}"),
                draw(st.sampled_from((Channel.VOICE, Channel.WEB_CHAT))),
                draw(st.sampled_from(LANGUAGES)),
                queue.id,
                draw(st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 2), max_size=1)),
                draw(st.integers(1, 10)),
                draw(after(-700, 5)),
                excluded=draw(st.dictionaries(st.sampled_from(AGENT_IDS), after(-60, 60), max_size=1)),
                preferred_agent=draw(st.none() | st.sampled_from(AGENT_IDS)),
                hold_until=draw(st.none() | after(-60, 60)),
                callback=draw(st.booleans()),
                not_before=draw(st.none() | after(-60, 60)),
            )
        )
    return agents, contacts, dict(by_company(queues))


def _place(agents: list[Agent], made: list[tuple[Contact, Agent]]) -> list[Agent]:
    """The agents after the offers."""
    now = {agent.id: agent for agent in agents}
    for contact, chosen in made:
        agent = now[chosen.id]
        now[agent.id] = replace(agent, load={**agent.load, contact.medium: agent.load.get(contact.medium, 0) + 1})
    return list(now.values())


def _order(contact: Contact, queues: dict[tuple[TenantId, QueueId], QueueSpec]) -> tuple[int, float, HandoffId]:
    return order_key(contact, NOW, queues[contact.tenant, contact.queue].age_s)


def _may(agent: Agent, contact: Contact, queue: QueueSpec, agents: list[Agent]) -> bool:
    present = {other.id for other in agents if other.signed_in}
    asked = contact if contact.preferred_agent in present else replace(contact, hold_until=None)
    return eligible(agent, asked, queue, NOW, from_step=first_possible(contact, queue, agents) or 0)


@given(desks())
@settings(max_examples=300)
def test_every_offer_is_eligible_within_capacity_and_unique(
    desk: tuple[list[Agent], list[Contact], dict[tuple[TenantId, QueueId], QueueSpec]],
) -> None:
    agents, contacts, queues = desk
    made = assignments(agents, contacts, queues, NOW)
    assert len({contact.id for contact, _ in made}) == len(made)
    for index, (contact, chosen) in enumerate(made):
        before = next(agent for agent in _place(agents, made[:index]) if agent.id == chosen.id)
        assert _may(before, contact, queues[contact.tenant, contact.queue], agents)
        assert chosen.tenant == contact.tenant or contact.tenant in chosen.grants
        assert chosen.skills.get(Skill(f"lang:{contact.language}"), 0) >= 3
    for agent in _place(agents, made):
        given_out = [contact.medium for contact, chosen in made if chosen.id == agent.id]
        for medium in given_out:
            assert agent.load[medium] <= agent.capacity[medium]
        assert given_out.count(Medium.VOICE) <= 1


@given(desks())
@settings(max_examples=300)
def test_no_idle_hands_and_no_overtaking(
    desk: tuple[list[Agent], list[Contact], dict[tuple[TenantId, QueueId], QueueSpec]],
) -> None:
    agents, contacts, queues = desk
    order = {contact.id: _order(contact, queues) for contact in contacts}
    made = assignments(agents, contacts, queues, NOW)
    served = {contact.id for contact, _ in made}
    left = [contact for contact in contacts if contact.id not in served]
    afterwards = _place(agents, made)
    for contact in left:
        queue = queues[contact.tenant, contact.queue]
        assert not any(_may(agent, contact, queue, agents) for agent in afterwards)
        for other, chosen in made:
            if order[other.id] > order[contact.id]:
                assert not _may(chosen, contact, queue, agents) or chosen.id in {
                    who.id for first, who in made if order[first.id] < order[contact.id]
                }


@given(desks())
def test_a_free_agent_gets_the_first_in_order(
    desk: tuple[list[Agent], list[Contact], dict[tuple[TenantId, QueueId], QueueSpec]],
) -> None:
    agents, contacts, queues = desk
    for agent in agents:
        able = [c for c in contacts if _may(agent, c, queues[c.tenant, c.queue], agents)]
        expected = min(able, key=lambda contact: _order(contact, queues), default=None)
        assert next_contact(agent, contacts, queues, NOW, roster=agents) == expected


@given(desks(), st.integers(0, 100_000))
def test_hard_demands_hold_at_every_wait(
    desk: tuple[list[Agent], list[Contact], dict[tuple[TenantId, QueueId], QueueSpec]], waited: int
) -> None:
    _, contacts, queues = desk
    for contact in contacts:
        queue = queues[contact.tenant, contact.queue]
        levels, _ = requirement(contact, queue, NOW + timedelta(seconds=waited), from_step=waited % 5)
        full = full_demand(contact, queue)
        for skill, level in full.items():
            if skill in NEVER_RELAXED or skill.startswith("lang:"):
                assert levels[skill] == level
        assert levels[Skill(f"lang:{contact.language}")] >= 3


@given(desks(), st.integers(0, 600), st.integers(0, 600))
def test_a_longer_wait_never_shrinks_who_may_take_it(
    desk: tuple[list[Agent], list[Contact], dict[tuple[TenantId, QueueId], QueueSpec]], one: int, more: int
) -> None:
    agents, contacts, queues = desk
    for contact in contacts:
        queue = queues[contact.tenant, contact.queue]
        plain = replace(contact, excluded={}, hold_until=None, not_before=None)
        first, later = NOW + timedelta(seconds=one), NOW + timedelta(seconds=one + more)
        for agent in agents:
            assert not eligible(agent, plain, queue, first) or eligible(agent, plain, queue, later)


@given(st.integers(1, 10), st.floats(0, 5000), st.floats(0, 5000), st.integers(0, 2000))
def test_equal_base_stays_first_come_first_served(base: int, one: float, other: float, later: int) -> None:
    longer, shorter = max(one, other), min(one, other)
    assert effective_priority(base, longer + later) <= effective_priority(base, shorter + later)


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(-600, 0)), min_size=2, max_size=8), st.integers(-3600, 3600))
def test_clock_steps_and_zones_do_not_reorder_equals(entries: list[tuple[int, int]], jump: int) -> None:
    summer, tokyo = timezone(timedelta(hours=1)), timezone(timedelta(hours=9))
    base = entries[0][0]
    contacts = [
        Contact(
            HandoffId(f"c{index}"),
            TENANTS[0],
            ConversationId("v"),
            Channel.VOICE,
            LANGUAGES[0],
            QueueId("q0"),
            {},
            base,
            (NOW + timedelta(seconds=tq)).astimezone((UTC, summer, tokyo)[index % 3]),
        )
        for index, (_, tq) in enumerate(entries)
    ]
    expected = sorted(contacts, key=lambda contact: (contact.enqueued_at.timestamp(), contact.id))
    moved = NOW + timedelta(seconds=jump)
    assert sorted(contacts, key=lambda contact: order_key(contact, moved)) == expected


@given(st.integers(2, 10), st.integers(30, 120))
@settings(max_examples=20)
def test_nobody_starves_under_a_flood_of_more_urgent_contacts(base: int, handling_s: int) -> None:
    """One agent, a class-2 arrival per handling: class 2 is reached after base - 2 ages, then first come is first."""
    queue = QueueSpec(QueueId("q0"), TENANTS[0], {})
    agent = Agent(
        AGENT_IDS[0],
        TENANTS[0],
        "a",
        skills={Skill("lang:ja"): 5},
        capacity={Medium.VOICE: 1},
        presence=Presence.AVAILABLE,
    )

    def arrive(name: str, priority: int, at: datetime) -> Contact:
        return Contact(
            HandoffId(name), TENANTS[0], ConversationId(name), Channel.VOICE, LANGUAGES[0], queue.id, {}, priority, at
        )

    waiting = [arrive("patient", base, NOW), *(arrive(f"early{index}", 2, NOW) for index in range(3))]
    bound_s = (base - 2) * 60 + (len(waiting) + 1) * handling_s + ((base - 2) * 60 // handling_s + 1) * handling_s
    now, served = NOW, ""
    while served != "patient":
        assert (now - NOW).total_seconds() <= bound_s
        chosen = next_contact(agent, waiting, by_company([queue]), now, roster=[agent])
        assert chosen is not None
        served = chosen.id
        waiting.remove(chosen)
        now += timedelta(seconds=handling_s)
        waiting.append(arrive(f"flood{now.timestamp()}", 2, now))


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=8, unique=True))
def test_the_longest_idle_of_equals_is_chosen(idle: list[int]) -> None:
    agents = [
        Agent(
            AGENT_IDS[index],
            TENANTS[0],
            "a",
            skills={Skill("lang:ja"): 5},
            capacity={Medium.VOICE: 1},
            presence=Presence.AVAILABLE,
            available_since=NOW - timedelta(seconds=seconds),
        )
        for index, seconds in enumerate(idle)
    ]
    queue = QueueSpec(QueueId("q0"), TENANTS[0], {})
    contact = Contact(
        HandoffId("c"), TENANTS[0], ConversationId("v"), Channel.VOICE, LANGUAGES[0], queue.id, {}, 5, NOW
    )
    chosen = best_agent(contact, agents, queue, NOW)
    assert chosen is not None
    assert chosen.available_since == NOW - timedelta(seconds=max(idle))


def test_work_is_shared_fairly_over_a_long_day() -> None:
    queue = QueueSpec(QueueId("q0"), TENANTS[0], {})
    agents = {
        name: Agent(
            name,
            TENANTS[0],
            name,
            skills={Skill("lang:ja"): 5},
            capacity={Medium.VOICE: 1},
            presence=Presence.AVAILABLE,
            available_since=NOW,
        )
        for name in AGENT_IDS
    }
    taken = dict.fromkeys(AGENT_IDS, 0)
    for index in range(800):
        now = NOW + timedelta(seconds=10 * (index + 1))
        contact = Contact(
            HandoffId(f"c{index}"), TENANTS[0], ConversationId("v"), Channel.VOICE, LANGUAGES[0], queue.id, {}, 5, now
        )
        chosen = best_agent(contact, list(agents.values()), queue, now)
        assert chosen is not None
        taken[chosen.id] += 1
        agents[chosen.id] = replace(chosen, available_since=now)
    assert set(taken.values()) == {100}
