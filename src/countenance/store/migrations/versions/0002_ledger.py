"""The ledger: its head, entries and inner nodes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables, and the head of an empty ledger."""
    head = op.create_table(
        "ledger_head",
        sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("last_time", sa.String(32), nullable=False),
        sa.Column("checkpoint", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("place", _KEY, primary_key=True, autoincrement=False),
        sa.Column("request", sa.String(64), nullable=False, index=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", _KEY, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(head, [{"key": 1, "size": 0, "frontier": b"", "last_time": "", "checkpoint": ""}])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("ledger_nodes", "ledger_entries", "ledger_head"):
        op.drop_table(table)
