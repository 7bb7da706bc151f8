"""Notes and tags of a run, time that was added to it, and its place among those that wait for room."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; runs from before have none of it."""
    op.add_column("runs", sa.Column("notes", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("tags", sa.Text, nullable=False, server_default="[]"))
    op.add_column("runs", sa.Column("added_seconds", sa.Float, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("queued_at", sa.Float, nullable=True))
