"""The tables, once for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
JsonColumn = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("entry_point", String(256), nullable=False, server_default=""),
    Column("owner", String(16), nullable=False),
    Column("owner_version", Integer, nullable=False, server_default="0"),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("disposition", String(32)),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Index("conversations_by_tenant", "tenant", "started_at"),
)

events = Table(
    "events",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("type", String(32), nullable=False),
    Column("body", JsonColumn, nullable=False),
    Index("events_by_type", "type", "at"),
)

states = Table(
    "states",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("body", JsonColumn, nullable=False),
)

seen_keys = Table(
    "seen_keys",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("seq", BigInteger, nullable=False, server_default="0"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("tenant", String(64)),
    Column("role", String(32), nullable=False),
    Column("expires_at", Instant),
    Column("note", Text, nullable=False, server_default=""),
)
