"""Who may take what, which comes first, and what a wait relaxes, on plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.queue_values import NOW, QUEUES, SAFETY, SHOP, TECH, agent, contact, skilled
from voicebot.desk.choose import assignments, best_agent, by_company, next_contact
from voicebot.desk.model import Agent, Contact, Medium, QueueSpec
from voicebot.desk.relax import first_possible, moments
from voicebot.desk.rules import after_loss, could_ever, effective_priority, eligible, held_for, order_key, requirement
from voicebot.domain import (
    AgentId,
    Channel,
    ContactState,
    Presence,
    QueueId,
    Skill,
    TenantId,
)


def test_the_queue_asks_for_its_level_and_the_language() -> None:
    assert requirement(contact(), TECH, NOW) == ({Skill("tech"): 3, Skill("lang:ja"): 3}, ())


def test_levels_drop_and_then_substitutes_join() -> None:
    assert requirement(contact(waited=60), TECH, NOW) == ({Skill("tech"): 1, Skill("lang:ja"): 3}, ())
    levels, any_of = requirement(contact(waited=120), TECH, NOW)
    assert (levels, set(any_of)) == ({Skill("lang:ja"): 3}, {Skill("tech"), Skill("orders")})


def test_safety_never_relaxes_even_if_a_queue_says_so() -> None:
    assert requirement(contact(waited=9999, queue=SAFETY), SAFETY, NOW) == (
        {Skill("safety"): 3, Skill("lang:ja"): 3},
        (),
    )


def test_what_the_contact_asks_beyond_its_queue_stays() -> None:
    wants_more = replace(contact(waited=9999), required={Skill("tech"): 1, Skill("billing"): 2})
    levels, _ = requirement(wants_more, TECH, NOW)
    assert levels[Skill("billing")] == 2


def test_general_asks_for_nobody_in_particular() -> None:
    anyone = replace(contact(), required={Skill("general"): 1})
    queue = QueueSpec(QueueId("q"), SHOP, {})
    assert requirement(anyone, queue, NOW) == ({Skill("lang:ja"): 3}, ())


def test_a_language_the_customer_agreed_to_replaces_their_own() -> None:
    agreed = replace(contact(), required={Skill("tech"): 1, Skill("lang:en"): 1})
    levels, _ = requirement(agreed, TECH, NOW)
    assert levels == {Skill("tech"): 3, Skill("lang:en"): 3}


REFUSED: list[tuple[str, Agent, Contact]] = [
    ("on a break", replace(agent(), presence=Presence.BREAK), contact()),
    ("resting", replace(agent(), presence=Presence.RESTING), contact()),
    ("on the phone", replace(agent(), load={Medium.VOICE: 1}), contact()),
    ("on the phone, capacity 2", replace(agent(), load={Medium.VOICE: 1}, capacity={Medium.VOICE: 2}), contact()),
    ("takes no voice", replace(agent(), capacity={Medium.CHAT: 3}), contact()),
    ("another company", replace(agent(), tenant=TenantId("telecom")), contact()),
    ("too little skill", agent(skills=skilled(tech=2, lang_ja=5)), contact()),
    ("too little language", agent(skills=skilled(tech=5, lang_ja=2)), contact()),
    ("declined it", agent(), replace(contact(), excluded={AgentId("a"): NOW + timedelta(seconds=1)})),
    ("too early", agent(), replace(contact(), callback=True, not_before=NOW + timedelta(seconds=1))),
    ("offered elsewhere", agent(), replace(contact(), state=ContactState.OFFERED)),
    (
        "kept for another",
        agent(),
        replace(contact(), preferred_agent=AgentId("b"), hold_until=NOW + timedelta(seconds=1)),
    ),
]


@pytest.mark.parametrize(("who", "what"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_not_eligible(who: Agent, what: Contact) -> None:
    assert eligible(agent(), contact(), TECH, NOW)
    assert not eligible(who, what, TECH, NOW)


def test_a_grant_opens_the_wall_and_an_exclusion_ends() -> None:
    guest = replace(agent(), tenant=TenantId("telecom"), grants=(SHOP,))
    assert eligible(guest, contact(), TECH, NOW)
    assert eligible(agent(), replace(contact(), excluded={AgentId("a"): NOW}), TECH, NOW)


def test_chats_up_to_capacity() -> None:
    chat = replace(contact(), channel=Channel.WEB_CHAT)
    assert eligible(replace(agent(), load={Medium.CHAT: 1}), chat, TECH, NOW)
    assert not eligible(replace(agent(), load={Medium.CHAT: 2}), chat, TECH, NOW)


def test_a_hold_ends_by_time_by_decline_and_when_the_preferred_agent_is_away() -> None:
    kept = replace(contact(), preferred_agent=AgentId("b"), hold_until=NOW + timedelta(seconds=30))
    assert held_for(kept, NOW) == "b"
    assert held_for(kept, NOW + timedelta(seconds=30)) is None
    assert held_for(replace(kept, excluded={AgentId("b"): NOW + timedelta(seconds=60)}), NOW) is None
    away, here = replace(agent("b"), presence=Presence.OFFLINE), agent("a")
    assert best_agent(kept, [away, here], TECH, NOW) == here
    assert best_agent(kept, [replace(away, presence=Presence.BREAK), here], TECH, NOW) is None
    assert next_contact(here, [kept], QUEUES, NOW, roster=[away, here]) == kept


def test_could_ever_looks_past_breaks_and_load() -> None:
    weak = replace(agent(skills=skilled(tech=1, lang_ja=3)), presence=Presence.BREAK, load={Medium.VOICE: 1})
    assert could_ever(weak, contact(), TECH)
    assert not could_ever(weak, contact(), TECH, step=0)
    assert not could_ever(replace(weak, presence=Presence.OFFLINE), contact(), TECH)


def test_steps_nobody_can_satisfy_are_skipped_at_once() -> None:
    trainee = agent(skills=skilled(tech=1, lang_ja=5))
    assert first_possible(contact(), TECH, [trainee]) == 1
    assert assignments([trainee], [contact()], QUEUES, NOW) == [(contact(), trainee)]
    expert_on_break = replace(agent("b"), presence=Presence.BREAK)
    assert assignments([trainee, expert_on_break], [contact()], QUEUES, NOW) == []
    assert first_possible(contact(), TECH, [agent(skills=skilled(sales=5, lang_ja=5))]) is None


@pytest.mark.parametrize(
    ("base", "waited", "expected"),
    [(5, 0, 5), (5, 59.9, 5), (5, 60, 4), (5, 180, 2), (5, 9999, 2), (1, 9999, 1), (2, 9999, 2), (10, 120, 8)],
)
def test_ageing(base: int, waited: float, expected: int) -> None:
    assert effective_priority(base, waited) == expected


def test_loss_moves_up_two_classes_and_never_into_emergencies() -> None:
    assert [after_loss(base) for base in (1, 2, 3, 5)] == [1, 2, 2, 3]


def test_emergency_comes_before_an_old_callback() -> None:
    callback = replace(contact("old", waited=9999, priority=2), callback=True)
    emergency = contact("new", priority=1)
    assert order_key(emergency, NOW) < order_key(callback, NOW)
    assert assignments([agent()], [callback, emergency], QUEUES, NOW) == [(emergency, agent())]


def test_the_expert_is_spared_and_the_longest_idle_is_next() -> None:
    fitting, expert = agent("z", skilled(tech=4, lang_ja=4)), agent("a", skilled(tech=5, lang_ja=5))
    longer = replace(fitting, available_since=NOW - timedelta(hours=1))
    assert best_agent(contact(), [expert, longer], TECH, NOW) == longer
    better = agent("b", skilled(tech=4, lang_ja=4))
    assert best_agent(contact(), [agent("c"), better], TECH, NOW) == better


def test_the_less_loaded_agent_gets_the_chat() -> None:
    chat = replace(contact(), channel=Channel.WEB_CHAT)
    busy, idle = replace(agent("a"), load={Medium.CHAT: 1}), agent("b")
    assert best_agent(chat, [busy, idle], TECH, NOW) == idle


def test_moments_name_every_change_by_time() -> None:
    waiting = replace(contact(waited=70, priority=4), hold_until=NOW + timedelta(seconds=5))
    assert moments(waiting, TECH, NOW) == tuple(NOW + timedelta(seconds=s) for s in (5, 50))


def test_a_company_says_how_fast_its_contacts_age() -> None:
    """The older one has moved up past the urgent one only where a class lasts 30 seconds."""
    older, urgent = contact("older", waited=70, priority=5), contact("urgent", priority=4)
    quick = by_company([replace(TECH, age_s=30)])
    slow = by_company([replace(TECH, age_s=600)])
    for queues, first in ((quick, older), (slow, urgent)):
        assert assignments([agent()], [urgent, older], queues, NOW) == [(first, agent())]
        assert next_contact(agent(), [urgent, older], queues, NOW) == first
    assert moments(contact(waited=70, priority=3), replace(TECH, relax=(), age_s=90), NOW) == (
        NOW + timedelta(seconds=20),
    )
