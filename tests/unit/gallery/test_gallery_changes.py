"""Who searches a gallery while it is changed finds what was there before or what is there after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from contract.databases import Database
from countenance.errors import CollectionNotFound, GalleryFull, UserExists
from countenance.gallery import Change, Gallery
from countenance.gallery.change import MOST_FACES_OF_A_COLLECTION
from countenance.gallery.values import Collection, EnrolledFace, NewFace, User
from countenance.store import SqlStore
from new_faces import PACK, new_face, new_faces, template

AMPLE_BYTES = 10**9
OTHERS = range(100, 130)

Answer = TypeVar("Answer")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'gallery.sqlite'}", tmp_path / "key", tmp_path)


@pytest.fixture
def store(database: Database) -> Iterator[SqlStore]:
    with database.opened() as opened:
        yield opened


@pytest.fixture
def gallery(store: SqlStore) -> Gallery:
    return Gallery(store, AMPLE_BYTES)


@pytest.fixture
def staff(gallery: Gallery) -> Collection:
    """A collection of people none of whom is the one that the tests look for."""
    with gallery.changing() as change:
        collection = change.writer.create_collection("staff", PACK, {})
        change.enrol(collection, new_faces(*OTHERS))
    return collection


def looking_like(number: int, of: int) -> NewFace:
    """Return a face with an id of its own and the template of another."""
    return replace(new_face(number), vector=template(of))


def enrol(gallery: Gallery, collection: Collection, *faces: NewFace) -> list[EnrolledFace]:
    with gallery.changing() as change:
        return change.enrol(collection, faces)


def delete(gallery: Gallery, collection: Collection, faces: list[EnrolledFace]) -> None:
    with gallery.changing() as change:
        change.delete_faces(collection, faces)


def new_user(gallery: Gallery, collection: Collection, name: str, faces: list[EnrolledFace]) -> User:
    with gallery.changing() as change:
        user = change.writer.create_user(collection, name)
        change.associate(collection, user, [face.key for face in faces])
    return user


def alike(gallery: Gallery, collection: Collection, number: int) -> list[str]:
    """Return the ids of the faces that cannot be another's."""
    hits = gallery.search_faces(collection, template(number), most=100, at_least=0.999)
    return [hit.face.face_id for hit in hits]


@contextmanager
def searching(search: Callable[[], Answer]) -> Iterator[list[Answer]]:
    """Search in two threads all the while; the list has all answers in the end."""
    answers, failures, over = list[Answer](), list[Exception](), threading.Event()

    def go_on() -> None:
        try:
            while not over.is_set():
                answers.append(search())
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=go_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(answers) > 20


def test_faces_that_come_and_go_together_are_found_together(gallery: Gallery, staff: Collection) -> None:
    with searching(lambda: len(alike(gallery, staff, 1))) as counts:
        for turn in range(25):
            three = [looking_like(1_000 + 3 * turn + place, 1) for place in range(3)]
            delete(gallery, staff, enrol(gallery, staff, *three))
    assert set(counts) <= {0, 3}


def test_what_is_enrolled_stays_found_while_more_is_enrolled(gallery: Gallery, staff: Collection) -> None:
    counted = list[int]()
    with searching(lambda: (len(counted), len(alike(gallery, staff, 1)))) as answers:
        for turn in range(40):
            enrol(gallery, staff, looking_like(1_000 + turn, 1))
            counted.append(turn)
    assert all(found >= min(acknowledged, 100) for acknowledged, found in answers)


def test_a_user_is_not_found_before_all_faces_of_the_change_are_its(
    gallery: Gallery, staff: Collection
) -> None:
    def search() -> list[int]:
        hits = gallery.search_users(staff, template(1), most=5, at_least=0.5)
        return [hit.user.face_count for hit in hits]

    with searching(search) as answers:
        for turn in range(20):
            faces = enrol(gallery, staff, *(looking_like(1_000 + 2 * turn + place, 1) for place in range(2)))
            user = new_user(gallery, staff, f"user {turn}", faces)
            with gallery.changing() as change:
                change.delete_user(staff, user)
    assert {count for counts in answers for count in counts} <= {2}


