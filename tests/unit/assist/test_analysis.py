"""What is planted in logs comes out of the analysis: effects with honest error rates, losses, ratios, repeats."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.talk_logs import BEGIN, SHOP, STEPS, Told, events_of, rebuttals, write
from voicebot.assist.analysis.findings import About, Outline, findings, funnels, judged, lost, outlines_of
from voicebot.assist.analysis.outcomes import Outcome
from voicebot.assist.analysis.reading import Company, Period, Reader
from voicebot.assist.analysis.report import talks_needed, verdict
from voicebot.assist.analysis.suggestions import Kind, suggestions
from voicebot.assist.analysis.talks import Codes, Handled, Talk, talks_of
from voicebot.domain import EN, JA, Channel, ConversationId, Event, Recorded, ScriptMoved
from voicebot.store import SqlStore

CODES = Codes(kept=frozenset({"customer_kept"}), sold=frozenset({"order_placed"}), escalated=frozenset({"escalated"}))
EDITOR = Path(__file__).parents[3] / "voicebot" / "web" / "static" / "authoring" / "authoring.js"
READ_BY_EDITOR = set(re.findall(r'asked\.get\("(\w+)"\)', EDITOR.read_text(encoding="utf-8")))
"""What the editor takes from its address."""
COMPANY = Company(SHOP, CODES, {"refund_chase": "refund"})
YEAR = Period(BEGIN - timedelta(days=1), BEGIN + timedelta(days=365))
LATER = BEGIN + timedelta(days=366)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    yield opened
    await opened.close()


def folded(told: Told, *next_agent: Event) -> list[Talk]:
    """The same events as a store would give them, without one; ``next_agent``: what happens after a transfer."""
    begun = told.at - timedelta(seconds=told.waited_s)
    happened = events_of(told)
    at = next((place for place, (_, event) in enumerate(happened) if getattr(event, "agent", "") == "S99"), 0)
    happened[at + 1 : at + 1] = [(happened[at][0], event) for event in next_agent]
    log = [
        Recorded(ConversationId(told.name), seq, begun + timedelta(seconds=at_s), event)
        for seq, (at_s, event) in enumerate(happened, 1)
    ]
    contact = Handled(
        f"ho-{told.name}", told.name, told.channel.value, told.language, told.intent, "q", told.channel is Channel.VOICE
    )
    return talks_of(log, begun, [contact], CODES)


def moved(change: str, step: str) -> Event:
    """The next agent's script moves."""
    return ScriptMoved(script="sale", version="1", agent="S99", change=change, step=step)  # type: ignore[arg-type]


def planted(talks: list[Talk]) -> dict[str, object]:
    return {one.name: one.effect for one in findings(talks, Outcome.KEPT, (), agents=False)}


async def test_a_planted_rebuttal_is_read_back_from_the_store(store: SqlStore) -> None:
    told = rebuttals(5, lift=0.25)
    await write(store, told)
    read = await Reader(store).read(COMPANY, YEAR, LATER)
    assert read.complete and len(read.talks) == 400
    alone = [talk for one in told for talk in folded(one)]
    assert [talk.talked.marks for talk in read.talks] == [talk.talked.marks for talk in alone]
    assert [talk.talked.outcomes for talk in read.talks] == [talk.talked.outcomes for talk in alone]
    by = {one.name: one.effect for one in findings(read.talks, Outcome.KEPT, (), agents=False)}
    assert by["rebuttal"].found and by["rebuttal"].difference is not None and by["rebuttal"].difference.low > 0
    assert not by["idle"].found


