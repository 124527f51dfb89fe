"""Versions of cards and scripts, and what agents thought of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_json = sa.JSON().with_variant(JSONB(), "postgresql")
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One row a version of a company's assist content; the published one is pointed to."""
    op.create_table(
        "assist_versions",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("body", _json, nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("published_at", _instant),
    )
    op.create_table(
        "assist_live",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("since", _instant, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
    )
    op.create_table(
        "faq_proposals",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("solution", sa.Text, nullable=False),
        sa.Column("turns", _json, nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, server_default="open"),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("decided_at", _instant),
    )
    op.create_index("faq_proposals_by_tenant", "faq_proposals", ["tenant", "state", "created_at"])
