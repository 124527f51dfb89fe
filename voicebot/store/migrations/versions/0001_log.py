"""The event log, conversations, snapshots, idempotency keys and tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_json = sa.JSON().with_variant(JSONB(), "postgresql")
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("entry_point", sa.String(256), nullable=False, server_default=""),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("owner_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("started_at", _instant, nullable=False),
        sa.Column("ended_at", _instant),
        sa.Column("disposition", sa.String(32)),
        sa.Column("last_seq", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("conversations_by_tenant", "conversations", ["tenant", "started_at"])
    op.create_table(
        "events",
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("body", _json, nullable=False),
    )
    op.create_index("events_by_type", "events", ["type", "at"])
    op.create_table(
        "states",
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("at", _instant, nullable=False),
        sa.Column("body", _json, nullable=False),
    )
    op.create_table(
        "seen_keys",
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64)),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("expires_at", _instant),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
    )


def downgrade() -> None:
    for table in ("tokens", "seen_keys", "states", "events", "conversations"):
        op.drop_table(table)
