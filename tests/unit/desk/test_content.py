"""The desks of the shipped companies, and what the reader refuses, each with its line."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voicebot.desk.content import check_desk, load_desk
from voicebot.desk.model import Medium
from voicebot.domain import AgentId, Language, QueueId, TenantId
from voicebot.flows import ContentErrors

FLOWS = Path(__file__).parents[3] / "flows"
COMPANIES = ("shop", "telecom")


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    shutil.copytree(FLOWS, tmp_path / "flows")
    return tmp_path / "flows"


def change(flows: Path, old: str, new: str, file: str = "shop/desk.yml") -> int:
    """Replace once; the line where it was."""
    path = flows / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("company", COMPANIES)
def test_every_handoff_has_two_people_in_each_language(company: str) -> None:
    assert check_desk(FLOWS, company) == ([], [])


@pytest.mark.parametrize("company", COMPANIES)
def test_the_company_is_whole(company: str) -> None:
    desk = load_desk(FLOWS, company)
    assert len(desk.agents) > 10 and len(desk.dispositions) > 20 and len(desk.replies) > 10 and desk.breaks
    for queue in desk.queues.values():
        assert all(queue.label[language] for language in desk.languages)
    leaders = {team.leader for team in desk.teams.values()}
    assert all("leader" in desk.agents[leader].roles for leader in leaders)
    assert all(desk.led_by(leader) for leader in leaders)


def test_requests_find_their_queue() -> None:
    desk = load_desk(FLOWS, TenantId("shop"))
    ja = Language("ja")
    assert desk.route(["tech"], 1, ja).queue.id == "q_tech"
    assert desk.route(["orders", "safety"], 1, ja).queue.id == "q_safety"
    mixed = desk.route(["tech", "billing"], 2, ja)
    assert mixed.queue.id in ("q_tech", "q_billing")
    assert dict(mixed.required) == {"tech": 2, "billing": 2, "lang:ja": 3}
    general = desk.route(["general"], 1, ja)
    assert (general.queue.id, dict(general.required)) == ("q_general", {"lang:ja": 3})
    assert dict(desk.required_by(desk.queues[QueueId("q_tech")], ja)) == {"tech": 2, "lang:ja": 3}


def test_a_skill_without_a_queue_waits_in_the_general_one_and_stays_hard(flows: Path) -> None:
    path = flows / "shop/desk.yml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  - id: q_billing"), text.index("  - id: q_subscriptions")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    desk = load_desk(flows, "shop")
    route = desk.route(["billing"], 2, Language("en"))
    assert (route.queue.id, dict(route.required)) == ("q_general", {"billing": 2, "lang:en": 3})
    assert any("No queue is for 'billing'" in warning.problem for warning in check_desk(flows, "shop")[1])


def test_an_entry_becomes_an_agent_who_is_away() -> None:
    entry = load_desk(FLOWS, "shop").agents[AgentId("S03")]
    agent = entry.as_agent(TenantId("shop"))
    assert not agent.signed_in
    assert agent.capacity == {Medium.VOICE: 1, Medium.CHAT: 2}
    assert agent.skills["lang:en"] == 5


def test_open_by_queue() -> None:
    desk = load_desk(FLOWS, "telecom")
    night = datetime(2026, 1, 6, 3, tzinfo=ZoneInfo("Europe/London"))
    assert desk.open_at(desk.queues[QueueId("q_fraud")], ["fraud"], night)
    assert not desk.open_at(desk.queues[QueueId("q_billing")], ["billing"], night)


def test_how_fast_contacts_age_is_the_companys_own(flows: Path) -> None:
    change(flows, "age_s: 60", "age_s: 90")
    shop, telecom = load_desk(flows, "shop"), load_desk(flows, "telecom")
    assert {queue.age_s for queue in shop.queues.values()} == {shop.times.age_s} == {90}
    assert {queue.age_s for queue in telecom.queues.values()} == {telecom.times.age_s} == {60}


REFUSED = [
    ("wrapup_s: 60", "wrap_up_s: 60", "does not know the key 'wrap_up_s'"),
    ("orders: 4, returns: 3", "orders: 6, returns: 3", "'orders' is 6"),
    ("orders: 4, returns: 3", "juggling: 4, returns: 3", "no skill 'juggling'"),
    ("id: front, leader: L01", "id: front, leader: S01", "'S01' is no leader"),
    ("team: tech, roles: [agent], language: ja,", "team: x, roles: [agent], language: ja,", "no team 'x'"),
    ("capacity: {voice: 1, chat: 3}", "capacity: {voice: 2, chat: 3}", "'voice' is 2"),
    ("roles: [agent]", "roles: [boss]", "no role 'boss'"),
    ("always_open: true", "relax: [{after_s: 9, levels: {safety: 1}}]", "'safety' never relaxes"),
    ("always_open: true", "relax: [{after_s: 9, any_of: [tech]}]", "Nothing can stand in"),
    ("levels: {complaints: 2}", 'levels: {"lang:ja": 2}', "'lang:ja' never relaxes"),
    ("levels: {complaints: 2}", "levels: {complaints: 3}", "relaxes nothing"),
    ("share: 0.95", "share: 95", "share of 95"),
    ("general_queue: q_general", "general_queue: q_tech", "no queue for everybody"),
    ('resolved: "yes"', "resolved: maybe", "resolved cannot be 'maybe'"),
    ("{code: order_changed", "{code: order_answered", "stands twice"),
    ("en: Lunch", "fr: Lunch", "no wording in 'en'"),
    ("I'm {agent_name} at {brand}", "I'm {agent} at {brand}", "other placeholders"),
    ("spacing_min: [15, 60]", "spacing_min: [0]", "spacing_min must be minutes"),
    ('calling_hours: "09:00-20:00"', "calling_hours: always", "hours cannot be read"),
    ("id: S01, name: 佐伯 みなみ,", "id: S01, endpoint: desk 4, name: 佐伯 みなみ,", "no place to answer"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problem"), REFUSED, ids=[case[2] for case in REFUSED])
def test_refused_with_file_line_and_mend(flows: Path, old: str, new: str, problem: str) -> None:
    line = change(flows, old, new)
    with pytest.raises(ContentErrors) as caught:
        load_desk(flows, "shop")
    found = [error for error in caught.value.problems if problem in error.problem]
    assert found
    assert found[0].file.endswith("shop/desk.yml")
    assert found[0].line is not None and abs(found[0].line - line) <= 1
    assert found[0].mend


def test_a_handoff_nobody_can_take_is_refused_at_the_flow(flows: Path) -> None:
    line = change(flows, "skills: [fraud], min_level: 2", "skills: [fraud, network], min_level: 2", "telecom/flows.yml")
    problems, _ = check_desk(flows, "telecom")
    assert {(error.file, error.line) for error in problems} == {("flows/telecom/flows.yml", line)}


def test_one_holder_is_a_warning(flows: Path) -> None:
    change(flows, "care: 3, fraud: 2", "care: 3", "telecom/desk.yml")
    problems, risky = check_desk(flows, "telecom")
    assert not problems
    assert any("Only HL2" in warning.problem for warning in risky)


def test_closing_days_by_date_name_and_stretch(flows: Path) -> None:
    change(
        flows,
        'closed: ["01-01", "01-02", "01-03"]',
        'closed: ["01-01", "2026-08-14", {from: "12-29", to: "12-31", name: {ja: 年末休業, en: Year-end closing}}]\n'
        '  special: [{date: "12-28", hours: "09:00-12:00", name: {ja: 仕事納め, en: Last day}}]',
        "shop/tenant.yml",
    )
    hours = load_desk(flows, "shop").hours
    tokyo = ZoneInfo("Asia/Tokyo")
    assert not hours.open_at(datetime(2026, 8, 14, 10, tzinfo=tokyo))
    assert hours.open_at(datetime(2027, 8, 13, 10, tzinfo=tokyo))
    assert not hours.open_at(datetime(2026, 12, 30, 10, tzinfo=tokyo))
    assert hours.open_at(datetime(2026, 12, 28, 11, tzinfo=tokyo))
    assert not hours.open_at(datetime(2026, 12, 28, 13, tzinfo=tokyo))
    assert [special.name.get(Language("en")) for special in hours.special][2:] == ["Year-end closing", "Last day"]


def test_hours_that_cannot_be_read_name_their_line(flows: Path) -> None:
    line = change(flows, 'weekdays: "09:00-20:00"', 'weekdays: "9 to 8"', "shop/tenant.yml")
    day = change(flows, '"01-03"', '"13-03"', "shop/tenant.yml")
    with pytest.raises(ContentErrors) as caught:
        load_desk(flows, "shop")
    assert [(error.file, error.line) for error in caught.value.problems] == [
        ("flows/shop/tenant.yml", line),
        ("flows/shop/tenant.yml", day),
    ]


def test_a_company_without_a_desk_has_nothing_to_check(flows: Path) -> None:
    (flows / "shop/desk.yml").unlink()
    assert check_desk(flows, "shop") == ([], [])
    with pytest.raises(ContentErrors, match="missing"):
        load_desk(flows, "shop")
