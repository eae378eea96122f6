"""What pictures came with, and an index of a picture's faces."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "picture_records",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("image_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.UniqueConstraint("collection_key", "image_id", "digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("faces_of_pictures", "faces", ["collection_key", "image_id"])


def downgrade() -> None:
    """Drop the table and the index."""
    op.drop_index("faces_of_pictures", "faces")
    op.drop_table("picture_records")
