"""The tables of what video jobs found."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from countenance.store.job_tables import jobs
from countenance.store.tables import Key, collections, metadata

videos = Table(
    "videos",
    metadata,
    Column("job_key", Key, ForeignKey(jobs.c.key), primary_key=True, autoincrement=False),
    Column("collection_key", Key, ForeignKey(collections.c.key), index=True),
    Column("facts", Text),
    Column("damage", Text, nullable=False, server_default=""),
)

# What is seen in a track is sealed with a data key of its own, the leaf of the key tree: of a video that no
# collection is searched for, no subject could have it. Template and portrait go when people are told apart.
video_tracks = Table(
    "video_tracks",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=True),
    Column("job_key", Key, ForeignKey(videos.c.job_key), nullable=False),
    Column("place", Integer, nullable=False),
    Column("person", Integer),
    Column("shot", Integer, nullable=False),
    Column("begin_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("leaf", BigInteger, nullable=False, unique=True),
    Column("sightings", LargeBinary, nullable=False),
    Column("template", LargeBinary),
    Column("portrait", LargeBinary),
    UniqueConstraint("job_key", "place"),
    sqlite_autoincrement=True,
)

video_matches = Table(
    "video_matches",
    metadata,
    Column("track_key", Key, ForeignKey(video_tracks.c.key), primary_key=True, autoincrement=False),
    Column("face_key", Key, primary_key=True, autoincrement=False, index=True),
    Column("similarity_percent", Float(53), nullable=False),
    Column("false_match_rate", Float(53), nullable=False),
)
