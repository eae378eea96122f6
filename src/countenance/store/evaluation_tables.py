"""The table of kept evaluations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, String, Table, Text

from countenance.store.tables import Key, metadata

# A report may name files, and files may be called after people. So it is sealed with a data key of its own,
# the leaf of the key tree, which is destroyed with it.
evaluations = Table(
    "evaluations",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("evaluation_id", String(32), nullable=False, unique=True),
    Column("asked_by", String(128), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("pack", String(255), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("leaf", BigInteger, nullable=False, unique=True),
    Column("report", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