def test_a_user_is_found_while_it_is_given_another_face(gallery: Gallery, staff: Collection) -> None:
    first, second = enrol(gallery, staff, *new_faces(1, 2))
    ann = new_user(gallery, staff, "ann", [first])

    def search() -> list[str]:
        hits = gallery.search_users(staff, template(1), most=1, at_least=0.3)
        return [hit.user.user_id for hit in hits]

    search()
    with searching(search) as answers:
        for _ in range(60):
            with gallery.changing() as change:
                change.associate(staff, ann, [second.key])
            with gallery.changing() as change:
                change.disassociate(staff, ann, [second.key])
    assert [found for found in answers if found != ["ann"]] == []


def test_the_next_best_is_found_while_the_best_is_deleted(gallery: Gallery, staff: Collection) -> None:
    with searching(lambda: gallery.search_faces(staff, template(1), most=1, at_least=-1.0)) as answers:
        for turn in range(20):
            delete(gallery, staff, enrol(gallery, staff, looking_like(1_000 + turn, 1)))
    assert [found for found in answers if len(found) != 1] == []


def test_changes_of_many_threads_are_all_found(gallery: Gallery, staff: Collection) -> None:
    alike(gallery, staff, 1)

    def go_on(first: int) -> None:
        for number in range(first, first + 20):
            enrol(gallery, staff, looking_like(number, 1))

    threads = [threading.Thread(target=go_on, args=(1_000 * place,)) for place in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(alike(gallery, staff, 1)) == 80


def test_a_search_of_a_collection_that_is_deleted_meanwhile_finds_nothing_or_its_faces(
    gallery: Gallery,
) -> None:
    current: list[Collection] = []

    def search() -> int:
        return len(alike(gallery, current[0], 1)) if current else 0

    with searching(search) as counts:
        for turn in range(25):
            with gallery.changing() as change:
                collection = change.writer.create_collection("brief", PACK, {})
                change.enrol(collection, [looking_like(10 * turn + place, 1) for place in range(3)])
            current[:] = [collection]
            search()
            with gallery.changing() as change:
                change.delete_collection(collection)
    assert set(counts) <= {0, 3}


def test_a_collection_made_anew_has_another_key_and_none_of_the_old_faces(
    gallery: Gallery, staff: Collection
) -> None:
    enrol(gallery, staff, new_face(1))
    new_user(gallery, staff, "ann", enrol(gallery, staff, new_face(2)))
    assert alike(gallery, staff, 1)
    with gallery.changing() as change:
        change.delete_collection(staff)
        again = change.writer.create_collection("staff", PACK, {})
    assert again.key != staff.key
    for collection in (staff, again):
        for number in (1, 2, *OTHERS):
            assert alike(gallery, collection, number) == []
        assert gallery.search_users(collection, template(2), most=10, at_least=-1.0) == []


def test_a_change_that_fails_after_a_collection_was_deleted_keeps_it_searchable(
    gallery: Gallery, staff: Collection
) -> None:
    before = alike(gallery, staff, OTHERS[0])

    def fail(change: Change) -> None:
        change.delete_collection(staff)
        change.writer.collection("staff")

    with pytest.raises(CollectionNotFound), gallery.changing() as change:
        fail(change)
    assert alike(gallery, staff, OTHERS[0]) == before != []


def test_a_gallery_can_be_changed_after_a_change_failed(gallery: Gallery, staff: Collection) -> None:
    new_user(gallery, staff, "ann", [])
    with pytest.raises(UserExists):
        new_user(gallery, staff, "ann", [])
    enrol(gallery, staff, new_face(1))
    assert alike(gallery, staff, 1) == [new_face(1).face_id]


def test_a_collection_takes_twenty_million_faces_and_not_one_more(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        nearly_full = Change(writer, {staff.key: MOST_FACES_OF_A_COLLECTION - 2})
        assert len(nearly_full.enrol(staff, new_faces(1, 2))) == 2
        too_many = Change(writer, {staff.key: MOST_FACES_OF_A_COLLECTION - 2})
        with pytest.raises(GalleryFull, match=r"staff is full; the limit is 20,000,000 faces"):
            too_many.enrol(staff, new_faces(3, 4, 5))


def test_a_change_cannot_overfill_a_collection_in_two_steps(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        change = Change(writer, {staff.key: MOST_FACES_OF_A_COLLECTION - 2})
        change.enrol(staff, new_faces(1, 2))
        with pytest.raises(GalleryFull):
            change.enrol(staff, new_faces(3, 4))


def test_a_full_collection_answers_for_a_face_that_it_has(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        full = Change(writer, {staff.key: MOST_FACES_OF_A_COLLECTION})
        assert full.enrol(staff, new_faces(OTHERS[0])) == [writer.face(staff, new_face(OTHERS[0]).face_id)]
