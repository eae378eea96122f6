"""Consents, moratoria, holds, reviews; purposes of access keys; who deleted a collection."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("access_keys", sa.Column("purposes", sa.Text, nullable=False, server_default='["*"]'))
    op.add_column("collections", sa.Column("deleted_by", sa.String(64)))
    op.create_table(
        "consents",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("consent_id", sa.String(36), nullable=False, unique=True),
        sa.Column("subject", sa.String(255), nullable=False, index=True),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("notice_version", sa.String(100), nullable=False),
        sa.Column("notice_sha256", sa.String(64), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("signer", sa.String(255)),
        sa.Column("given_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("withdrawn_at", _TIME),
        sa.Column("evidence_type", sa.String(100)),
        sa.Column("evidence_sha256", sa.String(64)),
        sa.Column("evidence", sa.LargeBinary),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("recorded_by", sa.String(128), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "moratoria",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("moratorium_id", sa.String(36), nullable=False, unique=True),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("begun_by", sa.String(128), nullable=False),
        sa.Column("until", _TIME),
        sa.Column("lifted_at", _TIME),
        sa.Column("lifted_by", sa.String(128)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "holds",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("hold_id", sa.String(36), nullable=False, unique=True),
        sa.Column("subject", sa.String(255), nullable=False, index=True),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("placed_at", _TIME, nullable=False),
        sa.Column("placed_by", sa.String(128), nullable=False),
        sa.Column("released_at", _TIME),
        sa.Column("released_by", sa.String(128)),
        sqlite_autoincrement=True,
    )
    _create_reviews()


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("review_id", sa.String(36), nullable=False, unique=True),
        sa.Column("collection_key", _KEY, sa.ForeignKey("collections.key"), nullable=False, index=True),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("decided_at", _TIME),
        sa.Column("probe", sa.LargeBinary),
        sa.Column("subject_key", _KEY, sa.ForeignKey("subjects.key"), index=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "review_candidates",
        sa.Column("review_key", _KEY, sa.ForeignKey("reviews.key"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("candidate_id", sa.String(128), nullable=False),
        sa.Column("external_image_id", sa.String(255)),
        sa.Column("user_id", sa.String(128)),
        sa.Column("similarity_percent", sa.Float(53), nullable=False),
        sa.Column("face_key", _KEY, index=True),
        sa.Column("user_key", _KEY, index=True),
    )
    op.create_table(
        "review_votes",
        sa.Column("review_key", _KEY, sa.ForeignKey("reviews.key"), primary_key=True),
        sa.Column("voter", sa.String(128), primary_key=True),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("candidate_id", sa.String(128)),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("voted_at", _TIME, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("review_votes", "review_candidates", "reviews", "holds", "moratoria", "consents"):
        op.drop_table(table)
    op.drop_column("collections", "deleted_by")
    op.drop_column("access_keys", "purposes")
