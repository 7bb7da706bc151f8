"""Deleting a run hides it, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time of deletion."""
    op.add_column("runs", sa.Column("deleted_at", sa.Float, nullable=True))
