"""Drafts, versions and the live pointer of the assist content, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from voicebot.domain import EN, JA, AgentSaid, Channel, ConversationId, Heard, Source, TenantId, UtteranceId
from voicebot.errors import Conflict, NotFound
from voicebot.people import AuditLog
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions, changed_topic
from voicebot.store.assist_drafts import PUBLISHED, ROLLED_BACK, AssistDrafts, Move, Overtaken
from voicebot.store.people_tables import audit_head

SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
BODY = {"cards": {"version": "1", "cards": [{"id": "card_a", "priority": 3}]}, "scripts": {}}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(url, str)
    if url.startswith("postgresql"):
        async with opened.writing() as connection:
            await connection.execute(text("TRUNCATE assist_drafts, assist_versions, assist_live, audit, audit_head"))
            await connection.execute(audit_head.insert().values(id=1, seq=0, hash="0" * 64))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def drafts(store: SqlStore, clock: VirtualClock) -> AssistDrafts:
    return AssistDrafts(store, clock)


@pytest.fixture
def versions(store: SqlStore, clock: VirtualClock) -> AssistVersions:
    return AssistVersions(store, clock)


def published(version: str, expected: str | None, by: str = "leader") -> Move:
    return Move(expected, version, by, PUBLISHED, f"note of {version}", "203.0.113.7", BODY, by)


async def test_a_draft_belongs_to_its_author_and_company(drafts: AssistDrafts) -> None:
    assert await drafts.draft(SHOP, "sato") is None
    row = await drafts.save(SHOP, "sato", "files-1", {"cards": {"card_a": None}}, 0)
    assert row.revision == 1
    assert await drafts.draft(SHOP, "sato") == row
    assert await drafts.draft(SHOP, "ito") is None
    assert await drafts.draft(TELECOM, "sato") is None
    await drafts.discard(SHOP, "sato")
    assert await drafts.draft(SHOP, "sato") is None


async def test_two_windows_of_one_author_do_not_overwrite_each_other(drafts: AssistDrafts) -> None:
    await drafts.save(SHOP, "sato", "files-1", {}, 0)
    await drafts.save(SHOP, "sato", "files-1", {"cards": {"card_a": None}}, 1)
    for stale in (0, 1):
        with pytest.raises(Conflict):
            await drafts.save(SHOP, "sato", "files-1", {}, stale)
    kept = await drafts.draft(SHOP, "sato")
    assert kept is not None and kept.changes == {"cards": {"card_a": None}}


async def test_publishing_keeps_the_version_moves_the_pointer_and_is_audited(
    store: SqlStore, drafts: AssistDrafts, versions: AssistVersions, clock: VirtualClock
) -> None:
    await drafts.save(SHOP, "leader", "files-1", {"cards": {"card_a": None}}, 0)
    await drafts.move(SHOP, published("v1", None))
    assert await versions.live(SHOP) == "v1"
    assert await versions.live(TELECOM) is None
    assert await versions.body(SHOP, "v1") == BODY
    assert await drafts.draft(SHOP, "leader") is None
    (row,) = await versions.all(SHOP)
    assert (row.author, row.note, row.published_at) == ("leader", "note of v1", clock.now())
    (line,) = await AuditLog(store, clock).read(SHOP)
    assert (line.line.who, line.line.what, line.line.on) == ("leader", "assist_published", "v1")
    assert line.line.detail["before"] == "files" and line.line.address == "203.0.113.7"


@pytest.mark.parametrize("before", [None, "v0"])
async def test_of_two_leaders_who_publish_at_once_one_is_refused(
    drafts: AssistDrafts, versions: AssistVersions, before: str | None
) -> None:
    if before is not None:
        await drafts.move(SHOP, published(before, None))
    moves = [drafts.move(SHOP, published(f"v{who}", before, who)) for who in ("ito", "sato", "abe")]
    results = await asyncio.gather(*moves, return_exceptions=True)
    winner = ("ito", "sato", "abe")[[one is None for one in results].index(True)]
    refused = [one for one in results if one is not None]
    assert [(type(one), getattr(one, "by", "")) for one in refused] == [(Overtaken, winner)] * 2
    assert await versions.live(SHOP) == f"v{winner}"
    kept = {one.version for one in await versions.all(SHOP)}
    assert kept == {f"v{winner}"} | ({before} if before else set())


async def test_who_is_second_is_told_who_was_first_whatever_the_first_did(
    drafts: AssistDrafts, versions: AssistVersions
) -> None:
    assert await drafts.mover(SHOP) == ""
    await drafts.move(SHOP, published("v1", None, "ito"))
    await drafts.move(SHOP, published("v2", "v1", "sato"))
    assert await drafts.mover(SHOP) == "sato" and await drafts.mover(TELECOM) == ""
    with pytest.raises(Overtaken) as published_first:
        await drafts.move(SHOP, Move("v1", None, "abe", ROLLED_BACK))
    assert published_first.value.by == "sato"
    await drafts.move(SHOP, Move("v2", None, "ito", ROLLED_BACK))
    with pytest.raises(Overtaken) as rolled_back_first:
        await drafts.move(SHOP, published("v3", "v2", "sato"))
    assert rolled_back_first.value.by == "ito"
    assert await versions.live(SHOP) is None and {one.version for one in await versions.all(SHOP)} == {"v1", "v2"}


async def test_two_servers_that_publish_at_once_agree_who_was_first(url: str, store: SqlStore) -> None:
    other = await SqlStore.open(url, str)
    try:
        clock = VirtualClock()
        both = {"ito": AssistDrafts(store, clock), "sato": AssistDrafts(other, clock)}
        live: str | None = None
        for turn in range(4):
            moves = [server.move(SHOP, published(f"{who}-{turn}", live, who)) for who, server in both.items()]
            results = dict(zip(both, await asyncio.gather(*moves, return_exceptions=True), strict=True))
            (winner,) = (who for who, result in results.items() if result is None)
            (refused,) = (result for result in results.values() if result is not None)
            assert isinstance(refused, Overtaken) and refused.by == winner
            live = f"{winner}-{turn}"
            assert await AssistVersions(other, clock).live(SHOP) == live
    finally:
        await other.close()


async def test_rolling_back_moves_the_pointer_alone(drafts: AssistDrafts, versions: AssistVersions) -> None:
    await drafts.move(SHOP, published("v1", None))
    await drafts.move(SHOP, published("v2", "v1"))
    await drafts.move(SHOP, Move("v2", "v1", "ito", ROLLED_BACK))
    assert await versions.live(SHOP) == "v1"
    assert {one.version for one in await versions.all(SHOP)} == {"v1", "v2"}
    with pytest.raises(Conflict):
        await drafts.move(SHOP, Move("v2", None, "ito", ROLLED_BACK))
    await drafts.move(SHOP, Move("v1", None, "ito", ROLLED_BACK))
    assert await versions.live(SHOP) is None
    with pytest.raises(Conflict):
        await drafts.move(SHOP, Move("v1", "v2", "ito", ROLLED_BACK))
    assert await versions.live(SHOP) is None


async def test_a_version_nobody_knows_cannot_go_live(drafts: AssistDrafts, versions: AssistVersions) -> None:
    with pytest.raises(NotFound):
        await drafts.move(SHOP, Move(None, "never", "ito", ROLLED_BACK))
    assert await versions.live(SHOP) is None


async def test_a_version_never_changes_and_other_companies_do_not_see_it(
    drafts: AssistDrafts, versions: AssistVersions
) -> None:
    await drafts.move(SHOP, published("v1", None))
    await drafts.move(SHOP, Move("v1", "v1", "ito", PUBLISHED, "again", body={"cards": {}}))
    assert await versions.body(SHOP, "v1") == BODY
    with pytest.raises(NotFound):
        await versions.body(TELECOM, "v1")


async def test_other_servers_hear_of_it(url: str, store: SqlStore, drafts: AssistDrafts) -> None:
    other = store if url.startswith("sqlite") else await SqlStore.open(url, str)
    try:
        async with aclosing(other.changes(changed_topic(SHOP))) as notices, asyncio.timeout(10):
            first = asyncio.create_task(anext(notices))
            await asyncio.sleep(0)
            await drafts.move(SHOP, published("v1", None))
            assert await first in ("v1", "")
    finally:
        if other is not store:
            await other.close()


async def test_talks_are_those_a_person_spoke_in(store: SqlStore, drafts: AssistDrafts, clock: VirtualClock) -> None:
    said = AgentSaid(utterance=UtteranceId("u2"), agent="S01", name="S", text="Hello.", language=EN, source=Source.TEXT)
    heard = Heard(utterance=UtteranceId("u1"), text="Hi.", language=EN, source=Source.TEXT)
    since = clock.now()
    for name, tenant, events in (("t-a", SHOP, [heard, said]), ("t-b", SHOP, [heard]), ("t-c", TELECOM, [said])):
        conversation = ConversationId(f"{name}-{since.timestamp()}")
        await store.open_conversation(conversation, tenant, Channel.WEB_CHAT, JA, "", since)
        await store.append(conversation, events, since)
    found = await drafts.talks(SHOP, 10, since, since + timedelta(hours=1))
    assert [name.split("-")[1] for name, _ in found] == ["a"]
    assert await drafts.talks(SHOP, 10, since + timedelta(hours=1)) == ()
