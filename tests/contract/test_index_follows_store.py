"""What is committed to the store is what searches find: at once, and after every index was built anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from contract.databases import Database
from countenance.errors import CollectionNotFound
from countenance.gallery import Change, Gallery
from countenance.gallery.values import Collection, EnrolledFace, User
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, new_faces, template

AMPLE_BYTES = 10**9
# The indexes of no collection but the one in use are kept.
NO_BYTES = 0


class Interrupted(Exception):
    """Something that goes wrong in the middle of a change."""


@pytest.fixture(params=[AMPLE_BYTES, NO_BYTES], ids=["indexes-kept", "indexes-dropped"])
def gallery(store: SqlStore, request: pytest.FixtureRequest) -> Gallery:
    """A gallery over the store, with memory for all indexes or for one."""
    return Gallery(store, request.param)


def found(gallery: Gallery, collection: Collection, number: int) -> list[str]:
    """Return the ids of faces that are the numbered one without doubt."""
    hits = gallery.search_faces(collection, template(number), most=10, at_least=0.999)
    return [hit.face.face_id for hit in hits]


def users_found(gallery: Gallery, collection: Collection, number: int) -> list[str]:
    hits = gallery.search_users(collection, template(number), most=10, at_least=0.6)
    return [hit.user.user_id for hit in hits]


def everything_found(gallery: Gallery, collection: Collection) -> list[tuple[object, float]]:
    """Return all answers of a few searches for anything."""
    answers: list[tuple[object, float]] = []
    for number in range(5):
        faces = gallery.search_faces(collection, template(number), most=1000, at_least=-1.0)
        users = gallery.search_users(collection, template(number), most=1000, at_least=-1.0)
        answers += [(hit.face, hit.score) for hit in faces]
        answers += [(hit.user, round(hit.score, 6)) for hit in users]
    return answers


def enrol(gallery: Gallery, collection: Collection, *numbers: int) -> list[int]:
    with gallery.changing() as change:
        return [face.key for face in change.enrol(collection, new_faces(*numbers))]


def create_user(gallery: Gallery, collection: Collection, name: str, keys: list[int]) -> User:
    with gallery.changing() as change:
        user = change.writer.create_user(collection, name)
        change.associate(collection, user, keys)
        return user


def test_a_new_face_is_found_at_once(gallery: Gallery, staff: Collection) -> None:
    assert found(gallery, staff, 1) == []
    enrol(gallery, staff, 1, 2)
    assert found(gallery, staff, 1) == [face_id(1)]
    assert found(gallery, staff, 2) == [face_id(2)]


def test_a_score_is_the_cosine_of_the_templates(gallery: Gallery, staff: Collection) -> None:
    enrol(gallery, staff, 1, 2, 3)
    hits = gallery.search_faces(staff, template(7), most=10, at_least=-1.0)
    scores = {hit.face.face_id: hit.score for hit in hits}
    for number in (1, 2, 3):
        cosine = template(number).astype(np.float64) @ template(7).astype(np.float64)
        assert scores[face_id(number)] == pytest.approx(cosine, abs=1e-12)


def faces_of(change: Change, collection: Collection, keys: list[int]) -> list[EnrolledFace]:
    return list(change.writer.faces_by_key(collection, keys).values())


def test_a_deleted_face_is_not_found_any_more(gallery: Gallery, staff: Collection) -> None:
    keys = enrol(gallery, staff, 1, 2)
    assert found(gallery, staff, 1) == [face_id(1)]
    with gallery.changing() as change:
        change.delete_faces(staff, faces_of(change, staff, keys[:1]))
    assert found(gallery, staff, 1) == []
    assert found(gallery, staff, 2) == [face_id(2)]


def test_a_face_of_a_failed_change_is_not_found(gallery: Gallery, staff: Collection) -> None:
    keys = enrol(gallery, staff, 1)
    assert found(gallery, staff, 1) == [face_id(1)]

    def fail(change: Change) -> None:
        change.enrol(staff, new_faces(2))
        change.delete_faces(staff, faces_of(change, staff, keys))
        raise Interrupted

    with pytest.raises(Interrupted), gallery.changing() as change:
        fail(change)
    assert (found(gallery, staff, 1), found(gallery, staff, 2)) == ([face_id(1)], [])


def test_a_face_that_was_there_already_is_found_as_it_was(gallery: Gallery, staff: Collection) -> None:
    enrol(gallery, staff, 1)
    found(gallery, staff, 1)
    with gallery.changing() as change:
        change.enrol(staff, [replace(new_face(1), vector=template(2)), new_face(1)])
    assert (found(gallery, staff, 1), found(gallery, staff, 2)) == ([face_id(1)], [])


def test_searches_stay_within_a_collection(gallery: Gallery, staff: Collection) -> None:
    with gallery.changing() as change:
        guests = change.writer.create_collection("guests", PACK, {})
    enrol(gallery, staff, 1)
    enrol(gallery, guests, 2)
    for _ in range(2):
        assert (found(gallery, staff, 1), found(gallery, staff, 2)) == ([face_id(1)], [])
        assert (found(gallery, guests, 1), found(gallery, guests, 2)) == ([], [face_id(2)])


def test_nothing_is_found_in_a_collection_that_was_made_anew(gallery: Gallery, staff: Collection) -> None:
    enrol(gallery, staff, 1)
    assert found(gallery, staff, 1) == [face_id(1)]
    with gallery.changing() as change:
        change.delete_collection(staff)
        with pytest.raises(CollectionNotFound):
            change.writer.collection("staff")
    with gallery.changing() as change:
        again = change.writer.create_collection("staff", PACK, {})
    assert found(gallery, again, 1) == found(gallery, staff, 1) == []


def test_a_user_is_found_by_its_faces_for_as_long_as_they_are_its_own(
    gallery: Gallery, staff: Collection
) -> None:
    keys = enrol(gallery, staff, 1, 2)
    assert users_found(gallery, staff, 1) == []
    ann = create_user(gallery, staff, "ann", keys)
    assert users_found(gallery, staff, 1) == users_found(gallery, staff, 2) == ["ann"]
    with gallery.changing() as change:
        change.disassociate(staff, ann, keys[1:])
    assert (users_found(gallery, staff, 1), users_found(gallery, staff, 2)) == (["ann"], [])
    with gallery.changing() as change:
        change.disassociate(staff, ann, keys[:1])
    assert users_found(gallery, staff, 1) == []


def test_a_deleted_user_is_not_found_and_its_faces_are(gallery: Gallery, staff: Collection) -> None:
    ann = create_user(gallery, staff, "ann", enrol(gallery, staff, 1))
    assert users_found(gallery, staff, 1) == ["ann"]
    with gallery.changing() as change:
        change.delete_user(staff, ann)
    assert users_found(gallery, staff, 1) == []
    assert found(gallery, staff, 1) == [face_id(1)]


def test_an_index_that_followed_answers_as_one_that_was_built_anew(
    gallery: Gallery, staff: Collection, database: Database
) -> None:
    random = np.random.default_rng(5)
    there: list[int] = []
    everything_found(gallery, staff)  # builds the index before there is anything to find
    for turn in range(15):
        there += enrol(gallery, staff, *range(100 * turn, 100 * turn + 8))
        chosen = random.choice(there, size=6, replace=False).tolist()
        user = create_user(gallery, staff, f"user {turn}", chosen[:3])
        with gallery.changing() as change:
            change.disassociate(staff, user, chosen[:1])
            change.delete_faces(staff, faces_of(change, staff, chosen[3:]))
            if turn % 4 == 3:
                change.delete_user(staff, user)
        there = [key for key in there if key not in chosen]
    with database.opened() as again:
        with_new_indexes = everything_found(Gallery(again, AMPLE_BYTES), staff)
    assert everything_found(gallery, staff) == with_new_indexes


def test_searches_among_changes_find_what_was_acknowledged(store: SqlStore, staff: Collection) -> None:
    """Many new galleries, so that a build meets a change at every moment."""
    with store.writing() as writer:
        writer.add_faces(staff, [new_face(number, "crowd") for number in range(1000, 1400)])

    def rounds() -> Iterator[list[str]]:
        for number in range(1, 40):
            gallery = Gallery(store, AMPLE_BYTES)
            building = threading.Thread(target=found, args=(gallery, staff, 0))
            building.start()
            enrol(gallery, staff, number)
            yield found(gallery, staff, number)
            building.join()

    assert list(rounds()) == [[face_id(number)] for number in range(1, 40)]


def test_many_may_search_a_new_index_at_once(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        writer.add_faces(staff, [new_face(number, "crowd") for number in range(200)])
    gallery, everyone_is_here = Gallery(store, AMPLE_BYTES), threading.Barrier(8)

    def search(number: int) -> list[str]:
        everyone_is_here.wait()
        return found(gallery, staff, number)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(search, range(8))) == [[face_id(number)] for number in range(8)]
