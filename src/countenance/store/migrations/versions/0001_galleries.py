"""Collections, subjects, users, faces, remembered answers, access keys and secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "collections",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_id", sa.String(255), nullable=False, unique=True),
        sa.Column("pack", sa.String(255), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tags",
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("value", sa.String(256), nullable=False),
    )
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
    _create_faces()
    op.create_table(
        "remembered_answers",
        sa.Column("scope", sa.String(255), primary_key=True),
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False, index=True),
    )
    _create_access()


def _create_faces() -> None:
    measures = ("box_left", "box_top", "box_width", "box_height", "confidence", "quality")
    op.create_table(
        "faces",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("face_id", sa.String(36), nullable=False),
        sa.Column("image_id", sa.String(36), nullable=False),
        sa.Column("external_image_id", sa.String(255)),
        sa.Column("subject_key", _KEY, sa.ForeignKey("subjects.key"), nullable=False, index=True),
        sa.Column("user_key", _KEY, sa.ForeignKey("users.key"), index=True),
        *(sa.Column(measure, sa.Float(53), nullable=False) for measure in measures),
        sa.Column("template", sa.LargeBinary, nullable=False),
        sa.Column("enrolled_at", _TIME, nullable=False),
        sa.UniqueConstraint("collection_key", "face_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("faces_in_order", "faces", ["collection_key", "key"])


def _create_access() -> None:
    op.create_table(
        "access_keys",
        sa.Column("key_id", sa.String(128), primary_key=True),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("master_key_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("operations", sa.Text, nullable=False),
        sa.Column("collections", sa.Text, nullable=False),
        sa.Column("administrator", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("master_key_id", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "secrets",
        "access_keys",
        "remembered_answers",
        "faces",
        "users",
        "subjects",
        "tags",
        "collections",
    ):
        op.drop_table(table)
