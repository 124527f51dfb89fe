"""Assist beside a conversation, on a real log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.assist_versions import goes_live
from tests.unit.assist.live_talk import CALL, CARDS, SATO, SHOP, led, quiet_company
from voicebot.assist.content import to_json
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.assist.live_session import Edition, Insight
from voicebot.assist.model import CardSet
from voicebot.assist.sources import Spoken
from voicebot.domain import (
    EN,
    CardEnded,
    CardShown,
    Channel,
    ConversationId,
    Event,
    Heard,
    Json,
    Party,
    Source,
    Started,
    TenantId,
    Understood,
    UtteranceId,
)
from voicebot.errors import StoreError, UnderstandingError
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.store.overheard import Overheard, to_notice, topic

QUIET = quiet_company().cards


class Meaning:
    """Understands what it was told to."""

    def __init__(self) -> None:
        self.knows: dict[str, Insight] = {}
        self.asked: list[str] = []
        self.broken = False

    async def insight(self, edition: Edition, spoken: Spoken) -> Insight:
        self.asked.append(spoken.text)
        if self.broken:
            raise UnderstandingError("away")
        return self.knows.get(spoken.text, Insight())


@dataclass
class Scene:
    store: SqlStore
    clock: VirtualClock
    versions: AssistVersions
    desk: AssistDesk
    meaning: Meaning
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self) -> asyncio.Task[None]:
        """Words reach the session when this returns."""
        task = asyncio.create_task(self.desk.accompany(led()))
        self.tasks.append(task)
        before, number = len(self.meaning.asked), 0
        async with asyncio.timeout(20):
            while len(self.meaning.asked) == before:
                number += 1
                await self.hears("hello", f"u-hello-{len(self.tasks)}-{number}")
                await asyncio.sleep(0.02)
        return task

    async def was_asked(self, text: str) -> None:
        await self.settled(lambda: text in self.meaning.asked)

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def happens(self, *events: Event) -> None:
        await self.store.append(CALL, events, self.clock.now())

    async def hears(self, text: str, name: str) -> None:
        await self.happens(Heard(utterance=UtteranceId(name), text=text, language=EN, source=Source.SPEECH))

    async def overhears(self, text: str, name: str) -> None:
        one = Overheard(
            moment="said", party=Party.CUSTOMER, utterance=UtteranceId(name), language=EN, text=text, ended_ms=900
        )
        await self.store.announce(topic(CALL), to_notice(one))

    async def cards(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for recorded in await self.store.events(CALL):
            match recorded.event:
                case CardShown(card=card, utterance=name):
                    found.append((card, name))
                case CardEnded(card=card, how=how):
                    found.append((card, how))
        return found

    async def until(self, cards: list[tuple[str, str]]) -> None:
        async with asyncio.timeout(20):
            while (now := await self.cards()) != cards:
                assert len(now) <= len(cards), now
                await asyncio.sleep(0.01)

    async def settled(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110 - bounded polling of a real log
                await asyncio.sleep(0.01)


def _read(tenant: TenantId, body: Json) -> CardSet:
    """A version that holds some of the company's cards, by their ids."""
    assert isinstance(body, dict) and isinstance(body["cards"], list)
    names = {one["id"] for one in body["cards"] if isinstance(one, dict)}
    kept = {name: card for name, card in CARDS.cards.items() if name in names}
    return CardSet(tenant, str(body["name"]), kept)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = VirtualClock()
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'log.db'}", lambda text: redact(text).text)
    await store.open_conversation(CALL, SHOP, Channel.VOICE, EN, "", clock.now())
    await store.append(CALL, [Started(tenant=SHOP, channel=Channel.VOICE, language=EN)], clock.now())
    versions, meaning = AssistVersions(store, clock), Meaning()
    editions = Editions({SHOP: QUIET}, versions, _read)
    await editions.current(SHOP)
    made = Scene(store, clock, versions, AssistDesk(store, editions, versions, clock, meaning), meaning)
    yield made
    await made.end()
    await store.close()


async def test_words_in_the_log_bring_a_card_into_the_log(scene: Scene) -> None:
    await scene.begin()
    await scene.hears("I can get a better deal with another company", "u-1")
    await scene.until([("rival", "u-1")])
    (shown,) = [one.event for one in await scene.store.events(CALL) if isinstance(one.event, CardShown)]
    assert (shown.version, shown.agent, shown.reason) == ("v1", SATO, "phrase")
    await scene.happens(CardEnded(card="rival", agent=SATO, how="used"))
    await scene.until([("rival", "u-1"), ("rival", "used")])
    await scene.settled(lambda: bool(scene.meaning.asked))


async def test_words_that_are_not_over_bring_it_once(scene: Scene) -> None:
    await scene.begin()
    await scene.overhears("I can get a better deal with another company and", "u-1")
    await scene.until([("rival", "u-1")])
    await scene.hears("I can get a better deal with another company and I will", "u-1")
    await scene.was_asked("I can get a better deal with another company and I will")
    await scene.clock.advance(61)
    await scene.until([("rival", "u-1"), ("rival", "expired")])


async def test_the_customers_intent_brings_a_card_and_without_it_phrases_still_do(scene: Scene) -> None:
    scene.meaning.knows["where is it then"] = Insight("refund_status", 0.9)
    await scene.begin()
    await scene.hears("where is it then", "u-1")
    await scene.until([("refund", "u-1")])
    scene.meaning.broken = True
    await scene.clock.advance(20)
    await scene.hears("I can get a better deal with another company", "u-2")
    await scene.until([("refund", "u-1"), ("rival", "u-2")])


