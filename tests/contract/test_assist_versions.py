"""Versions of assist content on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.assist_versions import goes_back, goes_live
from voicebot.domain import (
    EN,
    CardEnded,
    CardShown,
    Channel,
    ConversationId,
    Heard,
    Source,
    TenantId,
    Understood,
    UtteranceId,
)
from voicebot.errors import NotFound
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions, changed_topic

SHOP, OTHER = TenantId("shop"), TenantId("telecom")


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    url = (
        f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    opened = await SqlStore.open(url, str)
    async with opened.writing() as connection:
        for table in ("assist_versions", "assist_live"):
            await connection.execute(text(f"DELETE FROM {table}"))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def _published(store: SqlStore, clock: VirtualClock, *names: str) -> None:
    versions = AssistVersions(store, clock)
    for name in names:
        await versions.save(SHOP, name, {"cards": [name]}, "T01", f"note {name}")
        await goes_live(store, clock, SHOP, name)
        await clock.advance(60)


async def test_versions_are_kept_and_the_files_count_until_one_is_published(
    store: SqlStore, clock: VirtualClock
) -> None:
    versions = AssistVersions(store, clock)
    assert await versions.live(SHOP) is None and await versions.all(SHOP) == ()
    await versions.save(SHOP, "a", {"cards": [{"id": "é日"}]}, "T01", "first")
    await clock.advance(1)
    await versions.save(SHOP, "b", {"cards": []}, "T02")
    await versions.save(SHOP, "a", {"cards": "something else"}, "T02")
    assert [(one.version, one.author, one.note, one.published_at) for one in await versions.all(SHOP)] == [
        ("b", "T02", "", None),
        ("a", "T01", "first", None),
    ]
    assert await versions.body(SHOP, "a") == {"cards": [{"id": "é日"}]}
    assert await versions.live(SHOP) is None
    with pytest.raises(NotFound):
        await versions.body(OTHER, "a")


async def test_publishing_and_rolling_back_to_the_files_and_on(store: SqlStore, clock: VirtualClock) -> None:
    versions = AssistVersions(store, clock)
    await _published(store, clock, "a", "b", "c")
    assert await versions.live(SHOP) == "c" and await versions.live(OTHER) is None
    for version in ("b", "a", None, None):
        await goes_back(store, clock, SHOP, version)
        assert await versions.live(SHOP) == version
    await goes_live(store, clock, SHOP, "b")
    assert await versions.live(SHOP) == "b"
    with pytest.raises(NotFound):
        await goes_live(store, clock, SHOP, "never saved")
    assert await versions.live(SHOP) == "b"


async def test_what_goes_live_is_announced(store: SqlStore, clock: VirtualClock) -> None:
    changes = store.changes(changed_topic(SHOP))
    await _published(store, clock, "a", "b")
    await goes_back(store, clock, SHOP, "a")
    assert [await anext(changes) for _ in range(3)] == ["a", "b", "a"]
    await changes.aclose()


async def test_what_became_of_cards_is_read_with_the_intents_before(store: SqlStore, clock: VirtualClock) -> None:
    versions, since = AssistVersions(store, clock), clock.now()
    words = Heard(utterance=UtteranceId("u"), text="hello", language=EN, source=Source.TEXT)
    meant = Understood(utterance=UtteranceId("u"), intent="refund", confidence=1, in_scope=1, source=Source.TEXT)
    shown = CardShown(card="x", version="a", agent="S01", reason="phrase", values={"name": "t"})
    ended = CardEnded(card="x", agent="S01", how="used")
    for name, tenant, told in (
        ("c-1", SHOP, (words, meant, shown, ended)),
        ("c-2", SHOP, (words, meant)),
        ("c-3", OTHER, (meant, shown, ended)),
    ):
        conversation = ConversationId(name)
        await store.open_conversation(conversation, tenant, Channel.VOICE, EN, "", clock.now())
        await store.append(conversation, told, clock.now())
    assert [one.event for one in await versions.cards_told(SHOP, since)] == [meant, shown, ended]
    assert await versions.cards_told(SHOP, clock.now() + timedelta(seconds=1)) == []


async def test_of_too_much_that_became_of_cards_the_newest_is_read(store: SqlStore, clock: VirtualClock) -> None:
    versions, since, busy = AssistVersions(store, clock), clock.now(), TenantId("busy")
    for name in ("a-1", "m-2", "z-3"):
        conversation = ConversationId(name)
        await store.open_conversation(conversation, busy, Channel.VOICE, EN, "", clock.now())
        for event in (
            CardShown(card=name, version="a", agent="S01", reason="phrase", values={}),
            CardEnded(card=name, agent="S01", how="used"),
        ):
            await store.append(conversation, (event,), clock.now())
            await clock.advance(60)
    told = await versions.cards_told(busy, since, limit=4)
    cards = [(one.event.card, type(one.event)) for one in told if isinstance(one.event, CardShown | CardEnded)]
    assert cards == [("m-2", CardShown), ("m-2", CardEnded), ("z-3", CardShown), ("z-3", CardEnded)]
