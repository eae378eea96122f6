"""The table of what pictures came with."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint

from countenance.store.tables import Key, metadata

# A row goes with the last face of its picture in its collection. Several articles may share a picture.
picture_records = Table(
    "picture_records",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False),
    Column("image_id", String(36), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("record", Text, nullable=False),
    UniqueConstraint("collection_key", "image_id", "digest"),
    sqlite_autoincrement=True,
)
