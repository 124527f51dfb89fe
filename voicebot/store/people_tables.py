"""Accounts, their sessions, attempts to sign in, and the audit log."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from voicebot.store.tables import Instant, JsonColumn, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64)),
    Column("login", String(128), nullable=False),
    Column("login_key", String(128), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("roles", JsonColumn, nullable=False),
    Column("grants", JsonColumn, nullable=False),
    Column("language", String(16), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("password_hash", Text),
    Column("outside_id", String(64), unique=True),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("accounts_by_tenant", "tenant", "login_key"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(64), ForeignKey("accounts.id"), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("address", String(64), nullable=False),
    Column("browser", String(200), nullable=False),
    Index("sessions_by_account", "account"),
)

attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Index("sign_in_attempts_by_age", "last_at"),
)

secrets_once = Table(
    "one_use_secrets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("account", String(64), ForeignKey("accounts.id")),
    Column("body", JsonColumn, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", String(80), nullable=False),
    Column("what", String(48), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("tenant", String(64)),
    Column("address", String(64), nullable=False),
    Column("detail", JsonColumn, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_tenant", "tenant", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the last line of the log. Writers take turns on it, so that numbers and hashes have no gap."""
