"""Notes of changes, which the search indexes of other processes follow."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "index_changes",
        sa.Column("sequence", _Key, primary_key=True, autoincrement=True),
        sa.Column("made_by", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("collection_key", _Key, nullable=False),
        sa.Column("face_keys", sa.LargeBinary, nullable=False),
        sa.Column("user_keys", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("index_changes")
