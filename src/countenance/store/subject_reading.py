"""What is known of subjects: pseudonyms, portraits, faces in all collections, and when they last came."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, func, select

from countenance.errors import FaceNotFound
from countenance.gallery.values import Collection, NamedSubject
from countenance.store.rows import FACE, USER, as_face, as_user, in_parts, in_utc
from countenance.store.sealing import open_sealed, portrait_data
from countenance.store.subject_names import named_after, rows_of_names
from countenance.store.tables import collections, faces, subjects, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from countenance.gallery.values import EnrolledFace, User
    from countenance.store.key_tree import KeyTree

REVIEWED = "review:"
_PSEUDONYM_BYTES = 16
_COLLECTION = (
    collections.c.key.label("collection_key"),
    collections.c.collection_id,
    collections.c.pack,
    collections.c.created_at.label("collection_created_at"),
)


# Every search runs this; building it anew would take longer than running it.
_SUBJECTS_NAMED = select(subjects.c.name, subjects.c.leaf, subjects.c.last_interaction_at).where(
    subjects.c.collection_key == bindparam("collection"),
    subjects.c.name.in_(bindparam("names", expanding=True)),
)


class SubjectReader:
    """The part of `GalleryReader` that is about subjects."""

    def __init__(self, connection: Connection, tree: KeyTree, evidence_key: bytes) -> None:
        self._connection = connection
        self._tree = tree
        self._evidence_key = evidence_key

    def pseudonyms(self, collection: Collection, names: Sequence[str]) -> dict[str, str]:
        """Return, by the subject's name, what stands for it where no name may; it follows from its key."""
        rows = sorted(self._subject_rows(collection, names), key=lambda row: int(row.leaf))
        keys = self._tree.keys([row.leaf for row in rows])
        return {
            row.name: hmac.digest(key, b"pseudonym", "sha256")[:_PSEUDONYM_BYTES].hex()
            for row, key in zip(rows, keys, strict=True)
            if key is not None
        }

    def count_subjects(self, collection: Collection) -> int:
        """Return how many subjects the collection's faces and users are of."""
        theirs = subjects.c.collection_key == collection.key
        probed = subjects.c.name.startswith(REVIEWED)  # whoever is in a review's picture is yet unknown
        query = select(func.count(subjects.c.key)).where(theirs, ~probed)
        return int(self._connection.execute(query).scalar_one())

    def last_interaction(self, collection: Collection, names: Sequence[str]) -> dict[str, datetime]:
        """Return, by the subject's name, when there was last something to do with it."""
        rows = self._subject_rows(collection, names)
        return {row.name: in_utc(row.last_interaction_at) for row in rows}

    def portrait(self, collection: Collection, face_id: str) -> bytes | None:
        """Return a face's portrait, a JPEG, None where it has none; raises FaceNotFound, TemplateBroken."""
        joined = faces.join(subjects, faces.c.subject_key == subjects.c.key)
        query = select(faces.c.portrait, subjects.c.leaf).select_from(joined)
        this = (faces.c.collection_key == collection.key, faces.c.face_id == face_id)
        row = self._connection.execute(query.where(*this)).one_or_none()
        if row is None:
            raise FaceNotFound(f"faceId {face_id} was not found in the collection {collection.collection_id}")
        if row.portrait is None:
            return None
        bound_to = portrait_data(collection.key, face_id, collection.pack)
        data_key = AESGCM(self._tree.key(row.leaf))
        return open_sealed(data_key, row.portrait, bound_to, "a stored portrait")

    def faces_of_subject(self, subject: str) -> list[tuple[Collection, EnrolledFace]]:
        """Return the faces in all collections that have this external image id, or whose user has this id."""
        joined = faces.join(collections, faces.c.collection_key == collections.c.key)
        joined = joined.outerjoin(users, faces.c.user_key == users.c.key)
        query = select(*FACE, *_COLLECTION).select_from(joined).where(collections.c.deleted_at.is_(None))
        # One after the other, so that each takes its index.
        found = {
            row.key: row
            for theirs in (faces.c.external_image_id == subject, users.c.user_id == subject)
            for row in self._rows(query.where(theirs))
        }
        return [(_collection(found[key]), as_face(found[key])) for key in sorted(found)]

    def users_of_subject(self, subject: str) -> list[tuple[Collection, User]]:
        """Return the users in all collections that have this id."""
        joined = users.join(collections, users.c.collection_key == collections.c.key)
        query = select(*USER, *_COLLECTION).select_from(joined).order_by(users.c.key)
        theirs = (users.c.user_id == subject, collections.c.deleted_at.is_(None))
        return [(_collection(row), as_user(row)) for row in self._rows(query.where(*theirs))]

    def named_subjects(
        self, *, within: Sequence[Collection] | None, like: str, after_key: int, most: int
    ) -> list[NamedSubject]:
        """Return whoever is enrolled under a name, each once, by ascending key."""
        keys = None if within is None else [collection.key for collection in within]
        query = named_after(after_key, like, keys).order_by(subjects.c.key).limit(most)
        key_of = {row.name: row.key for row in self._rows(query)}
        where: dict[str, list[Row[Any]]] = {name: [] for name in key_of}
        for row in self._rows(rows_of_names(list(key_of), keys)):
            where[row.name].append(row)
        return [
            NamedSubject(
                key,
                name,
                tuple(dict.fromkeys(row.collection_id for row in where[name])),
                max(in_utc(row.last_interaction_at) for row in where[name]),
            )
            for name, key in key_of.items()
        ]

    def _subject_rows(self, collection: Collection, names: Sequence[str]) -> list[Row[Any]]:
        return [
            row
            for part in in_parts(names)
            for row in self._rows(_SUBJECTS_NAMED, {"collection": collection.key, "names": part})
        ]

    def _rows(self, query: Select[Any], values: dict[str, Any] | None = None) -> Iterable[Row[Any]]:
        return self._connection.execute(query, values)


def _collection(row: Row[Any]) -> Collection:
    return Collection(row.collection_key, row.collection_id, row.pack, in_utc(row.collection_created_at))
