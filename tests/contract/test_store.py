"""What every store must do, run against SQLite and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from voicebot.domain import (
    EN,
    JA,
    Channel,
    ConversationId,
    Disposition,
    Ended,
    Heard,
    KeysPressed,
    LanguageChanged,
    Owner,
    Played,
    Said,
    Source,
    TenantId,
    UtteranceId,
)
from voicebot.errors import Conflict, NotFound, StoreError
from voicebot.store import SqlStore

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SHOP = TenantId("shop")
_names = (ConversationId(f"c-{number}") for number in itertools.count())


def masked(words: str) -> str:
    return words.replace("4111", "[CARD]")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(url, masked)
    if url.startswith("postgresql"):
        async with opened._engine.begin() as connection:
            await connection.execute(text("TRUNCATE conversations, tokens CASCADE"))
    yield opened
    await opened.close()


async def begun(store: SqlStore, tenant: TenantId = SHOP, at: datetime = NOW) -> ConversationId:
    name = next(_names)
    await store.open_conversation(name, tenant, Channel.WEB_CHAT, JA, "/chat/shop", at)
    return name


def heard(words: str, number: int = 1) -> Heard:
    return Heard(utterance=UtteranceId(f"u{number}"), text=words, language=JA, source=Source.TEXT)


async def test_events_come_back_in_order_and_numbered_without_gaps(store: SqlStore) -> None:
    name = await begun(store)
    await store.append(name, [heard("炊飯器がまだ届かない"), KeysPressed(digits="1")], NOW)
    await store.append(name, [Said(utterance=UtteranceId("u2"), text="はい", response="utter_x", language=JA)], NOW)
    log = await store.events(name)
    assert [item.seq for item in log] == [1, 2, 3]
    assert log[0].event == heard("炊飯器がまだ届かない")
    assert log[0].at == NOW and log[0].at.tzinfo is not None
    assert [item.seq for item in await store.events(name, after_seq=1, limit=1)] == [2]


async def test_text_is_redacted_before_it_is_stored_or_returned(store: SqlStore) -> None:
    name = await begun(store)
    written = await store.append(name, [heard("カードは4111です")], NOW)
    assert written[0].event == heard("カードは[CARD]です")
    async with store._engine.connect() as connection:
        raw = (
            await connection.execute(text("SELECT body FROM events WHERE conversation = :name"), {"name": name})
        ).all()
    assert "4111" not in str(raw)


async def test_an_expected_number_that_is_not_the_last_is_a_conflict_and_writes_nothing(store: SqlStore) -> None:
    name = await begun(store)
    await store.append(name, [heard("a")], NOW, expected_seq=0)
    with pytest.raises(Conflict):
        await store.append(name, [heard("b")], NOW, expected_seq=0)
    assert len(await store.events(name)) == 1


async def test_many_writers_get_one_number_each(store: SqlStore) -> None:
    name = await begun(store)
    await asyncio.gather(*(store.append(name, [heard(str(n), n), heard(str(n), n)], NOW) for n in range(20)))
    log = await store.events(name)
    assert [item.seq for item in log] == list(range(1, 41))
    pairs = [(log[n].event, log[n + 1].event) for n in range(0, 40, 2)]
    assert all(first == second for first, second in pairs), "the events of one append stay together"


async def test_an_unknown_conversation_is_not_found(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        await store.append(ConversationId("nobody"), [heard("a")], NOW)
    with pytest.raises(NotFound):
        await store.events(ConversationId("nobody"))
    with pytest.raises(NotFound):
        await store.conversation(ConversationId("nobody"))


async def test_the_same_id_twice_is_a_conflict(store: SqlStore) -> None:
    name = await begun(store)
    with pytest.raises(Conflict):
        await store.open_conversation(name, SHOP, Channel.VOICE, EN, "", NOW)


async def test_the_row_follows_the_log(store: SqlStore) -> None:
    name = await begun(store)
    await store.append(name, [LanguageChanged(language=EN)], NOW)
    await store.append(name, [Ended(disposition=Disposition.RESOLVED_BY_BOT, by="bot")], NOW + timedelta(seconds=5))
    row = await store.conversation(name)
    assert (row.language, row.disposition, row.ended_at) == (
        EN,
        Disposition.RESOLVED_BY_BOT,
        NOW + timedelta(seconds=5),
    )
    assert row.last_seq == 2


async def test_one_owner_at_a_time(store: SqlStore) -> None:
    name = await begun(store)
    won = await asyncio.gather(*(store.change_owner(name, Owner.BOT, Owner.QUEUE) for _ in range(8)))
    assert won.count(True) == 1
    assert (await store.conversation(name)).owner is Owner.QUEUE


async def test_companies_do_not_see_each_other(store: SqlStore) -> None:
    mine = await begun(store, TenantId("shop"), NOW)
    theirs = await begun(store, TenantId("telecom"), NOW + timedelta(seconds=1))
    assert [row.id for row in await store.conversations(TenantId("shop"))] == [mine]
    assert [row.id for row in await store.conversations(None)] == [theirs, mine]
    assert [row.id for row in await store.conversations(None, before=NOW + timedelta(seconds=1))] == [mine]


async def test_a_key_is_new_once_even_when_sent_twice_at_once(store: SqlStore) -> None:
    name, other = await begun(store), await begun(store)
    won = await asyncio.gather(*(store.once(name, "m1") for _ in range(5)))
    assert won.count(True) == 1
    assert await store.once(other, "m1")


async def test_an_append_under_a_known_key_writes_nothing_and_its_number_can_be_asked(store: SqlStore) -> None:
    name = await begun(store)
    await store.append(name, [heard("a")], NOW)
    written = await store.append(name, [heard("b")], NOW, key="m1")
    with pytest.raises(Conflict):
        await store.append(name, [heard("b again")], NOW, key="m1")
    assert await store.seq_of(name, "m1") == written[0].seq == 2
    assert await store.seq_of(name, "m2") is None
    assert (await store.conversation(name)).last_seq == 2


async def test_snapshots_replace_each_other(store: SqlStore) -> None:
    name = await begun(store)
    assert await store.load_state(name) is None
    await store.save_state(name, {"flow": "order_status", "slots": {"注文": "A1"}}, NOW)
    await store.save_state(name, {"flow": None}, NOW)
    assert await store.load_state(name) == {"flow": None}


async def test_events_and_snapshot_are_written_together_or_not_at_all(store: SqlStore) -> None:
    name = await begun(store)
    await store.append(name, [heard("a")], NOW, key="m1", state={"flow": "order_status"})
    with pytest.raises(Conflict):
        await store.append(name, [heard("a again")], NOW, key="m1", state={"flow": "lost"})
    assert await store.load_state(name) == {"flow": "order_status"}
    await store.append(name, [], NOW, state={"flow": None})
    assert await store.load_state(name) == {"flow": None}
    assert (await store.conversation(name)).last_seq == 1


async def test_followers_of_a_broken_conversation_are_told(store: SqlStore) -> None:
    name, other = await begun(store), await begun(store)
    following, elsewhere = store.subscribe(name), store.subscribe(other)
    await store.append(name, [heard("a")], NOW)
    store.cut_off(name)
    await store.append(other, [heard("b")], NOW)
    assert (await anext(following)).seq == 1
    with pytest.raises(StoreError):
        await anext(following)
    assert (await anext(elsewhere)).seq == 1
    await elsewhere.aclose()


async def test_tokens_are_found_by_digest_only(store: SqlStore) -> None:
    await store.add_token("d" * 64, SHOP, "auditor", NOW)
    found = await store.token("d" * 64)
    assert found is not None and (found.tenant, found.role, found.expires_at) == (SHOP, "auditor", NOW)
    assert await store.token("e" * 64) is None


async def test_a_follower_sees_what_is_appended_from_now_on(store: SqlStore) -> None:
    name = await begun(store)
    await store.append(name, [heard("before")], NOW)
    following = store.subscribe(name)
    await store.append(name, [heard("after")], NOW)
    assert (await anext(following)).event == heard("after")
    await following.aclose()


async def test_a_follower_that_sleeps_is_cut_off_and_the_writer_goes_on(store: SqlStore) -> None:
    name = await begun(store)
    following = store.subscribe(name)
    for _ in range(11):
        await store.append(name, [heard("x")] * 100, NOW)
    with pytest.raises(StoreError, match="behind"):
        async for _item in following:
            pass
    assert (await store.conversation(name)).last_seq == 1100


async def test_opening_again_keeps_everything(store: SqlStore, url: str) -> None:
    name = await begun(store)
    await store.append(name, [heard("a")], NOW)
    again = await SqlStore.open(url, masked)
    assert len(await again.events(name)) == 1
    await again.close()


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from voicebot.domain import *
from voicebot.store import SqlStore

async def main():
    store = await SqlStore.open(sys.argv[1], lambda words: words)
    name = ConversationId(sys.argv[2])
    await store.open_conversation(name, TenantId("shop"), Channel.REST, JA, "", datetime.now(UTC))
    while True:
        done = await store.append(name, [KeysPressed(digits="1"), KeysPressed(digits="2")], datetime.now(UTC))
        print(done[-1].seq, flush=True)

asyncio.run(main())
"""


async def test_a_process_killed_while_writing_loses_no_acknowledged_event(store: SqlStore, url: str) -> None:
    name = next(_names)
    command = [sys.executable, "-c", WRITER, url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = 0
        while acknowledged < 60:
            line = writer.stdout.readline()
            assert line, "the writer died by itself"
            acknowledged = int(line)
        writer.kill()
        acknowledged = max([acknowledged, *(int(rest) for rest in writer.stdout.read().split() if rest.isdigit())])
    log = await store.events(name, limit=100_000)
    assert len(log) >= acknowledged
    assert [item.seq for item in log] == list(range(1, len(log) + 1))
    assert len(log) % 2 == 0, "an append is written whole or not at all"


async def test_an_address_that_cannot_be_opened_says_so_without_the_password() -> None:
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        await SqlStore.open("postgresql+psycopg://me:hidden@127.0.0.1:1/none", masked)
    assert "hidden" not in str(caught.value)


async def test_played_keeps_its_numbers(store: SqlStore) -> None:
    name = await begun(store)
    event = Played(utterance=UtteranceId("u1"), text="お電話", complete=False, played_ms=640, first_audio_ms=412)
    await store.append(name, [event], NOW)
    assert (await store.events(name))[0].event == event
