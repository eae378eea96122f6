"""`Gallery`: a store and the indexes that search it, always in step.

Changes go one after the other: a change is committed to the store, then brought into the indexes, and only
then may it be acknowledged. Reads and searches never wait for that.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import GalleryFull
from countenance.gallery.indexes import IndexCache, IndexChange
from countenance.gallery.users import user_vector

if TYPE_CHECKING:
    from collections.abc import Collection as AnyOf
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from countenance.faces import Vector
    from countenance.gallery.ports import GalleryReader, GalleryStore, GalleryWriter
    from countenance.gallery.values import Collection, EnrolledFace, NewFace, User

MOST_FACES_OF_A_COLLECTION = 20_000_000
MOST_FACES_OF_A_USER = 100


@dataclass(frozen=True, slots=True)
class FaceCandidate:
    """A face that a search found and its comparison score with the probe (cosine)."""

    face: EnrolledFace
    score: float


@dataclass(frozen=True, slots=True)
class UserCandidate:
    """A user that a search found and the comparison score of its vector with the probe (cosine)."""

    user: User
    score: float


class Change:
    """A change in the making; it becomes durable when `Gallery.changing` is left.

    What search does not see (collections, tags, new users, remembered answers) is written through ``writer``;
    for faces and their users there are methods here, which also note what the indexes must learn.
    """

    def __init__(self, writer: GalleryWriter, face_counts: dict[int, int]) -> None:
        self.writer = writer
        self._face_counts = face_counts
        self.noted: dict[int, IndexChange] = {}
        self.deleted_collections: list[int] = []

    def enrol(self, collection: Collection, faces: Sequence[NewFace]) -> list[EnrolledFace]:
        """Add faces; one whose id is there already is not added again but answered as it is.

        Raises:
            GalleryFull: the collection has 20 million faces.
        """
        if collection.key not in self._face_counts:
            self._face_counts[collection.key] = self.writer.count_faces(collection)
        if self._face_counts[collection.key] + len(faces) > MOST_FACES_OF_A_COLLECTION:
            raise GalleryFull(
                f"the collection {collection.collection_id} is full; the limit is "
                f"{MOST_FACES_OF_A_COLLECTION:,} faces; use another collection"
            )
        added = self.writer.add_faces(collection, faces)
        note = self._note(collection)
        for (enrolled, is_new), face in zip(added, faces, strict=True):
            if is_new:
                note.faces[enrolled.key] = face.vector
        return [enrolled for enrolled, _ in added]

    def delete_faces(self, collection: Collection, keys: Sequence[int]) -> None:
        """Delete faces that have no user."""
        self.writer.delete_faces(collection, keys)
        self._note(collection).faces.update(dict.fromkeys(keys))

    def associate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Make faces the user's."""
        self.writer.associate(collection, user, keys)
        self._renew(collection, user)

    def disassociate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Take faces from the user."""
        self.writer.disassociate(collection, keys)
        self._renew(collection, user)

    def delete_user(self, collection: Collection, user: User) -> None:
        """Delete a user; its faces stay."""
        self.writer.delete_user(collection, user)
        self._note(collection).users[user.key] = None

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection and all that is in it."""
        self.writer.delete_collection(collection)
        self.deleted_collections.append(collection.key)

    def _renew(self, collection: Collection, user: User) -> None:
        self._note(collection).users[user.key] = vector_of_user(self.writer, collection, user)

    def _note(self, collection: Collection) -> IndexChange:
        return self.noted.setdefault(collection.key, IndexChange())


class Gallery:
    """Collections of faces that can be changed and searched from any thread.

    Args:
        store: the database.
        most_index_bytes: how much memory the search indexes may hold.
    """

    def __init__(self, store: GalleryStore, most_index_bytes: int) -> None:
        self._store = store
        self._indexes = IndexCache(store.all_templates, most_index_bytes)
        self._changing = threading.Lock()
        self._face_counts: dict[int, int] = {}

    def reading(self) -> AbstractContextManager[GalleryReader]:
        """Open a consistent view of the store."""
        return self._store.reading()

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """Open a change; leaving the block makes it durable and searchable, an exception undoes it.

        Raises:
            StoreUnavailable: the store did not take it; nothing was changed.
        """
        with self._changing:
            try:
                with self._store.writing() as writer:
                    change = Change(writer, self._face_counts)
                    yield change
            except BaseException:
                self._face_counts.clear()
                raise
            self._publish(change)

    def search_faces(
        self,
        collection: Collection,
        probe: Vector,
        *,
        most: int,
        at_least: float,
        excluding: AnyOf[int] = (),
    ) -> list[FaceCandidate]:
        """Return the faces most like a probe, best first, with a score of ``at_least`` or more."""
        hits = self._indexes.indexes(collection).faces.search(probe[None], most, at_least, excluding)[0]
        with self._store.reading() as reader:
            faces = reader.faces_by_key(collection, hits.keys.tolist())
        pairs = zip(hits.keys.tolist(), hits.scores.tolist(), strict=True)
        return [FaceCandidate(faces[key], score) for key, score in pairs if key in faces]

    def search_users(
        self,
        collection: Collection,
        probe: Vector,
        *,
        most: int,
        at_least: float,
        excluding: AnyOf[int] = (),
    ) -> list[UserCandidate]:
        """Return the users most like a probe, best first, with a score of ``at_least`` or more."""
        hits = self._indexes.indexes(collection).users.search(probe[None], most, at_least, excluding)[0]
        with self._store.reading() as reader:
            users = reader.users_by_key(collection, hits.keys.tolist())
        pairs = zip(hits.keys.tolist(), hits.scores.tolist(), strict=True)
        return [UserCandidate(users[key], score) for key, score in pairs if key in users]

    def index_memory_bytes(self) -> int:
        """Return how much memory the search indexes hold."""
        return self._indexes.memory_bytes()

    def _publish(self, change: Change) -> None:
        for key, note in change.noted.items():
            self._indexes.publish(key, note)
            if key in self._face_counts:
                added = sum(1 if vector is not None else -1 for vector in note.faces.values())
                self._face_counts[key] += added
        for key in change.deleted_collections:
            self._indexes.forget(key)
            self._face_counts.pop(key, None)


def vector_of_user(reader: GalleryReader, collection: Collection, user: User) -> Vector | None:
    """Return one vector for all faces of a user, None where it has no face."""
    faces = reader.faces(collection, after_key=0, most=MOST_FACES_OF_A_USER, user=user)
    if not faces:
        return None
    block = reader.templates(collection, [face.key for face in faces])
    return user_vector(block.vectors, block.qualities)
