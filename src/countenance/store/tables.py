"""The tables. Keys are numbers that are never given twice; `migrations` makes the tables step by step."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# SQLite counts only columns declared INTEGER; there an INTEGER has 64 bits anyway.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

collections = Table(
    "collections",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("collection_id", String(255), nullable=False, unique=True),
    Column("pack", String(255), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Since when it is being deleted, under a name that no client can say.
    Column("deleted_by", String(64)),
    Column("deleted_at", DateTime(timezone=True)),
    sqlite_autoincrement=True,
)

tags = Table(
    "tags",
    metadata,
    Column("collection_key", Key, ForeignKey("collections.key"), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("value", String(256), nullable=False),
)

# One row for each data key, which is a leaf of the key tree: it goes when no face and no user is left that
# refers to it.
subjects = Table(
    "subjects",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False),
    Column("name", String(300), nullable=False, index=True),
    Column("leaf", BigInteger, nullable=False, unique=True),
    Column("last_interaction_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("collection_key", "name"),
    sqlite_autoincrement=True,
)

# Leaves whose subjects were deleted; they stay here until their keys are destroyed, in the file.
dead_leaves = Table(
    "dead_leaves",
    metadata,
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("request", String(64)),
)

users = Table(
    "users",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False),
    Column("user_id", String(128), nullable=False, index=True),
    Column("subject_key", Key, ForeignKey("subjects.key"), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("collection_key", "user_id"),
    sqlite_autoincrement=True,
)

faces = Table(
    "faces",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("collection_key", Key, ForeignKey("collections.key"), nullable=False),
    Column("face_id", String(36), nullable=False),
    Column("image_id", String(36), nullable=False),
    Column("external_image_id", String(255), index=True),
    Column("subject_key", Key, ForeignKey("subjects.key"), nullable=False, index=True),
    Column("user_key", Key, ForeignKey("users.key"), index=True),
    Column("box_left", Float(53), nullable=False),
    Column("box_top", Float(53), nullable=False),
    Column("box_width", Float(53), nullable=False),
    Column("box_height", Float(53), nullable=False),
    Column("confidence", Float(53), nullable=False),
    Column("quality", Float(53), nullable=False),
    Column("template", LargeBinary, nullable=False),
    Column("portrait", LargeBinary),
    Column("source", String(32), nullable=False, server_default="unknown"),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("collection_key", "face_id"),
    Index("faces_in_order", "collection_key", "key"),
    Index("faces_of_pictures", "collection_key", "image_id"),
    sqlite_autoincrement=True,
)

remembered_answers = Table(
    "remembered_answers",
    metadata,
    Column("scope", String(255), primary_key=True),
    Column("token", String(64), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("key_id", String(128), primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("master_key_id", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("operations", Text, nullable=False),
    Column("collections", Text, nullable=False),
    Column("purposes", Text, nullable=False, server_default='["*"]'),
    Column("buckets", Text, nullable=False, server_default='["*"]'),
    Column("administrator", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)

# One row: how many entries the ledger has, the roots of the complete subtrees that cover them, the time of
# the last one, and the signed checkpoint of all; the generation of the file of subject keys that belongs to
# this database, and the first leaf that it never gave to a subject.
ledger_head = Table(
    "ledger_head",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_time", String(32), nullable=False),
    Column("checkpoint", Text, nullable=False),
    Column("key_generation", BigInteger, nullable=False, server_default="0"),
    Column("next_leaf", BigInteger, nullable=False, server_default="0"),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("place", Key, primary_key=True, autoincrement=False),
    Column("request", String(64), nullable=False, index=True),
    Column("entry", LargeBinary, nullable=False),
)

# Roots of complete subtrees above the leaves: of level 1 with two leaves, level 2 with four, and so on.
ledger_nodes = Table(
    "ledger_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", Key, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("master_key_id", String(64), nullable=False),
)
