"""Versions of a company's assist content, which of them is live, and what became of cards in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, String, Table, Text, and_, exists, insert, select
from sqlalchemy.exc import IntegrityError

from voicebot.clock import Clock
from voicebot.domain import Json, Recorded, TenantId
from voicebot.errors import NotFound
from voicebot.store.codec import event_from_json
from voicebot.store.sql import SqlStore
from voicebot.store.tables import Instant, JsonColumn, conversations, events, metadata

assist_versions = Table(
    "assist_versions",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("body", JsonColumn, nullable=False),
    Column("author", String(64), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("published_at", Instant),
)
assist_live = Table(
    "assist_live",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", String(64), nullable=False),
)
_TOLD = ("CardShown", "CardEnded", "Understood")


def changed_topic(tenant: TenantId) -> str:
    """Announced whenever another version goes live."""
    return f"assist.{tenant}"


@dataclass(frozen=True, slots=True)
class Version:
    """One version without its body. ``published_at``: when it last went live."""

    version: str
    author: str
    note: str
    created_at: datetime
    published_at: datetime | None


class AssistVersions:
    """A :class:`voicebot.assist.live_editions.Versions`. Every method may raise StoreError.

    Which version is live is moved by :meth:`voicebot.store.assist_drafts.AssistDrafts.move` alone.
    """

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def all(self, tenant: TenantId) -> tuple[Version, ...]:
        """The latest first."""
        table = assist_versions.c
        query = (
            select(table.version, table.author, table.note, table.created_at, table.published_at)
            .where(table.tenant == tenant)
            .order_by(table.created_at.desc(), table.version)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Version(row.version, row.author, row.note, row.created_at, row.published_at) for row in rows)

    async def body(self, tenant: TenantId, version: str) -> Json:
        """What a version holds. Raises NotFound."""
        query = select(assist_versions.c.body).where(_is(tenant, version))
        async with self._store.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"There is no version {version} of the assist content.")
        found: Json = row.body
        return found

    async def save(self, tenant: TenantId, version: str, body: Json, author: str, note: str = "") -> None:
        """Keep a version; one that is kept already, which holds the same, stays as it is."""
        row = {
            "tenant": tenant,
            "version": version,
            "body": body,
            "author": author,
            "note": note,
            "created_at": self._clock.now(),
        }
        try:
            async with self._store.writing() as connection:
                await connection.execute(insert(assist_versions).values(row))
        except IntegrityError:
            return

    async def live(self, tenant: TenantId) -> str | None:
        """The version that counts now; None: the files."""
        query = select(assist_live.c.version).where(assist_live.c.tenant == tenant)
        async with self._store.reading() as connection:
            version: str | None = (await connection.execute(query)).scalar_one_or_none()
        return version

    async def cards_told(self, tenant: TenantId, since: datetime, limit: int = 50_000) -> Sequence[Recorded]:
        """Cards that were shown and how they ended, with the intents before them, conversation by conversation.

        ``limit``: of more events than that, the newest.
        """
        shown = events.alias()
        query = (
            select(events.c.conversation, events.c.seq, events.c.at, events.c.body)
            .join(conversations, conversations.c.id == events.c.conversation)
            .where(
                conversations.c.tenant == tenant,
                events.c.type.in_(_TOLD),
                events.c.at >= since,
                exists().where(shown.c.conversation == events.c.conversation, shown.c.type == "CardShown"),
            )
            .order_by(events.c.at.desc(), events.c.conversation.desc(), events.c.seq.desc())
            .limit(limit)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        told = [Recorded(row.conversation, row.seq, row.at, event_from_json(row.body)) for row in rows]
        return sorted(told, key=lambda recorded: (recorded.conversation, recorded.seq))


def _is(tenant: TenantId, version: str) -> ColumnElement[bool]:
    return and_(assist_versions.c.tenant == tenant, assist_versions.c.version == version)
