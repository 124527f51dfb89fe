"""Customers, interactions, webhooks, messages and links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_json = sa.JSON().with_variant(JSONB(), "postgresql")
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200)),
        sa.Column("number", sa.String(32)),
        sa.Column("language", sa.String(16)),
        sa.Column("record_url", sa.String(500)),
        sa.Column("vulnerable", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("vip", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("preferences", _json, nullable=False),
        sa.Column("updated_at", _instant, nullable=False),
    )
    op.create_index("customers_by_number", "customers", ["tenant", "number"])
    op.create_table(
        "interactions",
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(64)),
        sa.Column("number", sa.String(64)),
        sa.Column("at", _instant, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("agent", sa.String(64)),
        sa.Column("agent_name", sa.String(200)),
        sa.Column("intent", sa.String(64), nullable=False, server_default=""),
        sa.Column("code", sa.String(64), nullable=False, server_default=""),
        sa.Column("resolved", sa.Boolean),
    )
    op.create_index("interactions_by_customer", "interactions", ["tenant", "customer", "at"])
    op.create_index("interactions_by_number", "interactions", ["tenant", "number", "at"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(200), nullable=False),
        sa.Column("kinds", _json, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("created_at", _instant, nullable=False),
    )
    op.create_index("webhooks_by_tenant", "webhooks", ["tenant"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("webhook", sa.String(64), sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("body", _json, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("next_at", _instant, nullable=False),
        sa.Column("answer", sa.String(200), nullable=False, server_default=""),
    )
    op.create_index("deliveries_due", "deliveries", ["state", "next_at"])
    op.create_index("deliveries_by_tenant", "deliveries", ["tenant", "state", "created_at"])
    op.create_table(
        "messages",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("next_at", _instant, nullable=False),
        sa.Column("answer", sa.String(200), nullable=False, server_default=""),
    )
    op.create_index("messages_due", "messages", ["state", "next_at"])
    op.create_table(
        "links",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("used_at", _instant),
    )
