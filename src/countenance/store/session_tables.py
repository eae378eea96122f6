"""The table of the console's sessions."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, LargeBinary, String, Table

from countenance.store.tables import metadata

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("key_id", String(128), nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
)
