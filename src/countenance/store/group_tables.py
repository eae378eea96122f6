"""The tables of groups: which faces are one person's, what people say is not so, and the history of both."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, String, Table

from countenance.store.tables import Key, metadata

# A group is there while it has a face; the rows of others stay, as the history may bring faces back to them.
face_groups = Table(
    "face_groups",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("group_id", String(36), nullable=False, unique=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False, index=True),
    Column("user_key", Key, ForeignKey("users.key"), index=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)

grouped_faces = Table(
    "grouped_faces",
    metadata,
    Column("face_key", Key, ForeignKey("faces.key"), primary_key=True, autoincrement=False),
    Column("group_key", Key, ForeignKey("face_groups.key"), nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Index("grouped_faces_in_order", "group_key", "face_key"),
)

# Two faces that are not of one person; the smaller key comes first.
faces_apart = Table(
    "faces_apart",
    metadata,
    Column("face_key", Key, ForeignKey("faces.key"), primary_key=True, autoincrement=False),
    Column("other_key", Key, ForeignKey("faces.key"), primary_key=True, autoincrement=False, index=True),
)

# A face and a group that is another person.
faces_not_in = Table(
    "faces_not_in",
    metadata,
    Column("face_key", Key, ForeignKey("faces.key"), primary_key=True, autoincrement=False),
    Column(
        "group_key", Key, ForeignKey("face_groups.key"), primary_key=True, autoincrement=False, index=True
    ),
)

group_edits = Table(
    "group_edits",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("edit_id", String(36), nullable=False, unique=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("undoes", Key, ForeignKey("group_edits.key")),
    Column("undone_by", Key, ForeignKey("group_edits.key")),
    Index("group_edits_in_order", "collection_key", "key"),
    sqlite_autoincrement=True,
)

# What each edit found in a cell and left in it (`gallery.groups.cells`); faces, groups and users by their
# keys, 0 for none. What was taken back, and what takes something back, stands on nothing: ``undone_by``.
group_changes = Table(
    "group_changes",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("edit_key", Key, ForeignKey("group_edits.key"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("face_key", BigInteger, nullable=False),
    Column("other_key", BigInteger, nullable=False),
    Column("before_key", BigInteger, nullable=False),
    Column("before_confirmed", Boolean, nullable=False),
    Column("after_key", BigInteger, nullable=False),
    Column("after_confirmed", Boolean, nullable=False),
    Column("undone_by", Key, ForeignKey("group_edits.key")),
    Index("group_changes_of_cells", "face_key", "other_key", "kind"),
    Index("group_changes_of_others", "kind", "other_key"),
    sqlite_autoincrement=True,
)
