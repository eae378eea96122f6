"""Groups of faces, what people say of them, and the history of both."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TABLES = (
    "group_changes",
    "group_edits",
    "faces_not_in",
    "faces_apart",
    "grouped_faces",
    "face_groups",
)


def upgrade() -> None:
    """Make the tables."""
    _make_groups()
    _make_constraints()
    _make_history()


def _make_groups() -> None:
    op.create_table(
        "face_groups",
        sa.Column("key", _Key, primary_key=True, autoincrement=True),
        sa.Column("group_id", sa.String(36), nullable=False, unique=True),
        sa.Column("collection_key", _Key, sa.ForeignKey("collections.key"), nullable=False, index=True),
        sa.Column("user_key", _Key, sa.ForeignKey("users.key"), index=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "grouped_faces",
        sa.Column("face_key", _Key, sa.ForeignKey("faces.key"), primary_key=True, autoincrement=False),
        sa.Column("group_key", _Key, sa.ForeignKey("face_groups.key"), nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
    )
    op.create_index("grouped_faces_in_order", "grouped_faces", ["group_key", "face_key"])


def _make_constraints() -> None:
    for table, other in (("faces_apart", "faces"), ("faces_not_in", "face_groups")):
        column = "other_key" if other == "faces" else "group_key"
        op.create_table(
            table,
            sa.Column("face_key", _Key, sa.ForeignKey("faces.key"), primary_key=True, autoincrement=False),
            sa.Column(
                column,
                _Key,
                sa.ForeignKey(f"{other}.key"),
                primary_key=True,
                autoincrement=False,
                index=True,
            ),
        )


def _make_history() -> None:
    op.create_table(
        "group_edits",
        sa.Column("key", _Key, primary_key=True, autoincrement=True),
        sa.Column("edit_id", sa.String(36), nullable=False, unique=True),
        sa.Column("collection_key", _Key, sa.ForeignKey("collections.key"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(128), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("undoes", _Key, sa.ForeignKey("group_edits.key")),
        sa.Column("undone_by", _Key, sa.ForeignKey("group_edits.key")),
        sqlite_autoincrement=True,
    )
    op.create_index("group_edits_in_order", "group_edits", ["collection_key", "key"])
    op.create_table(
        "group_changes",
        sa.Column("key", _Key, primary_key=True, autoincrement=True),
        sa.Column("edit_key", _Key, sa.ForeignKey("group_edits.key"), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("face_key", sa.BigInteger, nullable=False),
        sa.Column("other_key", sa.BigInteger, nullable=False),
        sa.Column("before_key", sa.BigInteger, nullable=False),
        sa.Column("before_confirmed", sa.Boolean, nullable=False),
        sa.Column("after_key", sa.BigInteger, nullable=False),
        sa.Column("after_confirmed", sa.Boolean, nullable=False),
        sa.Column("undone_by", _Key, sa.ForeignKey("group_edits.key")),
        sqlite_autoincrement=True,
    )
    op.create_index("group_changes_of_cells", "group_changes", ["face_key", "other_key", "kind"])
    op.create_index("group_changes_of_others", "group_changes", ["kind", "other_key"])


def downgrade() -> None:
    """Drop the tables."""
    for table in _TABLES:
        op.drop_table(table)
