"""Expected waits: from what was measured, told as ranges, never taken back, and checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.queue_values import NOW, TECH, agent, contact, skilled
from voicebot.desk.model import Medium
from voicebot.desk.wait import (
    Pace,
    Promise,
    effective_servers,
    expected_wait_s,
    idle_places,
    kept_share,
    long_wait,
    pace,
    paces_of,
    position,
    spoken,
    steady,
    weekly_scale,
    worse,
)
from voicebot.domain import AgentId, Language, Presence, Wait


def test_nothing_is_said_before_five_completions_or_without_staff() -> None:
    known = pace([(NOW, 200.0)] * 5, NOW)
    assert pace([(NOW, 200.0)] * 4, NOW) == Pace(300.0, 4)
    assert pace([(NOW - timedelta(hours=5), 200.0)] * 9, NOW).recent == 0
    assert expected_wait_s(3, 0, 2.0, pace([], NOW)) is None
    assert expected_wait_s(3, 0, 0.0, known) is None
    assert expected_wait_s(3, 1, 2.0, known) == pytest.approx(200.0)
    assert expected_wait_s(1, 2, 2.0, known) == 0.0


def test_the_newest_handling_weighs_most() -> None:
    finished = [(NOW - timedelta(minutes=10 - i), 100.0) for i in range(9)]
    assert pace([*finished, (NOW, 200.0)], NOW).aht_s == pytest.approx(120.0)


def test_calls_and_chats_of_one_queue_have_paces_of_their_own() -> None:
    calls = [(TECH.id, Medium.VOICE, NOW, 200.0)] * 5
    chats = [(TECH.id, Medium.CHAT, NOW, 1500.0)] * 4
    known = paces_of([*calls, *chats], NOW)
    assert known == {(TECH.id, Medium.VOICE): Pace(200.0, 5), (TECH.id, Medium.CHAT): Pace(300.0, 4)}
    assert not known[TECH.id, Medium.CHAT].known


@pytest.mark.parametrize(
    ("minutes", "low", "high"),
    [
        (0, 0, 1),
        (0.5, 0, 1),
        (2, 1, 3),
        (4, 1, 5),
        (8, 5, 10),
        (12, 5, 20),
        (20, 10, 30),
        (40, 20, 60),
        (5000, 480, 960),
    ],
)
def test_spoken_ranges(minutes: float, low: int, high: int) -> None:
    assert spoken(minutes * 60) == Wait(low, high)


def test_a_caller_is_never_told_longer_unless_told_why() -> None:
    before, fresh = Wait(1, 5), Wait(5, 15)
    assert worse(before, fresh)
    assert steady(before, fresh) == Wait(1, 5)
    assert steady(before, fresh, told_why=True) == fresh
    assert steady(before, Wait(0, 1)) == Wait(0, 1)
    assert steady(None, fresh) == fresh


def test_position_counts_those_before_whom_the_same_people_serve() -> None:
    staff = [agent()]
    first, second = contact("first", waited=50), contact("second", waited=40)
    later = contact("later", waited=10)
    english = replace(contact("en", waited=60), language=Language("en"))
    asleep = replace(contact("cb", waited=500), callback=True, not_before=NOW + timedelta(hours=1))
    waiting = [later, second, first, english, asleep]
    assert position(second, waiting, TECH, staff, NOW) == 2
    assert position(later, waiting, TECH, [agent(skills=skilled(tech=3, lang_ja=3, lang_en=3))], NOW) == 4


def test_the_place_told_is_that_of_the_order_the_company_chose() -> None:
    older, urgent = contact("older", waited=70, priority=5), contact("urgent", priority=4)
    for age_s, place in ((30, 2), (600, 1)):
        assert position(urgent, [older, urgent], replace(TECH, age_s=age_s), [agent()], NOW) == place


def test_shares_split_people_over_queues() -> None:
    other = replace(TECH, id=TECH.id.__class__("q_other"), skills={**TECH.skills})
    on_break = replace(agent("b"), presence=Presence.BREAK)
    assert effective_servers(contact(), TECH, [agent(), on_break], [TECH, other]) == 0.5
    assert effective_servers(contact(), TECH, [agent()], [TECH, other], {AgentId("a"): 0.8}) == 0.8
    assert idle_places(contact(), TECH, [agent(), replace(agent("c"), load={Medium.VOICE: 1})]) == 1


def test_long_wait_by_the_high_end_or_a_full_queue() -> None:
    assert long_wait(121, 1, None)
    assert not long_wait(119, 1, None)
    assert not long_wait(None, 1, 5)
    assert long_wait(None, 5, 5)


def test_calibration() -> None:
    kept, missed = Promise(1, 3, 100), Promise(1, 3, 400)
    assert kept_share([]) is None
    assert kept_share([kept, kept, missed, kept]) == 0.75
    assert weekly_scale([missed] * 19) == 1.0
    assert weekly_scale([Promise(7, 15, 600 * 1.2)] * 20) == pytest.approx(1.2)
    assert weekly_scale([Promise(0, 1, 6000)] * 20) == 2.0
