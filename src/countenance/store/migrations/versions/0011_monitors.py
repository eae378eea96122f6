"""Monitors."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "monitors",
        sa.Column("key", _Key, primary_key=True, autoincrement=True),
        sa.Column("monitor_id", sa.String(32), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("collection_key", _Key, sa.ForeignKey("collections.key"), nullable=False, index=True),
        sa.Column("least_similarity", sa.Float(53), nullable=False),
        sa.Column("webhook", sa.String(255)),
        sa.Column("preview", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("works_for", sa.String(128), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True)),
        sa.Column("message", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("monitors")
