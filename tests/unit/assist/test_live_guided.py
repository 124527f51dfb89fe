"""Scripts and knowledge beside a conversation, on a real log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.assist_versions import goes_live
from tests.unit.assist.guided import ready
from tests.unit.assist.live_talk import CALL, CARDS, SATO, SHOP, led, quiet_company
from tests.unit.assist.test_live_knowledge import Entry
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.assist.live_session import Edition, Insight
from voicebot.assist.model import CardSet
from voicebot.assist.scripts import Guide
from voicebot.assist.sources import Spoken
from voicebot.domain import (
    EN,
    AgentSaid,
    Channel,
    Event,
    Heard,
    Json,
    KnowledgeShown,
    Language,
    ScriptMoved,
    Source,
    Started,
    TenantId,
    UtteranceId,
)
from voicebot.errors import StoreError, UnderstandingError
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions

CROSS = "The kettle came with a crack in it"
COMPLAINT = Insight("wrong_or_damaged_item", 0.9)


class Models:
    """Knows what it was told to; remembers what it was asked."""

    def __init__(self) -> None:
        self.means: dict[str, Insight] = {CROSS: COMPLAINT}
        self.likes: dict[str, Mapping[str, float]] = {}
        self.answers: dict[str, Sequence[Entry]] = {}
        self.insights: list[str] = []
        self.questions: list[str] = []
        self.begun: list[TenantId] = []

    async def insight(self, edition: Edition, spoken: Spoken) -> Insight:
        self.insights.append(spoken.text)
        return self.means.get(spoken.text, Insight())

    async def similar(self, guide: Guide, script: str, spoken: Spoken) -> Mapping[str, float] | None:
        if spoken.text == "break":
            raise UnderstandingError("away")
        return self.likes.get(spoken.text)

    def begin(self, tenant: TenantId) -> None:
        self.begun.append(tenant)

    async def unasked(self, tenant: TenantId, text: str, language: Language) -> Sequence[Entry]:
        self.questions.append(text)
        return self.answers.get(text, ())


@dataclass
class Scene:
    store: SqlStore
    clock: VirtualClock
    versions: AssistVersions
    desk: AssistDesk
    models: Models
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self) -> None:
        """Words reach the session when this returns."""
        self.tasks.append(asyncio.create_task(self.desk.accompany(led())))
        await self.heard_again()

    async def heard_again(self) -> None:
        before, number = len(self.models.insights), 0
        async with asyncio.timeout(20):
            while len(self.models.insights) == before:
                number += 1
                await self.hears("hello", f"u-hello-{before}-{number}")
                await asyncio.sleep(0.02)

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def happens(self, *events: Event) -> None:
        await self.store.append(CALL, events, self.clock.now())

    async def hears(self, text: str, name: str) -> None:
        await self.happens(Heard(utterance=UtteranceId(name), text=text, language=EN, source=Source.SPEECH))

    async def says(self, text: str, name: str) -> None:
        said = AgentSaid(
            utterance=UtteranceId(name), agent=SATO, name="Sato", text=text, language=EN, source=Source.SPEECH
        )
        await self.happens(said)

    async def moves(self) -> list[ScriptMoved]:
        return [one.event for one in await self.store.events(CALL) if isinstance(one.event, ScriptMoved)]

    async def did(self) -> list[tuple[str, str]]:
        return [(one.change, one.step) for one in await self.moves() if one.change != "entered"]

    async def until(self, wanted: list[tuple[str, str]]) -> None:
        async with asyncio.timeout(20):
            while (now := await self.did()) != wanted:
                assert len(now) <= len(wanted), now
                await asyncio.sleep(0.01)

    async def settled(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110 - bounded polling of a real log
                await asyncio.sleep(0.01)

    async def known(self, count: int) -> list[KnowledgeShown]:
        """Wait for so many entries."""
        found: list[KnowledgeShown] = []
        async with asyncio.timeout(20):
            while len(found) < count:
                await asyncio.sleep(0.01)
                events = [one.event for one in await self.store.events(CALL)]
                found = [event for event in events if isinstance(event, KnowledgeShown)]
        return found


def _cards(tenant: TenantId, body: Json) -> CardSet:
    assert isinstance(body, dict)
    return CardSet(tenant, str(body["name"]), dict(CARDS.cards))


def _scripts(tenant: TenantId, body: Json) -> Guide | None:
    """The company's scripts under the version's name."""
    assert isinstance(body, dict)
    guide = ready(tenant)
    named = replace(guide.scripts, version=str(body["name"]))
    return replace(guide, scripts=named) if body.get("scripts") else None


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = VirtualClock()
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'log.db'}", lambda text: redact(text).text)
    await store.open_conversation(CALL, SHOP, Channel.VOICE, EN, "", clock.now())
    await store.append(CALL, [Started(tenant=SHOP, channel=Channel.VOICE, language=EN)], clock.now())
    versions, models = AssistVersions(store, clock), Models()
    editions = Editions({SHOP: quiet_company().cards}, versions, _cards, {SHOP: ready("shop")}, _scripts)
    await editions.current(SHOP)
    desk = AssistDesk(store, editions, versions, clock, models, models, models)
    made = Scene(store, clock, versions, desk, models)
    yield made
    await made.end()
    await store.close()


async def test_the_matter_begins_a_script_whose_steps_tick_from_both_parties_words(scene: Scene) -> None:
    await scene.begin()
    await scene.hears(CROSS, "u-1")
    await scene.until([("started", "")])
    (begun, *_) = await scene.moves()
    assert (begun.script, begun.version, begun.agent) == ("shop_complaint", ready("shop").scripts.version, SATO)
    assert (begun.by, begun.utterance) == ("heard", "u-1")
    await scene.says("I'm so sorry about that. Has anybody been hurt?", "a-1")
    await scene.until([("started", ""), ("done", "apology")])
    await scene.hears("No, nobody was hurt.", "u-2")
    await scene.until([("started", ""), ("done", "apology"), ("done", "hurt")])
    assert [one.step for one in await scene.moves() if one.change == "entered"] == ["apology", "hurt", "sum_up"]
    assert scene.models.begun == [SHOP]


async def test_meaning_ticks_later_and_without_it_phrases_still_do(scene: Scene) -> None:
    await scene.begin()
    await scene.hears(CROSS, "u-1")
    await scene.until([("started", "")])
    scene.models.likes["Let me get it straight"] = {"shop_complaint/sum_up": 0.9}
    await scene.says("Let me get it straight", "a-1")
    await scene.until([("started", ""), ("done", "sum_up")])
    await scene.says("break", "a-2")
    await scene.says("I'm very sorry", "a-3")
    await scene.until([("started", ""), ("done", "sum_up"), ("done", "apology")])


async def test_clicks_come_by_the_log_and_a_second_connection_goes_on(scene: Scene) -> None:
    await scene.begin()
    await scene.hears(CROSS, "u-1")
    await scene.until([("started", "")])
    version = ready("shop").scripts.version
    click = ScriptMoved(
        script="shop_complaint", version=version, agent=SATO, change="done", step="apology", by="clicked"
    )
    await scene.happens(click)
    await scene.end()
    await scene.begin()
    await scene.says("I am sorry again. So what happened is that it broke?", "a-1")
    await scene.until([("started", ""), ("done", "apology"), ("done", "sum_up")])


async def test_a_store_that_refuses_costs_one_tick_until_it_is_said_again(scene: Scene) -> None:
    await scene.begin()
    await scene.hears(CROSS, "u-1")
    await scene.until([("started", "")])
    good, refused = scene.store.append, asyncio.Event()

    async def away(conversation: object, events: Sequence[Event], *more: object, **others: object) -> object:
        if any(isinstance(event, ScriptMoved) for event in events):
            refused.set()
            raise StoreError("away")
        return await good(conversation, events, *more, **others)  # type: ignore[arg-type]

    scene.store.append = away  # type: ignore[assignment,method-assign]
    await scene.says("I'm so sorry", "a-1")
    await asyncio.wait_for(refused.wait(), 20)
    asked = len(scene.models.insights)
    await scene.settled(lambda: len(scene.models.insights) >= asked)
    scene.store.append = good  # type: ignore[method-assign]
    await scene.says("As I said, my apologies", "a-2")
    await scene.until([("started", ""), ("done", "apology")])


async def test_a_published_version_is_used_and_a_running_script_stays_on_its_own(scene: Scene) -> None:
    for name in ("v2", "v3"):
        await scene.versions.save(SHOP, name, {"name": name, "scripts": True}, "T01")
    await goes_live(scene.store, scene.clock, SHOP, "v2")
    await scene.begin()
    await scene.hears(CROSS, "u-1")
    await scene.until([("started", "")])
    await goes_live(scene.store, scene.clock, SHOP, "v3")
    await scene.end()
    await scene.begin()
    await scene.says("I'm so sorry", "a-1")
    await scene.until([("started", ""), ("done", "apology")])
    assert {one.version for one in await scene.moves()} == {"v2"}
    assert (await scene.desk.editions.current(SHOP)).guide.scripts.version == "v3"  # type: ignore[union-attr]


async def test_a_version_of_cards_alone_keeps_the_scripts_of_the_files(scene: Scene) -> None:
    await scene.versions.save(SHOP, "v2", {"name": "v2"}, "T01")
    await goes_live(scene.store, scene.clock, SHOP, "v2")
    edition = await scene.desk.editions.current(SHOP)
    assert edition.cards.version == "v2" and edition.guide is ready("shop")
    assert (await scene.desk.editions.edition(SHOP, ready("shop").scripts.version)).guide is ready("shop")


async def test_a_script_begun_by_hand_in_a_version_published_meanwhile_is_followed(scene: Scene) -> None:
    await scene.begin()
    await scene.versions.save(SHOP, "v2", {"name": "v2", "scripts": True}, "T01")
    await goes_live(scene.store, scene.clock, SHOP, "v2")
    begun = ScriptMoved(script="shop_complaint", version="v2", agent=SATO, change="started", by="clicked")
    await scene.happens(begun)
    await scene.heard_again()
    await scene.says("I'm so sorry", "a-1")
    await scene.until([("started", ""), ("done", "apology")])
    assert {one.version for one in await scene.moves()} == {"v2"}


async def test_a_question_brings_its_answer_by_itself_and_the_next_after_a_pause(scene: Scene) -> None:
    asked = "How long does a refund take?"
    scene.models.answers = {asked: [Entry("faq/refund")], "And by card?": [Entry("faq/card")]}
    await scene.begin()
    await scene.clock.advance(5)
    await scene.hears(asked, "u-1")
    await scene.settled(lambda: asked in scene.models.questions)
    (shown,) = await scene.known(1)
    assert (shown.entry, shown.source, shown.agent, shown.utterance, shown.asked) == (
        "faq/refund", "FAQ 1", SATO, "u-1", False,
    )  # fmt: skip
    await scene.hears("And by card?", "u-2")
    await scene.settled(lambda: "And by card?" in scene.models.insights)
    assert "And by card?" not in scene.models.questions, "nothing is searched so soon after"
    await scene.clock.advance(30)
    await scene.hears("And by card?", "u-3")
    assert [one.entry for one in await scene.known(2)] == ["faq/refund", "faq/card"]
