"""Rows as values: the columns that are read for a face, a user or a template, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from countenance.faces import RelativeBox
from countenance.gallery.values import Collection, EnrolledFace, User
from countenance.store.tables import faces, subjects, users

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Row, Select

# SQLite takes 32,766 values in a statement, PostgreSQL 65,535.
_VALUES_OF_A_STATEMENT = 10_000

FACE = (
    faces.c.key,
    faces.c.face_id,
    faces.c.image_id,
    faces.c.external_image_id,
    users.c.user_id,
    faces.c.box_left,
    faces.c.box_top,
    faces.c.box_width,
    faces.c.box_height,
    faces.c.confidence,
    faces.c.quality,
    faces.c.enrolled_at,
    faces.c.source,
)
_FACE_COUNT = select(func.count()).where(faces.c.user_key == users.c.key).scalar_subquery()
USER = (users.c.key, users.c.user_id, _FACE_COUNT.label("face_count"))
_SEALED = (
    faces.c.key,
    faces.c.face_id,
    faces.c.template,
    faces.c.quality,
    faces.c.user_key,
    faces.c.subject_key,
    subjects.c.leaf,
)


def faces_of(collection: Collection) -> Select[Any]:
    """Return the query for a collection's faces."""
    joined = faces.outerjoin(users, faces.c.user_key == users.c.key)
    return select(*FACE).select_from(joined).where(faces.c.collection_key == collection.key)


def users_of(collection: Collection) -> Select[Any]:
    """Return the query for a collection's users."""
    return select(*USER).where(users.c.collection_key == collection.key)


def sealed_of(collection: Collection) -> Select[Any]:
    """Return the query for a collection's sealed templates and the leaves of the keys that open them."""
    joined = faces.join(subjects, faces.c.subject_key == subjects.c.key)
    return select(*_SEALED).select_from(joined).where(faces.c.collection_key == collection.key)


def as_collection(row: Row[Any]) -> Collection:
    """Return a collection."""
    return Collection(row.key, row.collection_id, row.pack, in_utc(row.created_at))


def as_face(row: Row[Any]) -> EnrolledFace:
    """Return a face."""
    return EnrolledFace(
        key=row.key,
        face_id=row.face_id,
        image_id=row.image_id,
        external_image_id=row.external_image_id,
        user_id=row.user_id,
        box=RelativeBox(row.box_left, row.box_top, row.box_width, row.box_height),
        confidence=row.confidence,
        quality=row.quality,
        enrolled_at=in_utc(row.enrolled_at),
        source=row.source,
    )


def as_user(row: Row[Any]) -> User:
    """Return a user."""
    return User(row.key, row.user_id, row.face_count)


def in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield values in parts that a statement can take."""
    for start in range(0, len(values), _VALUES_OF_A_STATEMENT):
        yield values[start : start + _VALUES_OF_A_STATEMENT]


def in_utc(time: datetime) -> datetime:
    """Return a time with its zone, which SQLite does not keep; all that is stored is UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
