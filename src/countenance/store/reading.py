"""Reads within one transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select

from countenance.errors import CollectionNotFound, FaceNotFound, UserNotFound
from countenance.faces import RelativeBox
from countenance.gallery.values import Collection, EnrolledFace, RememberedAnswer, TemplateBlock, User
from countenance.store.sealing import face_data, open_template, subject_data
from countenance.store.tables import collections, faces, remembered_answers, subjects, tags, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row, Select

    from countenance.store.sealing import MasterKeys

REMEMBERED_FOR = timedelta(days=1)
# SQLite takes 32,766 values in a statement, PostgreSQL 65,535.
_VALUES_OF_A_STATEMENT = 10_000

_FACE = (
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
)
_FACE_COUNT = select(func.count()).where(faces.c.user_key == users.c.key).scalar_subquery()
SEALED = (
    faces.c.key,
    faces.c.face_id,
    faces.c.template,
    faces.c.quality,
    faces.c.user_key,
    faces.c.subject_key,
    subjects.c.name,
    subjects.c.wrapped_key,
    subjects.c.master_key_id,
)


class Reader:
    """Implements `GalleryReader` on a connection whose transaction has begun."""

    def __init__(self, connection: Connection, master_keys: MasterKeys) -> None:
        self._connection = connection
        self._master_keys = master_keys

    def collection(self, collection_id: str) -> Collection:
        """Return a collection; raises CollectionNotFound."""
        query = select(collections).where(collections.c.collection_id == collection_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise CollectionNotFound(f"The collection id: {collection_id} does not exist")
        return _collection(row)

    def collections(self, *, after_key: int, most: int) -> list[Collection]:
        """Return collections by ascending key, oldest first, from the first greater than ``after_key``."""
        query = (
            select(collections).where(collections.c.key > after_key).order_by(collections.c.key).limit(most)
        )
        return [_collection(row) for row in self._connection.execute(query)]

    def tags(self, collection: Collection) -> dict[str, str]:
        """Return the collection's tags, by name."""
        query = select(tags.c.name, tags.c.value).where(tags.c.collection_key == collection.key)
        return {row.name: row.value for row in self._connection.execute(query.order_by(tags.c.name))}

    def count_faces(self, collection: Collection) -> int:
        """Return how many faces the collection has."""
        return self._count(select(func.count()).where(faces.c.collection_key == collection.key))

    def count_users(self, collection: Collection) -> int:
        """Return how many users the collection has."""
        return self._count(select(func.count()).where(users.c.collection_key == collection.key))

    def faces(
        self,
        collection: Collection,
        *,
        after_key: int,
        most: int,
        user: User | None = None,
        face_ids: Sequence[str] | None = None,
    ) -> list[EnrolledFace]:
        """Return faces by ascending key, from the first greater than ``after_key``."""
        query = _faces_of(collection).where(faces.c.key > after_key).order_by(faces.c.key).limit(most)
        if user is not None:
            query = query.where(faces.c.user_key == user.key)
        if face_ids is None:
            return [_face(row) for row in self._connection.execute(query)]
        found = [
            _face(row)
            for part in in_parts(face_ids)
            for row in self._connection.execute(query.where(faces.c.face_id.in_(part)))
        ]
        return sorted(found, key=lambda face: face.key)[:most]

    def faces_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, EnrolledFace]:
        """Return those of the faces that exist."""
        query = _faces_of(collection)
        return {
            row.key: _face(row)
            for part in in_parts(keys)
            for row in self._connection.execute(query.where(faces.c.key.in_(part)))
        }

    def face(self, collection: Collection, face_id: str) -> EnrolledFace:
        """Return one face; raises FaceNotFound."""
        row = self._connection.execute(_faces_of(collection).where(faces.c.face_id == face_id)).one_or_none()
        if row is None:
            raise FaceNotFound(f"faceId {face_id} was not found in the collection {collection.collection_id}")
        return _face(row)

    def templates(self, collection: Collection, keys: Sequence[int]) -> TemplateBlock:
        """Return the templates of those of the faces that exist, by ascending key; raises TemplateBroken."""
        rows = [row for part in in_parts(keys) for row in self._sealed(collection, part)]
        rows.sort(key=lambda row: int(row.key))
        vectors = [self._opened(collection, row) for row in rows]
        return TemplateBlock(
            keys=np.array([row.key for row in rows], np.int64),
            vectors=np.stack(vectors) if vectors else np.empty((0, 0), np.float32),
            qualities=np.array([row.quality for row in rows], np.float32),
            user_keys=np.array([row.user_key or 0 for row in rows], np.int64),
        )

    def user(self, collection: Collection, user_id: str) -> User:
        """Return one user; raises UserNotFound."""
        row = self._connection.execute(_users_of(collection).where(users.c.user_id == user_id)).one_or_none()
        if row is None:
            raise UserNotFound(f"The user id: {user_id} does not exist in {collection.collection_id}")
        return User(row.key, row.user_id, row.face_count)

    def users(self, collection: Collection, *, after_key: int, most: int) -> list[User]:
        """Return users by ascending key, from the first greater than ``after_key``."""
        query = _users_of(collection).where(users.c.key > after_key).order_by(users.c.key).limit(most)
        return [User(row.key, row.user_id, row.face_count) for row in self._connection.execute(query)]

    def users_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, User]:
        """Return those of the users that exist."""
        return {
            row.key: User(row.key, row.user_id, row.face_count)
            for part in in_parts(keys)
            for row in self._connection.execute(_users_of(collection).where(users.c.key.in_(part)))
        }

    def remembered_answer(self, scope: str, token: str) -> RememberedAnswer | None:
        """Return what was answered to this token in the last day."""
        query = select(remembered_answers).where(
            remembered_answers.c.scope == scope,
            remembered_answers.c.token == token,
            remembered_answers.c.created_at > datetime.now(UTC) - REMEMBERED_FOR,
        )
        row = self._connection.execute(query).one_or_none()
        return RememberedAnswer(row.request, row.answer) if row is not None else None

    def _count(self, query: Select[int]) -> int:
        return int(self._connection.execute(query).scalar_one())

    def _sealed(self, collection: Collection, keys: Iterable[int]) -> Sequence[Row[Any]]:
        query = sealed_of(collection).where(faces.c.key.in_(list(keys)))
        return self._connection.execute(query).all()

    def _opened(self, collection: Collection, row: Row[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
        data_key = self._master_keys.open(
            row.wrapped_key, row.master_key_id, subject_data(collection.key, row.name)
        )
        bound_to = face_data(collection.key, row.face_id, collection.pack)
        return open_template(AESGCM(data_key), row.template, bound_to)


def sealed_of(collection: Collection) -> Select[Any]:
    """Return the query for a collection's sealed templates and what opens them."""
    joined = faces.join(subjects, faces.c.subject_key == subjects.c.key)
    return select(*SEALED).select_from(joined).where(faces.c.collection_key == collection.key)


def in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield values in parts that a statement can take."""
    for start in range(0, len(values), _VALUES_OF_A_STATEMENT):
        yield values[start : start + _VALUES_OF_A_STATEMENT]


def _faces_of(collection: Collection) -> Select[Any]:
    joined = faces.outerjoin(users, faces.c.user_key == users.c.key)
    return select(*_FACE).select_from(joined).where(faces.c.collection_key == collection.key)


def _users_of(collection: Collection) -> Select[Any]:
    columns = (users.c.key, users.c.user_id, _FACE_COUNT.label("face_count"))
    return select(*columns).where(users.c.collection_key == collection.key)


def _collection(row: Row[Any]) -> Collection:
    return Collection(row.key, row.collection_id, row.pack, in_utc(row.created_at))


def in_utc(time: datetime) -> datetime:
    """Return a time with its zone, which SQLite does not keep; all that is stored is UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _face(row: Row[Any]) -> EnrolledFace:
    return EnrolledFace(
        key=row.key,
        face_id=row.face_id,
        image_id=row.image_id,
        external_image_id=row.external_image_id,
        user_id=row.user_id,
        box=RelativeBox(row.box_left, row.box_top, row.box_width, row.box_height),
        confidence=row.confidence,
        quality=row.quality,
    )
