"""Several processes on one database: what one changes, the searches of the others find, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.databases import Database
from countenance.gallery import Gallery
from countenance.gallery.values import Collection
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, new_faces, template

AMPLE_BYTES = 10**9


@pytest.fixture
def other_store(staff: Collection, database: Database) -> Iterator[SqlStore]:  # noqa: ARG001 - made before
    """The same database, as another process opens it."""
    with database.opened() as opened:
        yield opened


@pytest.fixture
def here(store: SqlStore) -> Gallery:
    gallery = Gallery(store, AMPLE_BYTES)
    gallery.follow_others()
    return gallery


@pytest.fixture
def elsewhere(other_store: SqlStore) -> Gallery:
    return Gallery(other_store, AMPLE_BYTES)


def found(gallery: Gallery, collection: Collection, number: int) -> list[str]:
    hits = gallery.search_faces(collection, template(number), most=10, at_least=0.999)
    return [hit.face.face_id for hit in hits]


def enrol(gallery: Gallery, collection: Collection, *numbers: int) -> list[int]:
    with gallery.changing() as change:
        return [face.key for face in change.enrol(collection, new_faces(*numbers))]


def delete(gallery: Gallery, collection: Collection, keys: list[int]) -> None:
    with gallery.changing() as change:
        change.delete_faces(collection, list(change.writer.faces_by_key(collection, keys).values()))


def searched(gallery: Gallery, collection: Collection) -> tuple[int, int]:
    """Return how many faces and users a search looks at, which shows what an index holds."""
    return gallery.count_searched(collection)


def test_a_face_enrolled_elsewhere_is_found_after_following(
    here: Gallery, elsewhere: Gallery, staff: Collection
) -> None:
    enrol(here, staff, 1)
    assert found(here, staff, 2) == []
    enrol(elsewhere, staff, 2)
    here.follow_others()
    assert found(here, staff, 2) == [face_id(2)]
    assert searched(here, staff) == (2, 0)


def test_a_face_deleted_elsewhere_leaves_the_index(
    here: Gallery, elsewhere: Gallery, staff: Collection
) -> None:
    keys = enrol(here, staff, 1, 2)
    assert searched(here, staff) == (2, 0)
    delete(elsewhere, staff, keys[:1])
    here.follow_others()
    assert searched(here, staff) == (1, 0)
    assert found(here, staff, 1) == []


def test_users_made_and_changed_elsewhere_are_searched_as_they_are_now(
    here: Gallery, elsewhere: Gallery, staff: Collection
) -> None:
    keys = enrol(here, staff, 1, 2)
    assert searched(here, staff) == (2, 0)
    with elsewhere.changing() as change:
        user = change.writer.create_user(staff, "eileen")
        change.associate(staff, user, keys)
    here.follow_others()
    assert searched(here, staff) == (2, 1)
    with elsewhere.changing() as change:
        change.disassociate(staff, user, keys)
    here.follow_others()
    assert searched(here, staff) == (2, 0)


def test_a_collection_deleted_elsewhere_leaves_no_index_behind(
    here: Gallery, elsewhere: Gallery, staff: Collection
) -> None:
    enrol(here, staff, 1)
    assert found(here, staff, 1) == [face_id(1)]
    held = here.index_memory_bytes()
    with elsewhere.changing() as change:
        change.hide_collection(staff, "request")
    here.follow_others()
    assert here.index_memory_bytes() < held


def test_what_was_changed_here_is_not_looked_at_again(here: Gallery, staff: Collection) -> None:
    assert searched(here, staff) == (0, 0)
    keys = enrol(here, staff, 1)
    delete(here, staff, keys)
    here.follow_others()
    assert searched(here, staff) == (0, 0)


def test_who_slept_longer_than_notes_are_kept_builds_indexes_again(
    here: Gallery, elsewhere: Gallery, staff: Collection
) -> None:
    keys = enrol(here, staff, 1)
    here.follow_others()
    assert searched(here, staff) == (1, 0)
    delete(elsewhere, staff, keys)
    enrol(elsewhere, staff, 2)
    enrol(elsewhere, staff, 3)
    elsewhere.forget_old_changes(datetime.now(UTC) + timedelta(hours=1))
    here.follow_others()
    assert searched(here, staff) == (2, 0)
    assert found(here, staff, 1) == []


def test_forgetting_notes_leaves_those_who_followed_with_their_indexes(
    here: Gallery, elsewhere: Gallery, staff: Collection
) -> None:
    enrol(elsewhere, staff, 1)
    here.follow_others()
    assert searched(here, staff) == (1, 0)
    held = here.index_memory_bytes()
    elsewhere.forget_old_changes(datetime.now(UTC) + timedelta(hours=1))
    here.follow_others()
    assert here.index_memory_bytes() == held > 0


def test_a_full_count_made_elsewhere_is_noticed(here: Gallery, elsewhere: Gallery, staff: Collection) -> None:
    enrol(here, staff, 1)
    enrol(elsewhere, staff, *range(2, 30))
    here.follow_others()
    with here.changing() as change:
        change.enrol(staff, [new_face(30)])
    with here.reading() as reader:
        assert reader.count_faces(staff) == 30


STEPS = st.lists(
    st.tuples(st.sampled_from(["enrol", "delete"]), st.booleans(), st.integers(1, 8)), max_size=12
)


@given(steps=STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_who_take_turns_hold_the_same_faces_whenever_both_have_followed(
    store: SqlStore, other_store: SqlStore, steps: list[tuple[str, bool, int]]
) -> None:
    galleries = [Gallery(each, AMPLE_BYTES) for each in (store, other_store)]
    name = f"c{datetime.now(UTC).timestamp()}"
    with store.writing() as writer:
        collection = writer.create_collection(name, PACK, {})
    for gallery in galleries:
        gallery.follow_others()
        assert searched(gallery, collection) == (0, 0)
    there: dict[int, int] = {}
    for what, first, number in steps:
        gallery = galleries[0 if first else 1]
        if what == "enrol":
            there[number] = enrol(gallery, collection, number)[0]
        elif number in there:
            delete(gallery, collection, [there.pop(number)])
    for gallery in galleries:
        gallery.follow_others()
        assert searched(gallery, collection) == (len(there), 0)
        for number in range(1, 9):
            assert found(gallery, collection, number) == ([face_id(number)] if number in there else [])
