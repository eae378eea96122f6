"""`Gallery`: a store and the indexes that search it, always in step.

Changes go one after the other: a change is committed to the store, then brought into the indexes, and only
then may it be acknowledged. Reads and searches never wait for that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from countenance.errors import GalleryFull
from countenance.gallery.indexes import IndexCache, IndexChange
from countenance.gallery.ranking import Wanted, best_hits
from countenance.gallery.users import user_vector

if TYPE_CHECKING:
    from collections.abc import Collection as AnyOf
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from countenance.faces import Vector
    from countenance.gallery.index import SearchIndex
    from countenance.gallery.ports import GalleryReader, GalleryStore, GalleryWriter
    from countenance.gallery.ranking import Adjusting
    from countenance.gallery.values import Collection, EnrolledFace, NewFace, User

Found = TypeVar("Found")
Usable = Callable[["GalleryReader", list[Found]], "Iterable[Found]"]

MOST_FACES_OF_A_COLLECTION = 20_000_000
MOST_FACES_OF_A_USER = 100


@dataclass(frozen=True, slots=True)
class FaceCandidate:
    """A face that a search found and its comparison score with the probe (cosine), adjusted where asked."""

    face: EnrolledFace
    score: float


@dataclass(frozen=True, slots=True)
class UserCandidate:
    """A user that a search found and its vector's comparison score with the probe, as of a face."""

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
        added, note = self.writer.add_faces(collection, faces), self._note(collection)
        count = self._face_counts[collection.key] + note.growth() + sum(is_new for _, is_new in added)
        if count > MOST_FACES_OF_A_COLLECTION:
            raise GalleryFull(
                f"the collection {collection.collection_id} is full; the limit is "
                f"{MOST_FACES_OF_A_COLLECTION:,} faces; use another collection"
            )
        for (enrolled, is_new), face in zip(added, faces, strict=True):
            if is_new:
                note.faces[enrolled.key] = face.vector
        return [enrolled for enrolled, _ in added]

    def delete_faces(self, collection: Collection, faces: Sequence[EnrolledFace]) -> list[bytes]:
        """Delete faces; their users stay, with the faces that they have left.

        Returns the SHA-256 digests of the sealed templates.
        """
        keys = [face.key for face in faces]
        digests = self.writer.delete_faces(collection, keys)
        self._note(collection).faces.update(dict.fromkeys(keys))
        for user_id in dict.fromkeys(face.user_id for face in faces if face.user_id is not None):
            self._renew(collection, self.writer.user(collection, user_id))
        return digests

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

    def hide_collection(self, collection: Collection, request_id: str) -> None:
        """Let nobody find a collection any more; what is in it is deleted afterwards, for that request."""
        self.writer.hide_collection(collection, request_id)
        self.deleted_collections.append(collection.key)

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection and all that is left in it."""
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
        usable: Usable[EnrolledFace] | None = None,
        adjusting: Adjusting | None = None,
    ) -> list[FaceCandidate]:
        """Return the faces most like a probe, best first, with a score of ``at_least`` or more.

        ``usable`` says which of the faces found may be used; others take their places. Where scores are
        adjusted, the order and ``at_least`` are those of adjusted scores.
        """
        index = self._indexes.indexes(collection).faces

        def named(reader: GalleryReader, keys: list[int]) -> dict[int, EnrolledFace]:
            faces = reader.faces_by_key(collection, keys)
            return faces if usable is None else {face.key: face for face in usable(reader, [*faces.values()])}

        hits, faces = self._found(index, probe, Wanted(most, at_least, excluding, adjusting), named)
        return [FaceCandidate(faces[key], score) for key, score in hits]

    def search_users(
        self,
        collection: Collection,
        probe: Vector,
        *,
        most: int,
        at_least: float,
        excluding: AnyOf[int] = (),
        usable: Usable[User] | None = None,
        adjusting: Adjusting | None = None,
    ) -> list[UserCandidate]:
        """Return the users most like a probe, best first, as `search_faces` does faces."""
        index = self._indexes.indexes(collection).users

        def named(reader: GalleryReader, keys: list[int]) -> dict[int, User]:
            users = reader.users_by_key(collection, keys)
            return users if usable is None else {user.key: user for user in usable(reader, [*users.values()])}

        hits, users = self._found(index, probe, Wanted(most, at_least, excluding, adjusting), named)
        return [UserCandidate(users[key], score) for key, score in hits]

    def count_searched(self, collection: Collection) -> tuple[int, int]:
        """Return how many faces and how many users a search looks at."""
        indexes = self._indexes.indexes(collection)
        return len(indexes.faces), len(indexes.users)

    def forget_indexes(self) -> None:
        """Drop all search indexes, because another process changed the database; they are built again."""
        self._indexes.forget_all()

    def index_memory_bytes(self) -> int:
        """Return how much memory the search indexes hold."""
        return self._indexes.memory_bytes()

    def _found(
        self,
        index: SearchIndex,
        probe: Vector,
        wanted: Wanted,
        named: Callable[[GalleryReader, list[int]], dict[int, Found]],
    ) -> tuple[list[tuple[int, float]], dict[int, Found]]:
        """Return keys and scores of the hits, and what the store knows of each.

        What the store no longer has is about to leave the index, too; until then it must not take the place
        of the next best.
        """
        asked = wanted.most
        while True:
            ranked = best_hits(index, probe, asked, wanted)
            with self._store.reading() as reader:
                found = named(reader, [key for key, _ in ranked.hits])
            named_hits = [hit for hit in ranked.hits if hit[0] in found]
            if len(named_hits) >= wanted.most or ranked.all:
                return named_hits[: wanted.most], found
            asked *= 2  # many may have to give way, such as after a withdrawal by thousands

    def _publish(self, change: Change) -> None:
        for key, note in change.noted.items():
            self._indexes.publish(key, note)
            if key in self._face_counts:
                self._face_counts[key] += note.growth()
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
