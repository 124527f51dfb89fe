"""Tables of what we exchange with other systems: customers, webhooks, messages, links."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from voicebot.store.tables import Instant, JsonColumn, metadata

customers = Table(
    "customers",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("name", String(200)),
    Column("number", String(32)),
    Column("language", String(16)),
    Column("record_url", String(500)),
    Column("vulnerable", Boolean, nullable=False, server_default="0"),
    Column("vip", Boolean, nullable=False, server_default="0"),
    Column("preferences", JsonColumn, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("customers_by_number", "tenant", "number"),
)

interactions = Table(
    "interactions",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("customer", String(64)),
    Column("number", String(64)),
    Column("at", Instant, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("summary", Text, nullable=False),
    Column("agent", String(64)),
    Column("agent_name", String(200)),
    Column("intent", String(64), nullable=False, server_default=""),
    Column("code", String(64), nullable=False, server_default=""),
    Column("resolved", Boolean),
    Index("interactions_by_customer", "tenant", "customer", "at"),
    Index("interactions_by_number", "tenant", "number", "at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("url", String(500), nullable=False),
    Column("secret", String(200), nullable=False),
    Column("kinds", JsonColumn, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default="1"),
    Column("created_at", Instant, nullable=False),
    Index("webhooks_by_tenant", "tenant"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("webhook", String(64), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("body", JsonColumn, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("answer", String(200), nullable=False, server_default=""),
    Index("deliveries_due", "state", "next_at"),
    Index("deliveries_by_tenant", "tenant", "state", "created_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("number", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("answer", String(200), nullable=False, server_default=""),
    Index("messages_due", "state", "next_at"),
)

links = Table(
    "links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
