"""The tables of governance: consents, moratoria, holds, reviews, and what is counted of reviews."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from countenance.store.tables import Key, metadata

_Time = DateTime(timezone=True)

consents = Table(
    "consents",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("consent_id", String(36), nullable=False, unique=True),
    Column("subject", String(255), nullable=False, index=True),
    Column("purpose", String(64), nullable=False),
    Column("notice_version", String(100), nullable=False),
    Column("notice_sha256", String(64), nullable=False),
    Column("method", String(32), nullable=False),
    Column("signer", String(255)),
    Column("given_at", _Time, nullable=False),
    Column("expires_at", _Time),
    Column("withdrawn_at", _Time),
    Column("evidence_type", String(100)),
    Column("evidence_sha256", String(64)),
    Column("evidence", LargeBinary),
    Column("recorded_at", _Time, nullable=False),
    Column("recorded_by", String(128), nullable=False),
    sqlite_autoincrement=True,
)

moratoria = Table(
    "moratoria",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("moratorium_id", String(36), nullable=False, unique=True),
    Column("scope", String(80), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("began_at", _Time, nullable=False),
    Column("begun_by", String(128), nullable=False),
    Column("until", _Time),
    Column("lifted_at", _Time),
    Column("lifted_by", String(128)),
    sqlite_autoincrement=True,
)

holds = Table(
    "holds",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("hold_id", String(36), nullable=False, unique=True),
    Column("subject", String(255), nullable=False, index=True),
    Column("reference", String(200), nullable=False),
    Column("placed_at", _Time, nullable=False),
    Column("placed_by", String(128), nullable=False),
    Column("released_at", _Time),
    Column("released_by", String(128)),
    sqlite_autoincrement=True,
)

# The probe is sealed with a data key of its own, that of the subject; both go when the review is decided.
reviews = Table(
    "reviews",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("review_id", String(36), nullable=False, unique=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False, index=True),
    Column("request_id", String(64), nullable=False),
    Column("asked_by", String(128), nullable=False),
    Column("operation", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("created_at", _Time, nullable=False),
    Column("decided_at", _Time),
    Column("probe", LargeBinary),
    Column("subject_key", Key, ForeignKey("subjects.key"), index=True),
    sqlite_autoincrement=True,
)

review_candidates = Table(
    "review_candidates",
    metadata,
    Column("review_key", Key, ForeignKey("reviews.key"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("candidate_id", String(128), nullable=False),
    Column("external_image_id", String(255)),
    Column("user_id", String(128)),
    Column("similarity_percent", Float(53), nullable=False),
    Column("face_key", Key, index=True),
    Column("user_key", Key, index=True),
)

review_votes = Table(
    "review_votes",
    metadata,
    Column("review_key", Key, ForeignKey("reviews.key"), primary_key=True),
    Column("voter", String(128), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("candidate_id", String(128)),
    Column("note", Text, nullable=False),
    Column("voted_at", _Time, nullable=False),
)

# What the ledger tells of searches whose answers people review, so that it need not be read again: a cache,
# made of the first so many entries of the ledger. It names nobody, so it stays when a collection is deleted.
counted_entries = Table(
    "counted_entries",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("entries", BigInteger, nullable=False),
)

counted_searches = Table(
    "counted_searches",
    metadata,
    Column("collection_id", String(255), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("searches", BigInteger, nullable=False),
    Column("comparisons", BigInteger, nullable=False),
    Column("stated_false_matches", Float(53), nullable=False),
    Column("stated_false_positives", Float(53), nullable=False),
    Column("least_threshold", Float(53), nullable=False),
    Column("most_threshold", Float(53), nullable=False),
)

counted_answers = Table(
    "counted_answers",
    metadata,
    Column("review_id", String(36), primary_key=True),
    Column("collection_id", String(255), nullable=False),
    Column("day", String(10), nullable=False),
    Column("candidates", Integer, nullable=False),
    Column("state", String(16)),
    Column("others", Integer, nullable=False),
)