@pytest.mark.parametrize(
    ("lift", "number", "seeds", "least_found", "most_found"),
    [(0.0, 400, 60, 0, 4), (0.10, 400, 60, 10, 36), (0.10, 1600, 20, 16, 20), (0.20, 400, 60, 46, 60)],
    ids=["nothing", "ten-points-400", "ten-points-1600", "twenty-points-400"],
)
def test_how_often_a_planted_effect_is_found(
    lift: float, number: int, seeds: int, least_found: int, most_found: int
) -> None:
    """Power and false positives over simulated periods; docs/talk-analysis.md states them."""
    found = idle = covered = wrong_way = hints = 0
    for seed in range(seeds):
        talks = [talk for one in rebuttals(seed, lift=lift, number=number) for talk in folded(one)]
        by = {one.name: one.effect for one in findings(talks, Outcome.KEPT, (), agents=False)}
        rebuttal, nothing = by["rebuttal"], by["idle"]
        assert rebuttal.difference is not None
        found += rebuttal.found
        hints += verdict(rebuttal) in ("found", "hint")
        idle += nothing.found
        covered += rebuttal.difference.low <= lift <= rebuttal.difference.high
        wrong_way += rebuttal.found and rebuttal.difference.by < 0 < lift
        if verdict(rebuttal) in ("hint", "none") and abs(rebuttal.difference.by) > 0.005:
            assert (talks_needed(rebuttal) or 0) > number * 0.8
    assert least_found <= found <= most_found and hints >= found
    assert idle <= seeds * 0.07 and covered >= seeds * 0.9 and wrong_way == 0
    assert lift == 0 or hints >= seeds * 0.45


async def test_the_funnel_recovers_planted_losses_and_names_the_card_that_helps(store: SqlStore) -> None:
    chance = random.Random(2)
    losses = {"greet": 0.05, "needs": 0.08, "offer": 0.40}
    told = []
    for at in range(500):
        reached, used, lost_at = [], {}, ""
        for step in STEPS:
            reached.append(step)
            if step == "offer" and chance.random() < 0.4:
                used[step] = "price"
            if chance.random() < (0.12 if step in used else losses.get(step, 0.0)):
                lost_at = step
                break
        told.append(Told(f"c{at}", steps=reached, lost_at=lost_at, used_at=used, at=BEGIN + timedelta(minutes=at)))
    await write(store, told)
    talks = (await Reader(store).read(COMPANY, YEAR, LATER)).talks
    outlines = outlines_of(talks, {})
    assert outlines == (Outline("sale", STEPS),)
    (script,) = funnels(talks, outlines)
    assert script.begun == 500
    for step, planted_loss in (("greet", 0.05), ("needs", 0.08), ("offer", 0.6 * 0.40 + 0.4 * 0.12)):
        here = lost(next(one for one in script.steps if one.step == step))
        assert here.low <= planted_loss <= here.high
    assert lost(script.steps[-1]).hits == 0
    (leak,) = suggestions(talks, Outcome.RESOLVED, (), (script,))
    assert (leak.kind, leak.step, leak.card) == (Kind.CARD_AT_STEP, "offer", "price")
    assert leak.edit == "/assist/edit?script=sale&step=offer" and {"script", "step"} <= READ_BY_EDITOR
    assert leak.with_it is not None and leak.without is not None
    assert leak.with_it.low <= 0.12 <= leak.with_it.high and leak.without.low <= 0.40 <= leak.without.high


@pytest.mark.parametrize(
    ("moves", "left"),
    [
        ([("done", "needs"), ("entered", "offer"), ("done", "offer")], 0),
        ([("skipped", "needs"), ("entered", "offer"), ("done", "offer")], 0),
        ([], 1),
        ([("warned", "needs")], 1),
        ([("started", ""), ("entered", "greet"), ("done", "greet")], 1),
    ],
    ids=["goes-on", "skips", "leaves-it", "is-warned", "begins-anew"],
)
def test_a_step_loses_nobody_whose_script_the_next_agent_goes_on_with(moves: list[tuple[str, str]], left: int) -> None:
    first = Told("c1", steps=("greet", "needs"), lost_at="needs", transferred=True)
    talks = folded(first, *[moved(change, step) for change, step in moves])
    assert [talk.talked.agent for talk in talks] == ["S01", "S99"]
    (script,) = funnels(talks, [Outline("sale", STEPS)])
    assert sum(lost(step).hits for step in script.steps) == left
    assert lost(next(step for step in script.steps if step.step == "needs")).hits == left


def test_who_passes_a_step_on_did_not_go_past_it() -> None:
    first = Told("c1", steps=("greet", "needs"), lost_at="needs", transferred=True)
    talks = folded(first, moved("done", "needs"))
    by = {one.name: one.effect for one in findings(talks, Outcome.ESCALATED, [Outline("sale", STEPS)], agents=False)}
    assert by["sale/needs"].without.of == 0