async def test_a_second_connection_goes_on_where_the_first_was(scene: Scene) -> None:
    await scene.begin()
    await scene.hears("I can get a better deal with another company", "u-1")
    await scene.until([("rival", "u-1")])
    await scene.end()
    await scene.begin()
    await scene.hears("yes a better deal with another company", "u-2")
    await scene.was_asked("yes a better deal with another company")
    for _ in range(61):
        await scene.clock.advance(1)
    await scene.until([("rival", "u-1"), ("rival", "expired")])


async def test_a_fault_of_ours_is_logged_and_the_session_begun_anew(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    good = scene.store.append

    async def breaks(*given: object, **more: object) -> None:
        raise ZeroDivisionError

    task = await scene.begin()
    scene.store.append = breaks  # type: ignore[assignment,method-assign]
    with caplog.at_level(logging.ERROR):
        await scene.overhears("a better deal with another company", "u-1")
        for number in range(200):
            if "ExceptionGroup" in caplog.text:
                break
            await scene.overhears("a better deal with another company", f"u-{number}")
            await asyncio.sleep(0.01)
    assert "failed: ExceptionGroup" in caplog.text and not task.done()
    scene.store.append = good  # type: ignore[method-assign]
    await scene.clock.advance(6)
    asked = len(scene.meaning.asked)
    while len(scene.meaning.asked) == asked:
        await scene.hears("hello again", f"u-again-{asyncio.get_running_loop().time()}")
        await asyncio.sleep(0.02)
    await scene.hears("I can get a better deal with another company", "u-99")
    await scene.until([("rival", "u-99")])


async def test_a_store_that_refuses_costs_the_card_and_nothing_else(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    good = scene.store.append
    refused = asyncio.Event()

    async def away(*given: object, **more: object) -> None:
        refused.set()
        raise StoreError("away")

    await scene.begin()
    scene.store.append = away  # type: ignore[assignment,method-assign]
    await scene.overhears("a better deal with another company", "u-1")
    await asyncio.wait_for(refused.wait(), 20)
    scene.store.append = good  # type: ignore[method-assign]
    await scene.hears("I can get a better deal with another company", "u-2")
    await scene.until([("rival", "u-2")])


async def test_a_conversation_that_is_gone_has_no_assist(scene: Scene) -> None:
    await asyncio.wait_for(scene.desk.accompany(led(conversation=ConversationId("nowhere"))), 20)  # returns


async def test_a_conversation_keeps_the_version_it_began_with(scene: Scene) -> None:
    await scene.begin()
    await scene.hears("I can get a better deal with another company", "u-1")
    await scene.until([("rival", "u-1")])
    body = {**to_json(CARDS), "name": "v2"}
    await scene.versions.save(SHOP, "v2", body, "T01")
    await goes_live(scene.store, scene.clock, SHOP, "v2")
    assert (await scene.desk.editions.current(SHOP)).cards.version == "v2"
    await scene.end()
    await scene.begin()
    await scene.happens(CardEnded(card="rival", agent=SATO, how="used"))
    await scene.clock.advance(20)
    await scene.hears("it is too expensive", "u-2")
    await scene.until([("rival", "u-1"), ("rival", "used"), ("price", "u-2")])
    shown = [one.event for one in await scene.store.events(CALL) if isinstance(one.event, CardShown)]
    assert {one.version for one in shown} == {"v1"}


async def test_a_published_version_that_cannot_be_read_yields_to_the_files(scene: Scene) -> None:
    editions = Editions({SHOP: QUIET}, scene.versions, _refuses)
    await scene.versions.save(SHOP, "v9", {"cards": []}, "T01")
    await goes_live(scene.store, scene.clock, SHOP, "v9")
    assert (await editions.current(SHOP)).cards.version == "v1"


def _refuses(tenant: TenantId, body: Json) -> CardSet:
    raise StoreError("not these")


async def test_what_cards_were_worth_is_learnt_from_the_log(scene: Scene) -> None:
    before = scene.desk.usefulness(SHOP).expected("price", "refund_status")
    meant = Understood(
        utterance=UtteranceId("u-1"), intent="refund_status", confidence=1, in_scope=1, source=Source.SPEECH
    )
    await scene.happens(meant)
    for _ in range(10):
        await scene.happens(
            CardShown(card="price", version="v1", agent=SATO, reason="phrase"),
            CardEnded(card="price", agent=SATO, how="dismissed"),
        )
    learning = asyncio.create_task(scene.desk.run())
    try:
        await scene.settled(lambda: scene.desk.usefulness(SHOP).expected("price", "refund_status") < before / 2)
        assert scene.desk.usefulness(SHOP).expected("rival") == pytest.approx(0.6)
    finally:
        learning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await learning


async def test_words_said_the_moment_the_agent_came_are_not_lost(scene: Scene) -> None:
    await scene.hears("I can get a better deal with another company", "u-1")
    scene.tasks.append(asyncio.create_task(scene.desk.accompany(led())))
    await scene.until([("rival", "u-1")])


async def test_words_beyond_the_budget_are_passed_over_and_later_ones_are_heard(scene: Scene) -> None:
    await scene.begin()
    while scene.desk.budget.take():
        pass
    before = scene.desk.budget.passed_over
    await scene.hears("I can get a better deal with another company", "u-1")
    await scene.settled(lambda: scene.desk.budget.passed_over > before)
    await scene.clock.advance(11)
    await scene.hears("yes a better deal with another company", "u-2")
    await scene.until([("rival", "u-2")])
    assert "I can get a better deal with another company" not in scene.meaning.asked
