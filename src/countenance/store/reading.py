"""Reads within one transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from countenance.errors import CollectionNotFound, FaceNotFound, TemplateBroken, UserNotFound
from countenance.gallery.values import RememberedAnswer, TemplateBlock
from countenance.store.evaluation_rows import EvaluationReading
from countenance.store.governance_reading import GovernanceRecords
from countenance.store.group_reading import GroupReading
from countenance.store.index_changes import IndexChangeReading
from countenance.store.job_reading import JobReading
from countenance.store.monitor_rows import MonitorReading
from countenance.store.overview_rows import OverviewReading
from countenance.store.picture_rows import PictureReading
from countenance.store.rows import as_collection, as_face, as_user, faces_of, in_parts, sealed_of, users_of
from countenance.store.sealing import data_keys, face_data, open_template
from countenance.store.tables import collections, faces, remembered_answers, tags, users
from countenance.store.video_reading import VideoReading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy import Row, Select

    from countenance.faces import Vector
    from countenance.gallery.values import Collection, EnrolledFace, User

REMEMBERED_FOR = timedelta(days=1)


class Reader(
    PictureReading,
    GroupReading,
    EvaluationReading,
    MonitorReading,
    OverviewReading,
    VideoReading,
    JobReading,
    IndexChangeReading,
    GovernanceRecords,
):
    """Implements `GalleryReader` and `GovernanceReader` on a connection whose transaction has begun."""

    def collection(self, collection_id: str) -> Collection:
        """Return a collection; raises CollectionNotFound."""
        query = select(collections).where(
            collections.c.collection_id == collection_id, collections.c.deleted_at.is_(None)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise CollectionNotFound(f"The collection id: {collection_id} does not exist")
        return as_collection(row)

    def collections(self, *, after_key: int, most: int) -> list[Collection]:
        """Return collections by ascending key, oldest first, from the first greater than ``after_key``."""
        these = (collections.c.key > after_key, collections.c.deleted_at.is_(None))
        query = select(collections).where(*these).order_by(collections.c.key).limit(most)
        return [as_collection(row) for row in self._connection.execute(query)]

    def hidden_collections(self) -> list[tuple[Collection, str]]:
        """Return the collections that are being deleted, by ascending key, and for which request."""
        query = select(collections).where(collections.c.deleted_at.is_not(None)).order_by(collections.c.key)
        return [(as_collection(row), row.deleted_by) for row in self._connection.execute(query)]

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
        query = faces_of(collection).where(faces.c.key > after_key).order_by(faces.c.key).limit(most)
        if user is not None:
            query = query.where(faces.c.user_key == user.key)
        if face_ids is None:
            return [as_face(row) for row in self._connection.execute(query)]
        found = [
            as_face(row)
            for part in in_parts(face_ids)
            for row in self._connection.execute(query.where(faces.c.face_id.in_(part)))
        ]
        return sorted(found, key=lambda face: face.key)[:most]

    def faces_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, EnrolledFace]:
        """Return those of the faces that exist."""
        query = faces_of(collection)
        return {
            row.key: as_face(row)
            for part in in_parts(keys)
            for row in self._connection.execute(query.where(faces.c.key.in_(part)))
        }

    def face(self, collection: Collection, face_id: str) -> EnrolledFace:
        """Return one face; raises FaceNotFound."""
        row = self._connection.execute(faces_of(collection).where(faces.c.face_id == face_id)).one_or_none()
        if row is None:
            raise FaceNotFound(f"faceId {face_id} was not found in the collection {collection.collection_id}")
        return as_face(row)

    def templates(self, collection: Collection, keys: Sequence[int]) -> TemplateBlock:
        """Return the templates of those of the faces that exist, by ascending key; raises TemplateBroken."""
        rows = [row for part in in_parts(keys) for row in self._sealed(collection, part)]
        rows.sort(key=lambda row: int(row.key))
        keys_of = data_keys(self._tree, (row.leaf for row in rows))
        vectors = [opened(collection, row, keys_of) for row in rows]
        return TemplateBlock(
            keys=np.array([row.key for row in rows], np.int64),
            vectors=np.stack(vectors) if vectors else np.empty((0, 0), np.float32),
            qualities=np.array([row.quality for row in rows], np.float32),
            user_keys=np.array([row.user_key or 0 for row in rows], np.int64),
        )

    def user(self, collection: Collection, user_id: str) -> User:
        """Return one user; raises UserNotFound."""
        row = self._connection.execute(users_of(collection).where(users.c.user_id == user_id)).one_or_none()
        if row is None:
            raise UserNotFound(f"The user id: {user_id} does not exist in {collection.collection_id}")
        return as_user(row)

    def users(self, collection: Collection, *, after_key: int, most: int) -> list[User]:
        """Return users by ascending key, from the first greater than ``after_key``."""
        query = users_of(collection).where(users.c.key > after_key).order_by(users.c.key).limit(most)
        return [as_user(row) for row in self._connection.execute(query)]

    def users_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, User]:
        """Return those of the users that exist."""
        return {
            row.key: as_user(row)
            for part in in_parts(keys)
            for row in self._connection.execute(users_of(collection).where(users.c.key.in_(part)))
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


def opened(collection: Collection, row: Row[Any], keys: dict[int, AESGCM]) -> Vector:
    """Return the template of a row of `sealed_of`.

    Raises:
        TemplateBroken: its key was destroyed, or it was altered.
    """
    key = keys.get(row.leaf)
    if key is None:
        raise TemplateBroken("the data key of a stored template was destroyed")
    return open_template(key, row.template, face_data(collection.key, row.face_id, collection.pack))
