"""What video jobs found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "videos",
        sa.Column("job_key", _Key, sa.ForeignKey("jobs.key"), primary_key=True, autoincrement=False),
        sa.Column("collection_key", _Key, sa.ForeignKey("collections.key"), index=True),
        sa.Column("facts", sa.Text),
        sa.Column("damage", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "video_tracks",
        sa.Column("key", _Key, primary_key=True, autoincrement=True),
        sa.Column("job_key", _Key, sa.ForeignKey("videos.job_key"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer),
        sa.Column("shot", sa.Integer, nullable=False),
        sa.Column("begin_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.BigInteger, nullable=False, unique=True),
        sa.Column("sightings", sa.LargeBinary, nullable=False),
        sa.Column("template", sa.LargeBinary),
        sa.Column("portrait", sa.LargeBinary),
        sa.UniqueConstraint("job_key", "place"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "video_matches",
        sa.Column(
            "track_key", _Key, sa.ForeignKey("video_tracks.key"), primary_key=True, autoincrement=False
        ),
        sa.Column("face_key", _Key, primary_key=True, autoincrement=False, index=True),
        sa.Column("similarity_percent", sa.Float(53), nullable=False),
        sa.Column("false_match_rate", sa.Float(53), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("video_matches", "video_tracks", "videos"):
        op.drop_table(table)
