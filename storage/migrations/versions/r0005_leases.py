"""Who trains a run, and until when that holds without a new sign of life."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a run from before is in nobody's hands."""
    op.add_column("runs", sa.Column("held_by", sa.String(255), nullable=True))
    op.add_column("runs", sa.Column("held_until", sa.Float, nullable=True))
    op.add_column("runs", sa.Column("n_takeovers", sa.Integer, nullable=False, server_default="0"))