async def test_measures_recover_planted_ratios(store: SqlStore) -> None:
    said = []
    for at in range(0, 100_000, 10_000):
        said += [("agent", at, at + 6000, "one moment"), ("customer", at + 6000, at + 8000, "yes")]
    said += [
        ("agent", 105_000, 112_000, "so"),
        ("customer", 108_000, 111_000, "but"),
        ("customer", 118_000, 119_000, "no"),
    ]
    await write(store, [Told("c1", said=said), Told("c2", said=said, channel=Channel.WEB_CHAT)])
    spoken, typed = (await Reader(store).read(COMPANY, YEAR, LATER)).talks
    measures = spoken.measures
    assert measures.talk_ms == 67_000 and measures.listen_ms == 24_000
    assert measures.talk_share == pytest.approx(67 / 91)
    assert measures.silence_ms == 7000 + 6000 and measures.silences == 2
    assert (measures.interruptions_by_customer, measures.interruptions_by_agent) == (1, 0)
    assert measures.monologue_ms == 7000 and measures.length_ms == 120_000
    assert typed.measures.talk_ms is None and typed.measures.answer_ms == 8000


async def test_outcomes_of_contacts(store: SqlStore) -> None:
    await write(
        store,
        [
            Told("c1", customer="k1", intent="refund_status"),
            Told(
                "c2",
                customer="k1",
                intent="refund_status",
                at=BEGIN + timedelta(days=6),
                code="escalated",
                resolved=False,
            ),
            Told("c3", customer="k2", intent="refund_status", at=BEGIN + timedelta(days=1)),
            Told("c4", customer="k2", intent="other", at=BEGIN + timedelta(days=2), code="order_placed"),
            Told("c5", at=BEGIN + timedelta(days=3), transferred=True),
            Told("c6", customer="k9", at=BEGIN + timedelta(days=9), resolved=None),
        ],
    )
    reader = Reader(store)
    talks = (await reader.read(COMPANY, YEAR, BEGIN + timedelta(days=15))).talks
    by = {(one.talked.conversation, one.talked.agent): one for one in talks}
    outcomes = {key: one.talked.outcomes for key, one in by.items()}
    assert outcomes["c1", "S01"] == {Outcome.RESOLVED, Outcome.REPEATED}
    assert outcomes["c2", "S01"] == {Outcome.ESCALATED}
    assert outcomes["c3", "S01"] == {Outcome.RESOLVED}
    assert outcomes["c4", "S01"] == {Outcome.RESOLVED, Outcome.SOLD}
    assert outcomes["c5", "S01"] == {Outcome.ESCALATED} and outcomes["c5", "S99"] == {Outcome.RESOLVED}
    assert Outcome.REPEATED in by["c3", "S01"].judged and Outcome.REPEATED not in by["c6", "S01"].judged
    assert Outcome.RESOLVED not in by["c6", "S01"].judged
    assert [talk.conversation for talk in judged(talks, Outcome.SOLD)] == ["c4"]
    half = await reader.read(COMPANY, Period(BEGIN, BEGIN + timedelta(days=2)), LATER)
    assert {one.talked.conversation for one in half.talks} == {"c1", "c3"}


async def test_matters_of_one_group_are_one_matter(store: SqlStore) -> None:
    company = Company(SHOP, CODES, {"refund_status": "refund", "refund_chase": "refund"})
    await write(
        store,
        [
            Told("c1", customer="k1", intent="refund_status"),
            Told("c2", customer="k1", intent="refund_chase", at=BEGIN + timedelta(days=8)),
            Told("c3", customer="k1", intent="refund_chase", at=BEGIN + timedelta(days=9)),
        ],
    )
    talks = (await Reader(store).read(company, YEAR, LATER)).talks
    assert [Outcome.REPEATED in talk.talked.outcomes for talk in talks] == [False, True, False]


