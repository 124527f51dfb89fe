"""The tables of the desk: agents as they stand, contacts, promised callbacks, follow-ups, server processes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from voicebot.store.tables import Instant, JsonColumn, metadata

OPEN_STATES = ("queued", "offered", "accepted", "active", "wrapup")
"""States of a contact in which somebody still has to do something."""
LOAD_STATES = ("offered", "accepted", "active", "wrapup")
"""States in which a contact takes its agent's capacity."""
OPEN_PROMISES = ("waiting", "dialling")
"""States of a callback that is still to be rung."""

desk_agents = Table(
    "desk_agents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("team", String(64), nullable=False, server_default=""),
    Column("language", String(16), nullable=False),
    Column("skills", JsonColumn, nullable=False),
    Column("capacity", JsonColumn, nullable=False),
    Column("grants", JsonColumn, nullable=False),
    Column("endpoint", String(256), nullable=False, server_default="browser"),
    Column("roster", String(64), nullable=False, server_default=""),
    Column("presence", String(16), nullable=False),
    Column("presence_reason", String(64), nullable=False, server_default=""),
    Column("presence_since", Instant),
    Column("rest_until", Instant),
    Column("available_since", Instant),
    Column("last_contact_end", Instant),
    Column("heartbeat_at", Instant),
    Column("session", String(64), nullable=False, server_default=""),
    Column("node", String(128), nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Index("desk_agents_by_tenant", "tenant"),
)

desk_contacts = Table(
    "desk_contacts",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("conversation", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("required", JsonColumn, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("enqueued_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("intent", String(64), nullable=False, server_default=""),
    Column("preferred", JsonColumn, nullable=False),
    Column("preferred_agent", String(64)),
    Column("hold_until", Instant),
    Column("excluded", JsonColumn, nullable=False),
    Column("agent", String(64)),
    Column("lease_until", Instant),
    Column("offered_at", Instant),
    Column("accepted_at", Instant),
    Column("active_at", Instant),
    Column("wrapup_at", Instant),
    Column("closed_at", Instant),
    Column("answered_at", Instant),
    Column("overdue_told", Boolean, nullable=False, server_default=text("false")),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("callback", Boolean, nullable=False, server_default=text("false")),
    Column("promised", Boolean, nullable=False, server_default=text("false")),
    Column("not_before", Instant),
    Column("promised_low_min", Integer),
    Column("promised_high_min", Integer),
    Column("node", String(128), nullable=False, server_default=""),
    Column("outcome", String(64), nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Index("desk_contacts_by_state", "state", "tenant"),
    Index("desk_contacts_by_agent", "agent", "state"),
    Index("desk_contacts_by_conversation", "conversation"),
    Index("desk_contacts_by_time", "tenant", "enqueued_at"),
)

desk_callbacks = Table(
    "desk_callbacks",
    metadata,
    Column("contact", String(128), ForeignKey("desk_contacts.id"), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("reference", String(16), nullable=False),
    Column("number", String(64)),
    Column("timezone", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("from_at", Instant),
    Column("to_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("closed_at", Instant),
    Column("forget_at", Instant),
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("node", String(128), nullable=False, server_default=""),
    Index("desk_callbacks_by_reference", "tenant", "reference", unique=True),
    Index(
        "desk_callbacks_one_per_number",
        "tenant",
        "number",
        unique=True,
        sqlite_where=text("state IN ('waiting', 'dialling')"),
        postgresql_where=text("state IN ('waiting', 'dialling')"),
    ),
    Index("desk_callbacks_by_number", "number"),
)

desk_tasks = Table(
    "desk_tasks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("owner", String(64)),
    Column("due_at", Instant),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("conversation", String(64)),
    Column("contact", String(128)),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(64), nullable=False, server_default=""),
    Column("done_at", Instant),
    Column("language", String(16), nullable=False, server_default=""),
    Column("outcome", String(64), nullable=False, server_default=""),
    Column("done_by", String(64), nullable=False, server_default=""),
    Index("desk_tasks_by_tenant", "tenant", "state", "due_at"),
)

desk_scales = Table(
    "desk_scales",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("scale", Float, nullable=False),
)

desk_nodes = Table(
    "desk_nodes",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("heartbeat_at", Instant, nullable=False),
)

desk_presence = Table(
    "desk_presence",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("agent", String(64), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("presence", String(16), nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Index("desk_presence_by_agent", "agent", "at"),
)
