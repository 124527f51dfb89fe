"""The store on SQLite or PostgreSQL: one implementation on SQLAlchemy Core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voicebot.domain import (
    Channel,
    ConversationId,
    Disposition,
    Event,
    Json,
    Language,
    Owner,
    Recorded,
    TenantId,
)
from voicebot.errors import Conflict, NotFound, StoreError
from voicebot.store.appending import Append, Appends, Outcome, append_of, keep_states, write_all
from voicebot.store.codec import event_from_json
from voicebot.store.feed import Feed
from voicebot.store.pen import Pen, sqlite_pragmas
from voicebot.store.port import ConversationRow, TokenRow
from voicebot.store.schema import upgrade
from voicebot.store.tables import conversations, events, seen_keys, states, tokens
from voicebot.store.tail import Tail
from voicebot.store.topics import Topics


class SqlStore:
    """The event log. Build it with :meth:`open`; close it when done."""

    def __init__(self, engine: AsyncEngine, redact: Callable[[str], str]) -> None:
        self._engine = engine
        self._redact = redact
        shared = engine.dialect.name == "postgresql"
        self._tail = Tail(self.events, self._last_seq if shared else None)
        self._topics = Topics()
        tail, topics = self._tail, self._topics
        self._feed = Feed(engine, tail.nudge, topics.publish, topics.look_again, self._look) if shared else None
        # SQLite has one writer; queueing here is fair and never runs into its busy timeout.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        self._pen = Pen(engine.url) if engine.dialect.name == "sqlite" else None
        self._appends = Appends(self._write)
        self._written: dict[int, list[Recorded]] = {}
        self._announced: dict[int, dict[tuple[str, str], None]] = {}

    @classmethod
    async def open(cls, url: str, redact: Callable[[str], str]) -> SqlStore:
        """Connect and bring the tables up to date.

        Args:
            url: ``sqlite+aiosqlite:///file`` or ``postgresql+psycopg://user:password@host/database``.
            redact: applied to every text before it is written.

        Raises:
            StoreError: the database cannot be reached or migrated.
        """
        if url.startswith("sqlite+aiosqlite:///"):
            Path(url.removeprefix("sqlite+aiosqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        try:
            engine = create_async_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        except SQLAlchemyError as error:
            raise StoreError(f"VOICEBOT_STORE cannot be used: {error}") from None
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", sqlite_pragmas)
        store = cls(engine, redact)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
        except (SQLAlchemyError, OSError) as error:
            await engine.dispose()
            shown = engine.url.render_as_string(hide_password=True)
            raise StoreError(f"The store {shown} cannot be opened: {type(error).__name__}: {error}") from error
        if store._feed is not None:
            await store._feed.start()
        return store

    async def close(self) -> None:
        """Let go of all connections."""
        await self._appends.close()
        if self._pen is not None:
            await self._pen.close()
        if self._feed is not None:
            await self._feed.close()
        await self._engine.dispose()

    async def open_conversation(
        self,
        conversation: ConversationId,
        tenant: TenantId,
        channel: Channel,
        language: Language,
        entry_point: str,
        at: datetime,
    ) -> None:
        """See :meth:`voicebot.store.port.Store.open_conversation`."""
        row = {
            "id": conversation,
            "tenant": tenant,
            "channel": channel.value,
            "language": language,
            "entry_point": entry_point[:256],
            "owner": Owner.BOT.value,
            "started_at": at,
        }
        try:
            async with self.writing() as connection:
                await connection.execute(insert(conversations).values(row))
        except IntegrityError:
            raise Conflict(f"Conversation {conversation} exists already") from None

    async def append(
        self,
        conversation: ConversationId,
        events_: Sequence[Event],
        at: datetime,
        expected_seq: int | None = None,
        key: str | None = None,
        state: Json | None = None,
    ) -> tuple[Recorded, ...]:
        """See :meth:`voicebot.store.port.Store.append`."""
        if not events_:
            if state is not None:
                await self.save_state(conversation, state, at)
            return ()
        return await self._appends.put(append_of(conversation, events_, at, self._redact, expected_seq, key, state))

    async def append_within(
        self,
        connection: AsyncConnection,
        conversation: ConversationId,
        events_: Sequence[Event],
        at: datetime,
        expected_seq: int | None = None,
        key: str | None = None,
        state: Json | None = None,
    ) -> tuple[Recorded, ...]:
        """As :meth:`append`, inside a transaction of :meth:`writing`; followers get the events once it is committed.

        A ``key`` that was used before raises SQLAlchemy's IntegrityError, and the transaction is lost.
        """
        wanted = append_of(conversation, events_, at, self._redact, expected_seq, key, state)
        (outcome,) = await connection.run_sync(write_all, [wanted])
        if not isinstance(outcome, tuple):
            raise outcome
        self._written.setdefault(id(connection), []).extend(outcome)
        return outcome

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """See :meth:`voicebot.store.port.Store.events`."""
        query = (
            select(events.c.seq, events.c.at, events.c.body)
            .where(events.c.conversation == conversation, events.c.seq > after_seq)
            .order_by(events.c.seq)
            .limit(limit)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
            if not rows:
                await self._row(connection, conversation)
        return tuple(Recorded(conversation, row.seq, row.at, event_from_json(row.body)) for row in rows)

    async def conversation(self, conversation: ConversationId) -> ConversationRow:
        """See :meth:`voicebot.store.port.Store.conversation`."""
        async with self.reading() as connection:
            return _conversation(await self._row(connection, conversation))

    async def conversations(
        self, tenant: TenantId | None, *, limit: int = 50, before: datetime | None = None
    ) -> tuple[ConversationRow, ...]:
        """See :meth:`voicebot.store.port.Store.conversations`."""
        query = select(conversations).order_by(conversations.c.started_at.desc(), conversations.c.id).limit(limit)
        if tenant is not None:
            query = query.where(conversations.c.tenant == tenant)
        if before is not None:
            query = query.where(conversations.c.started_at < before)
        async with self.reading() as connection:
            return tuple(_conversation(row) for row in (await connection.execute(query)).all())

    async def change_owner(self, conversation: ConversationId, expected: Owner, new: Owner) -> bool:
        """See :meth:`voicebot.store.port.Store.change_owner`."""
        change = (
            update(conversations)
            .where(conversations.c.id == conversation, conversations.c.owner == expected.value)
            .values(owner=new.value, owner_version=conversations.c.owner_version + 1)
        )
        async with self.writing() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def save_state(self, conversation: ConversationId, state: Json, at: datetime) -> None:
        """See :meth:`voicebot.store.port.Store.save_state`."""
        async with self.writing() as connection:
            await connection.run_sync(keep_states, [{"conversation": conversation, "at": at, "body": state}])

    async def load_state(self, conversation: ConversationId) -> Json | None:
        """See :meth:`voicebot.store.port.Store.load_state`."""
        async with self.reading() as connection:
            query = select(states.c.body).where(states.c.conversation == conversation)
            body: Json | None = (await connection.execute(query)).scalar_one_or_none()
            return body

    async def once(self, conversation: ConversationId, key: str) -> bool:
        """See :meth:`voicebot.store.port.Store.once`."""
        try:
            async with self.writing() as connection:
                await connection.execute(insert(seen_keys).values(conversation=conversation, key=key))
        except IntegrityError:
            return False
        return True

    async def seq_of(self, conversation: ConversationId, key: str) -> int | None:
        """See :meth:`voicebot.store.port.Store.seq_of`."""
        query = select(seen_keys.c.seq).where(seen_keys.c.conversation == conversation, seen_keys.c.key == key)
        async with self.reading() as connection:
            seq: int | None = (await connection.execute(query)).scalar_one_or_none()
        return seq

    async def add_token(self, digest: str, tenant: TenantId | None, role: str, expires_at: datetime | None) -> None:
        """See :meth:`voicebot.store.port.Store.add_token`."""
        async with self.writing() as connection:
            await connection.execute(delete(tokens).where(tokens.c.digest == digest))
            await connection.execute(
                insert(tokens).values(digest=digest, tenant=tenant, role=role, expires_at=expires_at)
            )

    async def token(self, digest: str) -> TokenRow | None:
        """See :meth:`voicebot.store.port.Store.token`."""
        async with self.reading() as connection:
            row = (await connection.execute(select(tokens).where(tokens.c.digest == digest))).one_or_none()
        return None if row is None else TokenRow(row.tenant, row.role, row.expires_at)

    async def ping(self) -> None:
        """See :meth:`voicebot.store.port.Store.ping`."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    def subscribe(self, conversation: ConversationId, after_seq: int | None = None) -> AsyncGenerator[Recorded, None]:
        """See :meth:`voicebot.store.port.Store.subscribe`."""
        return self._tail.subscribe(conversation, after_seq)

    async def announce_within(self, connection: AsyncConnection, topic: str, payload: str) -> None:
        """Tell every process that follows a topic, once the transaction is committed; never when it is not."""
        self._announced.setdefault(id(connection), {})[topic, payload] = None

    async def announce(self, topic: str, payload: str) -> None:
        """Tell every process that follows a topic."""
        async with self.writing() as connection:
            await self.announce_within(connection, topic, payload)

    def changes(self, topic: str) -> AsyncGenerator[str, None]:
        """Notices of a topic from now on; an empty one means some may have been missed: look at everything again."""
        return self._topics.follow(topic)

    def cut_off(self, conversation: ConversationId) -> None:
        """See :meth:`voicebot.store.port.Store.cut_off`."""
        self._tail.cut_off(conversation)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with."""
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"The store cannot be read: {type(error).__name__}") from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block; an IntegrityError comes through as it is."""
        if self._turn is not None:
            await self._turn.acquire()
        place = 0
        try:
            async with self._engine.begin() as connection:
                place = id(connection)
                yield connection
                if self._feed is not None:
                    await self._feed.announce(connection, tuple(self._announced.get(place, ())))
            self._publish(self._written.get(place, ()), self._announced.get(place, ()))
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"The store cannot be written: {type(error).__name__}") from error
        finally:
            self._written.pop(place, None)
            self._announced.pop(place, None)
            if self._turn is not None:
                self._turn.release()

    async def _write(self, wanted: Sequence[Append]) -> list[Outcome]:
        """Several appends in one transaction; when one of them spoils it, each in its own."""
        try:
            outcomes = await self._in_one(wanted)
        except IntegrityError:
            if len(wanted) == 1:
                return [Conflict(f"Conversation {wanted[0].conversation} has taken this message already")]
            return [outcome for item in wanted for outcome in await self._write([item])]
        except (SQLAlchemyError, OSError) as error:
            return [StoreError(f"The store cannot be written: {type(error).__name__}") for _ in wanted]
        self._publish([item for outcome in outcomes if isinstance(outcome, tuple) for item in outcome], ())
        return outcomes

    async def _in_one(self, wanted: Sequence[Append]) -> list[Outcome]:
        if self._pen is None or self._turn is None:
            async with self._engine.begin() as connection:
                return await connection.run_sync(write_all, wanted)
        async with self._turn:
            return await self._pen.write(wanted)

    def _publish(self, written: Sequence[Recorded], announced: Iterable[tuple[str, str]]) -> None:
        self._tail.publish(written)
        for topic, payload in announced:
            self._topics.publish(topic, payload)
        if self._feed is not None:
            self._feed.appended(written)

    async def _last_seq(self, conversation: ConversationId) -> int:
        return (await self.conversation(conversation)).last_seq

    async def _look(self) -> None:
        """Nudge the readers of every conversation that has gone on further than they have seen."""
        followed = self._tail.followed()
        if not followed:
            return
        query = select(conversations.c.id, conversations.c.last_seq).where(conversations.c.id.in_(followed))
        async with self.reading() as connection:
            found = (await connection.execute(query)).all()
        for name, last in found:
            if last > followed[name]:
                self._tail.nudge(name, followed[name] + 1)

    async def _row(self, connection: AsyncConnection, conversation: ConversationId) -> Row[Any]:
        query = select(conversations).where(conversations.c.id == conversation)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"There is no conversation {conversation}")
        return row


def _conversation(row: Row[Any]) -> ConversationRow:
    return ConversationRow(
        id=row.id,
        tenant=row.tenant,
        channel=Channel(row.channel),
        language=Language(row.language),
        entry_point=row.entry_point,
        owner=Owner(row.owner),
        started_at=row.started_at,
        ended_at=row.ended_at,
        disposition=None if row.disposition is None else Disposition(row.disposition),
        last_seq=row.last_seq,
    )
