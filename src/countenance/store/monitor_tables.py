"""The table of monitors."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    Text,
)

from countenance.store.tables import Key, collections, metadata

# The address of a source may hold a password, so it is sealed as evidence of consents is.
monitors = Table(
    "monitors",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("monitor_id", String(32), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("collection_key", Key, ForeignKey(collections.c.key), nullable=False, index=True),
    Column("least_similarity", Float(53), nullable=False),
    Column("webhook", String(255)),
    Column("preview", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("works_for", String(128), nullable=False),
    Column("last_event_at", DateTime(timezone=True)),
    Column("message", Text, nullable=False),
    sqlite_autoincrement=True,
)
