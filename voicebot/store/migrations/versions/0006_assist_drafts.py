"""What an author is changing in a company's assist content and has not published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One draft an author and company: the version it starts from, and the items that differ."""
    op.create_table(
        "assist_drafts",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("author", sa.String(64), primary_key=True),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
