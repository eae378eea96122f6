"""Indexes of collections are made of the store, as far as memory goes, and answer alike however often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from contract.databases import Database
from countenance.errors import StoreUnavailable
from countenance.gallery.indexes import IndexCache, IndexChange
from countenance.gallery.values import Collection, TemplateBlock
from countenance.store import SqlStore
from new_faces import PACK, new_face, template

AMPLE_BYTES = 10**9
FACES = 60


class Shelf:
    """Reads templates from a store and notes of which collections; it can be made to wait or to fail."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.read: list[str] = []
        self.failing = False
        self.reading, self.may_go_on = threading.Event(), threading.Event()
        self.may_go_on.set()

    def templates(self, collection: Collection) -> Iterator[TemplateBlock]:
        self.read.append(collection.collection_id)
        if self.failing:
            raise StoreUnavailable("the database failed, nothing was changed: disk I/O error")
        blocks = list(self._store.all_templates(collection))
        self.reading.set()
        assert self.may_go_on.wait(20)
        yield from blocks


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with Database(f"sqlite:///{tmp_path / 'gallery.sqlite'}", tmp_path / "key", tmp_path).opened() as opened:
        yield opened


@pytest.fixture
def shelf(store: SqlStore) -> Shelf:
    return Shelf(store)


@pytest.fixture
def collections(store: SqlStore) -> list[Collection]:
    """Three collections of equally many faces, of which the first two are a user's."""
    with store.writing() as writer:
        made = [writer.create_collection(name, PACK, {}) for name in ("ann", "bob", "cy")]
        for place, collection in enumerate(made):
            faces = [new_face(1_000 * place + number, "crowd") for number in range(FACES)]
            keys = [face.key for face, _ in writer.add_faces(collection, faces)]
            writer.associate(collection, writer.create_user(collection, "user"), keys[:2])
    return made


def answers(cache: IndexCache, collection: Collection) -> list[tuple[list[int], list[float]]]:
    """Return what a few searches for anybody find, faces and users."""
    indexes, probes = cache.indexes(collection), np.stack([template(number) for number in range(5)])
    hits = indexes.faces.search(probes, 2 * FACES) + indexes.users.search(probes, 2 * FACES)
    return [(of_probe.keys.tolist(), of_probe.scores.tolist()) for of_probe in hits]


def bytes_of_one(shelf: Shelf, collection: Collection) -> int:
    cache = IndexCache(shelf.templates, AMPLE_BYTES)
    size = cache.indexes(collection).memory_bytes()
    shelf.read.clear()
    return size


def test_a_collection_is_read_once_however_often_it_is_searched(
    shelf: Shelf, collections: list[Collection]
) -> None:
    cache = IndexCache(shelf.templates, AMPLE_BYTES)
    assert answers(cache, collections[0]) == answers(cache, collections[0])
    assert shelf.read == ["ann"]


def test_many_who_ask_at_once_wait_for_the_one_who_reads(shelf: Shelf, collections: list[Collection]) -> None:
    cache = IndexCache(shelf.templates, AMPLE_BYTES)
    shelf.may_go_on.clear()
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(cache.indexes, collections[0]) for _ in range(6)]
        assert shelf.reading.wait(20)
        shelf.may_go_on.set()
        assert len({id(future.result(20)) for future in asked}) == 1
    assert shelf.read == ["ann"]


def test_reading_one_collection_holds_nobody_who_searches_another(
    shelf: Shelf, collections: list[Collection]
) -> None:
    cache, (ann, bob, _) = IndexCache(shelf.templates, AMPLE_BYTES), collections
    expected = answers(cache, ann)
    shelf.may_go_on.clear()
    shelf.reading.clear()
    reader = threading.Thread(target=cache.indexes, args=(bob,))
    reader.start()
    assert shelf.reading.wait(20)
    assert answers(cache, ann) == expected
    assert cache.memory_bytes() == cache.indexes(ann).memory_bytes()
    shelf.may_go_on.set()
    reader.join()


def test_the_collection_searched_longest_ago_is_dropped_for_want_of_memory(
    shelf: Shelf, collections: list[Collection]
) -> None:
    ann, bob, cy = collections
    room = bytes_of_one(shelf, ann)
    cache = IndexCache(shelf.templates, 2 * room)
    for collection in (ann, bob, ann, cy, ann, cy, bob):
        cache.indexes(collection)
        assert cache.memory_bytes() <= 2 * room
    assert shelf.read == ["ann", "bob", "cy", "bob"]


