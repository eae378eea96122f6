"""Jobs and their items."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.String(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("collection_id", sa.String(255)),
        sa.Column("collection_key", _KEY, index=True),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("runner", sa.String(16), nullable=False),
        sa.Column("tag", sa.String(1024)),
        sa.Column("follows", sa.String(32)),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("total", sa.BigInteger),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("done", "skipped", "failed")),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("places", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("not_before", _TIME, nullable=False),
        sa.Column("checkpoint", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("claim", sa.String(64)),
        sa.Column("held_until", _TIME),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "job_items",
        sa.Column("job_key", _KEY, sa.ForeignKey("jobs.key"), primary_key=True),
        sa.Column("place", _KEY, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("subject", sa.String(255), index=True),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", _TIME, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("job_items_by_name", "job_items", ["job_key", "name_digest"], unique=True)
    op.create_index("job_items_by_state", "job_items", ["job_key", "state", "place"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("job_items")
    op.drop_table("jobs")
