"""The search indexes of collections in use: built from the store, kept in step, dropped when memory is short.

An index is a cache: the store is the truth. A collection's indexes are built when somebody first searches it.
A change that is committed meanwhile is noted and applied when the build is done, so nothing is missed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from countenance.gallery.index import ExactIndex
from countenance.gallery.users import user_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from countenance.faces import Vector
    from countenance.gallery.index import SearchIndex
    from countenance.gallery.values import Collection, TemplateBlock, Vectors

    Build = Callable[[Collection], Iterable[TemplateBlock]]


# Few large additions make an index of few large parts, which is searched fastest.
_ADDED_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True, eq=False)
class CollectionIndexes:
    """What one collection is searched with: its faces and its users, by key."""

    faces: SearchIndex
    users: SearchIndex

    def memory_bytes(self) -> int:
        """Return how much memory both hold."""
        return self.faces.memory_bytes() + self.users.memory_bytes()


@dataclass(slots=True, eq=False)
class IndexChange:
    """What a committed change means for the indexes of one collection."""

    faces: dict[int, Vector | None] = field(default_factory=dict)
    """By face key, the template of a new face, or None for a deleted one."""
    users: dict[int, Vector | None] = field(default_factory=dict)
    """By user key, the user's new vector, or None for a user without faces."""

    def growth(self) -> int:
        """Return how many more faces there are after the change."""
        return sum(1 if vector is not None else -1 for vector in self.faces.values())

    def apply(self, indexes: CollectionIndexes) -> None:
        """Bring indexes into step."""
        for index, entries in ((indexes.faces, self.faces), (indexes.users, self.users)):
            gone = [key for key, vector in entries.items() if vector is None]
            there = [(key, vector) for key, vector in entries.items() if vector is not None]
            if gone:
                index.remove(np.array(gone, np.int64))
            if there:
                keys, vectors = zip(*there, strict=True)
                index.add(np.array(keys, np.int64), np.stack(vectors))


@dataclass(slots=True, eq=False)
class _Entry:
    collection: Collection
    built: Future[CollectionIndexes] = field(default_factory=Future)
    missed: list[IndexChange] = field(default_factory=list)


class IndexCache:
    """The indexes of the collections used last, within a bound of memory.

    Args:
        templates: reads all templates of a collection from the store.
        most_bytes: what all indexes together may hold; those used longest ago are dropped. The collection in
            use stays even where it alone is larger.
    """

    def __init__(self, templates: Build, most_bytes: int) -> None:
        self._templates = templates
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[int, _Entry] = OrderedDict()

    def indexes(self, collection: Collection) -> CollectionIndexes:
        """Return a collection's indexes; whoever asks first builds them, others wait for that.

        Raises:
            StoreUnavailable: the templates could not be read.
        """
        with self._lock:
            entry = self._entries.get(collection.key)
            build = entry is None
            if entry is None:
                entry = self._entries[collection.key] = _Entry(collection)
            self._entries.move_to_end(collection.key)
        if build:
            self._build(collection, entry)
        return entry.built.result()

    def publish(self, collection_key: int, change: IndexChange) -> None:
        """Bring a collection's indexes, if there are any, into step with a committed change."""
        with self._lock:
            entry = self._entries.get(collection_key)
            if entry is None:
                return
            if not entry.built.done():
                entry.missed.append(change)
                return
        # Outside the lock, so that nobody who searches waits; changes come one after the other anyway.
        change.apply(entry.built.result())
        with self._lock:
            self._drop_unused()

    def collection(self, collection_key: int) -> Collection | None:
        """Return a collection that has indexes, or is getting them."""
        with self._lock:
            entry = self._entries.get(collection_key)
        return entry.collection if entry is not None else None

    def forget(self, collection_key: int) -> None:
        """Drop the indexes of a collection, because it was deleted or they are to be built again."""
        with self._lock:
            self._entries.pop(collection_key, None)

    def forget_all(self) -> None:
        """Drop all indexes; who waits for one that is being built still gets it."""
        with self._lock:
            self._entries.clear()

    def memory_bytes(self) -> int:
        """Return how much memory all indexes hold."""
        with self._lock:
            return sum(self._sizes().values())

    def count_faces(self) -> int:
        """Return how many faces all indexes hold."""
        with self._lock:
            return sum(len(each.built.result().faces) for each in self._entries.values() if each.built.done())

    def _build(self, collection: Collection, entry: _Entry) -> None:
        try:
            indexes = _built(self._templates(collection))
        except BaseException as error:
            with self._lock:
                if self._entries.get(collection.key) is entry:
                    del self._entries[collection.key]
            entry.built.set_exception(error)
            return
        with self._lock:
            for change in entry.missed:
                change.apply(indexes)
            entry.built.set_result(indexes)
            self._drop_unused()

    def _sizes(self) -> dict[int, int]:
        return {
            key: entry.built.result().memory_bytes()
            for key, entry in self._entries.items()
            if entry.built.done()
        }

    def _drop_unused(self) -> None:
        sizes = self._sizes()
        total = sum(sizes.values())
        for key in list(sizes)[:-1]:
            if total <= self._most_bytes:
                return
            total -= sizes[key]
            del self._entries[key]


def _built(blocks: Iterable[TemplateBlock]) -> CollectionIndexes:
    faces, users = ExactIndex(), ExactIndex()
    with_user: list[TemplateBlock] = []
    waiting: list[TemplateBlock] = []
    for block in blocks:
        waiting.append(block)
        if sum(len(each.keys) for each in waiting) >= _ADDED_AT_ONCE:
            _add(faces, waiting)
            waiting = []
        if block.user_keys.any():
            with_user.append(block)
    _add(faces, waiting)
    if with_user:
        users.add(*_user_vectors(with_user))
    return CollectionIndexes(faces, users)


def _add(index: SearchIndex, blocks: Sequence[TemplateBlock]) -> None:
    if blocks:
        keys = np.concatenate([block.keys for block in blocks])
        index.add(keys, np.concatenate([block.vectors for block in blocks]))


def _user_vectors(
    blocks: Sequence[TemplateBlock],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Vectors]:
    """Return the keys of all users with faces and their vectors."""
    owned = [block.user_keys > 0 for block in blocks]
    keys = np.concatenate([block.user_keys[rows] for block, rows in zip(blocks, owned, strict=True)])
    vectors = np.concatenate([block.vectors[rows] for block, rows in zip(blocks, owned, strict=True)])
    qualities = np.concatenate([block.qualities[rows] for block, rows in zip(blocks, owned, strict=True)])
    order = np.argsort(keys, kind="stable")
    users, starts = np.unique(keys[order], return_index=True)
    parts = np.split(order, starts[1:])
    return users, np.stack([user_vector(vectors[rows], qualities[rows]) for rows in parts])
