"""Since when an agent is what they are, and the factor that keeps told waits honest."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A moment for each agent's presence; one factor a company."""
    op.add_column("desk_agents", sa.Column("presence_since", sa.DateTime(timezone=True)))
    op.create_table(
        "desk_scales",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scale", sa.Float, nullable=False),
    )