def test_a_dropped_collection_answers_as_before_when_it_was_read_again(
    shelf: Shelf, collections: list[Collection]
) -> None:
    dropping, keeping = IndexCache(shelf.templates, 0), IndexCache(shelf.templates, AMPLE_BYTES)
    for collection in collections * 2:
        assert answers(dropping, collection) == answers(keeping, collection)
    assert len(shelf.read) == 6 + 3


def test_a_collection_larger_than_the_memory_is_kept_while_it_is_the_one_in_use(
    shelf: Shelf, collections: list[Collection]
) -> None:
    cache = IndexCache(shelf.templates, 0)
    for _ in range(3):
        cache.indexes(collections[0])
    cache.indexes(collections[1])
    assert shelf.read == ["ann", "bob"]
    assert cache.memory_bytes() == cache.indexes(collections[1]).memory_bytes()


def test_a_collection_that_grows_drops_others(shelf: Shelf, collections: list[Collection]) -> None:
    ann, bob, _ = collections
    cache = IndexCache(shelf.templates, 2 * bytes_of_one(shelf, ann))
    cache.indexes(ann)
    cache.indexes(bob)
    cache.publish(bob.key, IndexChange({10_000 + number: template(number) for number in range(500)}))
    answers(cache, ann)
    assert shelf.read == ["ann", "bob", "ann"]


def test_a_change_that_comes_while_the_store_is_read_is_not_missed(
    shelf: Shelf, collections: list[Collection]
) -> None:
    cache, ann = IndexCache(shelf.templates, AMPLE_BYTES), collections[0]
    shelf.may_go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        built = pool.submit(cache.indexes, ann)
        assert shelf.reading.wait(20)
        cache.publish(ann.key, IndexChange({9_001: template(4_200), 9_002: template(4_300)}))
        cache.publish(ann.key, IndexChange({9_002: None}, {7_001: template(4_400)}))
        shelf.may_go_on.set()
        indexes = built.result(20)
    found = [
        indexes.faces.search(template(number)[None], 9, 0.999)[0].keys.tolist() for number in (4_200, 4_300)
    ]
    assert found == [[9_001], []]
    assert indexes.users.search(template(4_400)[None], 9, 0.999)[0].keys.tolist() == [7_001]


def test_a_change_of_a_collection_that_nobody_searched_reads_nothing(
    shelf: Shelf, collections: list[Collection]
) -> None:
    cache = IndexCache(shelf.templates, AMPLE_BYTES)
    cache.publish(collections[0].key, IndexChange({9_001: template(42)}))
    assert (shelf.read, cache.memory_bytes()) == ([], 0)


def test_a_collection_that_was_deleted_while_it_was_read_is_not_kept(
    shelf: Shelf, collections: list[Collection], store: SqlStore
) -> None:
    cache, ann = IndexCache(shelf.templates, AMPLE_BYTES), collections[0]
    shelf.may_go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        built = pool.submit(cache.indexes, ann)
        assert shelf.reading.wait(20)
        with store.writing() as writer:
            writer.delete_collection(ann)
            again = writer.create_collection("ann", PACK, {})
        cache.forget(ann.key)
        shelf.may_go_on.set()
        built.result(20)
    assert cache.memory_bytes() == 0
    assert len(cache.indexes(again).faces) == len(cache.indexes(ann).faces) == 0


def test_a_store_that_does_not_answer_is_asked_again_next_time(
    shelf: Shelf, collections: list[Collection]
) -> None:
    cache = IndexCache(shelf.templates, AMPLE_BYTES)
    shelf.failing = True
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            cache.indexes(collections[0])
    assert cache.memory_bytes() == 0
    shelf.failing = False
    assert len(cache.indexes(collections[0]).faces) == FACES
    assert shelf.read == ["ann"] * 3


def test_an_empty_collection_has_indexes_too(shelf: Shelf, store: SqlStore) -> None:
    with store.writing() as writer:
        empty = writer.create_collection("nobody", PACK, {})
    cache = IndexCache(shelf.templates, AMPLE_BYTES)
    assert answers(cache, empty) == [([], [])] * 10
    cache.publish(empty.key, IndexChange({1: template(1)}))
    assert cache.indexes(empty).faces.search(template(1)[None], 1)[0].keys.tolist() == [1]
