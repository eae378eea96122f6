"""What is counted of reviewed answers; buckets of access keys."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("access_keys", sa.Column("buckets", sa.Text, nullable=False, server_default='["*"]'))
    entries = op.create_table(
        "counted_entries",
        sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(entries, [{"key": 1, "entries": 0}])
    op.create_table(
        "counted_searches",
        sa.Column("collection_id", sa.String(255), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("searches", sa.BigInteger, nullable=False),
        sa.Column("comparisons", sa.BigInteger, nullable=False),
        sa.Column("stated_false_matches", sa.Float(53), nullable=False),
        sa.Column("stated_false_positives", sa.Float(53), nullable=False),
        sa.Column("least_threshold", sa.Float(53), nullable=False),
        sa.Column("most_threshold", sa.Float(53), nullable=False),
    )
    op.create_table(
        "counted_answers",
        sa.Column("review_id", sa.String(36), primary_key=True),
        sa.Column("collection_id", sa.String(255), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("candidates", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16)),
        sa.Column("others", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("counted_answers", "counted_searches", "counted_entries"):
        op.drop_table(table)
    op.drop_column("access_keys", "buckets")
