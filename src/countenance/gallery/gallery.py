"""`Gallery`: a store and the indexes that search it, always in step.

Changes go one after the other: a change is committed to the store, then brought into the indexes, and only
then may it be acknowledged. Reads and searches never wait for that.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from countenance.gallery.change import Change, as_they_are
from countenance.gallery.indexes import IndexCache
from countenance.gallery.ranking import Wanted, best_hits

if TYPE_CHECKING:
    from collections.abc import Collection as AnyOf
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from countenance.faces import Vector
    from countenance.gallery.index import SearchIndex
    from countenance.gallery.ports import GalleryReader, GalleryStore
    from countenance.gallery.ranking import Adjusting
    from countenance.gallery.values import Collection, EnrolledFace, NotedChange, TemplateBlock, User

Found = TypeVar("Found")
Usable = Callable[["GalleryReader", list[Found]], "Iterable[Found]"]

_NOTES_AT_ONCE = 1_000


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
        self._name = uuid.uuid4().hex
        self._followed: int | None = None

    def reading(self) -> AbstractContextManager[GalleryReader]:
        """Open a consistent view of the store."""
        return self._store.reading()

    def all_templates(self, collection: Collection) -> Iterator[TemplateBlock]:
        """Yield the templates of a collection by ascending key, as `GalleryStore.all_templates` does."""
        return self._store.all_templates(collection)

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
                    change.tell_others(self._name)
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

    def follow_others(self) -> None:
        """Bring the search indexes into step with what other processes changed since this was done last.

        Raises:
            StoreUnavailable: the store did not answer; the next time nothing is missed.
        """
        with self._changing, self._store.reading() as reader:
            while True:
                notes = None
                if self._followed is not None:
                    notes = reader.changes_after(self._followed, _NOTES_AT_ONCE)
                if notes is None:  # the first time, or after a pause longer than notes are kept
                    self._followed = reader.newest_change()
                    self._indexes.forget_all()
                    self._face_counts.clear()
                    return
                self._follow(reader, [note for note in notes if note.made_by != self._name])
                if notes:
                    self._followed = notes[-1].sequence
                if len(notes) < _NOTES_AT_ONCE:
                    return

    def forget_old_changes(self, made_before: datetime) -> None:
        """Forget the notes of changes that every process has followed long since."""
        with self._changing, self._store.writing() as writer:
            writer.forget_changes(made_before)

    def count_indexed(self) -> int:
        """Return how many faces all search indexes hold."""
        return self._indexes.count_faces()

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

    def _follow(self, reader: GalleryReader, notes: Sequence[NotedChange]) -> None:
        """Look at what others touched as it is now; several notes of a collection are one look."""
        touched: dict[int, list[NotedChange]] = {}
        for note in notes:
            touched.setdefault(note.collection_key, []).append(note)
        for key, theirs in touched.items():
            self._face_counts.pop(key, None)
            collection = self._indexes.collection(key)
            if collection is None:
                continue
            faces = sorted({face for note in theirs for face in note.face_keys})
            users = sorted({user for note in theirs for user in note.user_keys})
            change = as_they_are(reader, collection, faces, users)
            if change is None or any(not note.face_keys and not note.user_keys for note in theirs):
                self._indexes.forget(key)
            else:
                self._indexes.publish(key, change)

    def _publish(self, change: Change) -> None:
        for key, note in change.noted.items():
            self._indexes.publish(key, note)
            if key in self._face_counts:
                self._face_counts[key] += note.growth()
        for key in change.deleted_collections:
            self._indexes.forget(key)
            self._face_counts.pop(key, None)
