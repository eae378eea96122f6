"""Data keys leave the database for the key tree; users are subjects; portraits, sources and interactions."""

import sqlalchemy as sa
from alembic import op

from countenance.errors import StoreUnavailable

revision = "0003"
down_revision = "0002"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)
_MEASURES = ("box_left", "box_top", "box_width", "box_height", "confidence", "quality")


def upgrade() -> None:
    """Make the tables of galleries anew, which must be empty."""
    _drop_empty("faces", "users", "subjects")
    op.create_table(
        "subjects",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("name", sa.String(300), nullable=False, index=True),
        sa.Column("leaf", sa.BigInteger, nullable=False, unique=True),
        sa.Column("last_interaction_at", _TIME, nullable=False),
        sa.UniqueConstraint("collection_key", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dead_leaves",
        sa.Column("leaf", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("request", sa.String(64)),
    )
    op.create_table(
        "users",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False, index=True),
        sa.Column("subject_key", _KEY, sa.ForeignKey("subjects.key"), nullable=False, unique=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.UniqueConstraint("collection_key", "user_id"),
        sqlite_autoincrement=True,
    )
    _create_faces(
        sa.Column("external_image_id", sa.String(255), index=True),
        sa.Column("portrait", sa.LargeBinary),
        sa.Column("source", sa.String(32), nullable=False, server_default="unknown"),
    )
    op.add_column("collections", sa.Column("deleted_at", _TIME))
    for name in ("key_generation", "next_leaf"):
        op.add_column("ledger_head", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Make the tables of galleries as they were, empty."""
    op.drop_column("ledger_head", "next_leaf")
    op.drop_column("ledger_head", "key_generation")
    op.drop_column("collections", "deleted_at")
    _drop_empty("faces", "users", "dead_leaves", "subjects")
    op.create_table(
        "subjects",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("master_key_id", sa.String(64), nullable=False, index=True),
        sa.UniqueConstraint("collection_key", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.UniqueConstraint("collection_key", "user_id"),
        sqlite_autoincrement=True,
    )
    _create_faces(sa.Column("external_image_id", sa.String(255)))


def _create_faces(*columns: "sa.Column[object]") -> None:
    op.create_table(
        "faces",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("face_id", sa.String(36), nullable=False),
        sa.Column("image_id", sa.String(36), nullable=False),
        sa.Column("subject_key", _KEY, sa.ForeignKey("subjects.key"), nullable=False, index=True),
        sa.Column("user_key", _KEY, sa.ForeignKey("users.key"), index=True),
        *(sa.Column(measure, sa.Float(53), nullable=False) for measure in _MEASURES),
        sa.Column("template", sa.LargeBinary, nullable=False),
        sa.Column("enrolled_at", _TIME, nullable=False),
        *columns,
        sa.UniqueConstraint("collection_key", "face_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("faces_in_order", "faces", ["collection_key", "key"])


def _drop_empty(*names: str) -> None:
    """Drop tables; their data keys are elsewhere in the other version, so nothing in them could be kept."""
    for name in names:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {name} LIMIT 1")).first() is not None:  # noqa: S608
            raise StoreUnavailable(
                "this database holds faces or users, and was made by a development version before 0.1, which "
                "kept their keys otherwise; enrol them anew in a new database (data_dir or database_url)"
            )
    for name in names:
        op.drop_table(name)
