"""The tables of jobs and their items."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from countenance.store.tables import Key, metadata

# ``places`` is the last place that an item was given, ``failures`` how often the job failed or its worker
# died since it last got further. ``collection_key`` outlives the collection: keys are never given twice, ids
# are.
jobs = Table(
    "jobs",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("job_id", String(32), nullable=False, unique=True),
    Column("kind", String(64), nullable=False),
    Column("asked_by", String(128), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("collection_id", String(255)),
    Column("collection_key", Key, index=True),
    Column("parameters", Text, nullable=False),
    Column("runner", String(16), nullable=False),
    Column("tag", String(1024)),
    Column("follows", String(32)),
    Column("state", String(16), nullable=False, index=True),
    Column("total", BigInteger),
    Column("done", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
    Column("places", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("checkpoint", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("claim", String(64)),
    Column("held_until", DateTime(timezone=True)),
    sqlite_autoincrement=True,
)

# Those that are done have no row. A name is kept as JSON, since file names may hold what no database takes;
# its digest is unique where the name itself would be too long for an index.
job_items = Table(
    "job_items",
    metadata,
    Column("job_key", Key, ForeignKey("jobs.key"), primary_key=True),
    Column("place", Key, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("name_digest", LargeBinary(32), nullable=False),
    Column("subject", String(255), index=True),
    Column("details", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Index("job_items_by_name", "job_key", "name_digest", unique=True),
    Index("job_items_by_state", "job_key", "state", "place"),
)