@pytest.mark.parametrize(
    ("script", "link"),
    [("sale", {"script": "sale", "phrase": "loyalty price"}), ("", {"phrase": "loyalty price"})],
    ids=["script-known", "no-script"],
)
def test_a_wording_is_suggested_where_the_editor_opens_something(script: str, link: dict[str, str]) -> None:
    marks = frozenset({"phrase:loyalty price", *([f"script:{script}"] if script else [])})
    talks = [
        replace(
            talk,
            talked=replace(
                talk.talked,
                marks=marks if at % 4 == 0 else frozenset(),
                outcomes=frozenset({Outcome.KEPT}) if at % 4 == 0 or at % 5 == 0 else frozenset(),
            ),
        )
        for at, talk in enumerate(talk for one in rebuttals(1, lift=0.0, number=200) for talk in folded(one))
    ]
    (said,) = suggestions(talks, Outcome.KEPT, findings(talks, Outcome.KEPT, (), agents=False), ())
    assert (said.kind, said.script) == (Kind.SAY_PHRASE, script)
    assert (urlsplit(said.edit).path, dict(parse_qsl(urlsplit(said.edit).query))) == ("/assist/edit", link)
    assert link.keys() <= READ_BY_EDITOR


async def test_phrases_are_found_with_their_effect_and_hold_no_names(store: SqlStore) -> None:
    chance = random.Random(4)
    told = []
    for at in range(400):
        helps = chance.random() < 0.5
        words = "月額はそのままで、割引プランをご案内できます。" if helps else "解約のお手続きをいたします。"
        name = ("田中", "山本", "高橋")[at % 3]
        greeting = f"お電話ありがとうございます、Satoでございます。{name}様ですね。カードは[カード番号]です。"
        kept = chance.random() < (0.65 if helps else 0.40)
        told.append(
            Told(
                f"c{at}",
                agent=f"S0{at % 5}",
                code="customer_kept" if kept else "subscription_ended",
                said=[
                    ("agent", 0, 3000, greeting),
                    ("agent", 4000, 8000, words),
                    ("customer", 8000, 9000, "山本です。月額割引"),
                ],
                at=BEGIN + timedelta(minutes=at),
                language=JA,
            )
        )
    await write(store, told)
    talks = (await Reader(store).read(COMPANY, YEAR, LATER)).talks
    by = {one.name: one.effect for one in findings(talks, Outcome.KEPT, (), agents=False) if one.about is About.PHRASE}
    assert by["月額…割引プラン" if "月額…割引プラン" in by else "月額"].found
    said = "".join(by)
    assert not any(word in said for word in ("田中", "高橋", "Sato", "sato", "山本", "番号", "様"))


def test_a_phrase_of_one_agent_alone_is_not_shown() -> None:
    from voicebot.assist.analysis.phrases import Phrases

    phrases = Phrases()
    for at in range(60):
        phrases.talk("S01", phrases.said("I can offer a loyalty discount", EN))
        phrases.talk(f"S0{at % 2}", phrases.said("Mr Tanaka, the engineer visits tomorrow", EN))
    shown = set(phrases.common().values())
    assert shown == {"engineer visits tomorrow"}


def test_agents_are_listed_by_name_and_only_when_asked_for() -> None:
    talks = [talk for one in rebuttals(1, lift=0.1) for talk in folded(one)]
    assert not any(one.about is About.AGENT for one in findings(talks, Outcome.KEPT, (), agents=False))
    agents = [one.name for one in findings(talks, Outcome.KEPT, (), agents=True) if one.about is About.AGENT]
    assert agents == [f"S0{n}" for n in range(7)]


def test_few_talks_conclude_nothing() -> None:
    talks = [talk for one in rebuttals(1, lift=0.5, number=30) for talk in folded(one)]
    found = findings(talks, Outcome.KEPT, (), agents=True)
    assert found and not any(one.effect.found or one.effect.enough for one in found)
    assert suggestions(talks, Outcome.KEPT, found, ()) == ()


async def test_a_company_without_talks(store: SqlStore) -> None:
    read = await Reader(store).read(COMPANY, YEAR, LATER)
    assert read.talks == () and findings((), Outcome.SOLD, (), agents=True) == ()
    assert funnels((), ()) == () and outlines_of((), {}) == ()
