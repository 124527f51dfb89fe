"""Agents, contacts, callbacks, follow-ups and server processes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_json = sa.JSON().with_variant(JSONB(), "postgresql")
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "desk_agents",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("team", sa.String(64), nullable=False, server_default=""),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("skills", _json, nullable=False),
        sa.Column("capacity", _json, nullable=False),
        sa.Column("grants", _json, nullable=False),
        sa.Column("endpoint", sa.String(256), nullable=False, server_default="browser"),
        sa.Column("roster", sa.String(64), nullable=False, server_default=""),
        sa.Column("presence", sa.String(16), nullable=False),
        sa.Column("presence_reason", sa.String(64), nullable=False, server_default=""),
        sa.Column("rest_until", _instant),
        sa.Column("available_since", _instant),
        sa.Column("last_contact_end", _instant),
        sa.Column("heartbeat_at", _instant),
        sa.Column("session", sa.String(64), nullable=False, server_default=""),
        sa.Column("node", sa.String(128), nullable=False, server_default=""),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("desk_agents_by_tenant", "desk_agents", ["tenant"])
    op.create_table(
        "desk_contacts",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("required", _json, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("enqueued_at", _instant, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False, server_default=""),
        sa.Column("preferred", _json, nullable=False),
        sa.Column("preferred_agent", sa.String(64)),
        sa.Column("hold_until", _instant),
        sa.Column("excluded", _json, nullable=False),
        sa.Column("agent", sa.String(64)),
        sa.Column("lease_until", _instant),
        sa.Column("offered_at", _instant),
        sa.Column("accepted_at", _instant),
        sa.Column("active_at", _instant),
        sa.Column("wrapup_at", _instant),
        sa.Column("closed_at", _instant),
        sa.Column("answered_at", _instant),
        sa.Column("overdue_told", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
        sa.Column("callback", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("promised", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("not_before", _instant),
        sa.Column("promised_low_min", sa.Integer),
        sa.Column("promised_high_min", sa.Integer),
        sa.Column("node", sa.String(128), nullable=False, server_default=""),
        sa.Column("outcome", sa.String(64), nullable=False, server_default=""),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("desk_contacts_by_state", "desk_contacts", ["state", "tenant"])
    op.create_index("desk_contacts_by_agent", "desk_contacts", ["agent", "state"])
    op.create_index("desk_contacts_by_conversation", "desk_contacts", ["conversation"])
    op.create_index("desk_contacts_by_time", "desk_contacts", ["tenant", "enqueued_at"])
    op.create_table(
        "desk_callbacks",
        sa.Column("contact", sa.String(128), sa.ForeignKey("desk_contacts.id"), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("number", sa.String(64)),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("from_at", _instant),
        sa.Column("to_at", _instant),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("tried_at", _instant),
        sa.Column("closed_at", _instant),
        sa.Column("forget_at", _instant),
        sa.Column("outcome", sa.String(16), nullable=False, server_default=""),
        sa.Column("node", sa.String(128), nullable=False, server_default=""),
    )
    op.create_index("desk_callbacks_by_reference", "desk_callbacks", ["tenant", "reference"], unique=True)
    op.create_index(
        "desk_callbacks_one_per_number",
        "desk_callbacks",
        ["tenant", "number"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'dialling')"),
        postgresql_where=sa.text("state IN ('waiting', 'dialling')"),
    )
    op.create_index("desk_callbacks_by_number", "desk_callbacks", ["number"])
    op.create_table(
        "desk_tasks",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("due_at", _instant),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("conversation", sa.String(64)),
        sa.Column("contact", sa.String(128)),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False, server_default=""),
        sa.Column("done_at", _instant),
        sa.Column("language", sa.String(16), nullable=False, server_default=""),
        sa.Column("outcome", sa.String(64), nullable=False, server_default=""),
        sa.Column("done_by", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("desk_tasks_by_tenant", "desk_tasks", ["tenant", "state", "due_at"])
    op.create_table(
        "desk_nodes",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("heartbeat_at", _instant, nullable=False),
    )
    op.create_table(
        "desk_presence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("presence", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("desk_presence_by_agent", "desk_presence", ["agent", "at"])


def downgrade() -> None:
    for table in ("desk_presence", "desk_nodes", "desk_tasks", "desk_callbacks", "desk_contacts", "desk_agents"):
        op.drop_table(table)
