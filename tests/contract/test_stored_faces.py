"""Faces: added once, listed and paged by key, found, deleted."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.databases import Database
from countenance.errors import FaceNotFound
from countenance.gallery.values import Collection, EnrolledFace, NewFace
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, new_faces

# More than one statement takes, on either kind of database.
MORE_THAN_A_STATEMENT_TAKES = 70_000


def enrol(store: SqlStore, collection: Collection, *faces: NewFace) -> list[EnrolledFace]:
    """Enrol faces one after the other, as if each were alone in a picture."""
    with store.writing() as writer:
        return [writer.add_faces(collection, [face])[0][0] for face in faces]


def ids(store: SqlStore, collection: Collection, **narrowed: object) -> list[str]:
    options = {"after_key": 0, "most": 1000} | narrowed
    with store.reading() as reader:
        return [face.face_id for face in reader.faces(collection, **options)]  # type: ignore[arg-type]


def test_an_enrolled_face_is_told_with_all_that_is_known_of_it(store: SqlStore, staff: Collection) -> None:
    new = new_face(7, "ann")
    (enrolled,) = enrol(store, staff, new)
    assert enrolled == EnrolledFace(
        key=enrolled.key,
        face_id=new.face_id,
        image_id=new.image_id,
        external_image_id="ann",
        user_id=None,
        box=new.box,
        confidence=new.confidence,
        quality=new.quality,
        enrolled_at=enrolled.enrolled_at,
        source="unknown",
    )
    assert abs(enrolled.enrolled_at - datetime.now(UTC)) < timedelta(minutes=1)
    with store.reading() as reader:
        assert reader.face(staff, new.face_id) == enrolled
        assert reader.faces(staff, after_key=0, most=10) == [enrolled]
        assert reader.faces_by_key(staff, [enrolled.key]) == {enrolled.key: enrolled}
        assert reader.count_faces(staff) == 1


def test_a_face_that_nobody_enrolled_is_not_found(store: SqlStore, staff: Collection) -> None:
    with store.reading() as reader:
        with pytest.raises(FaceNotFound, match=face_id(7)):
            reader.face(staff, face_id(7))
        assert reader.faces_by_key(staff, [7]) == {}


def test_adding_no_faces_adds_none(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        assert writer.add_faces(staff, []) == []
    assert ids(store, staff) == []


def test_a_face_that_is_there_already_is_answered_as_it_is(store: SqlStore, staff: Collection) -> None:
    (there,) = enrol(store, staff, new_face(1, "ann"))
    with store.writing() as writer:
        answers = writer.add_faces(staff, [new_face(2), new_face(1, "somebody else")])
    assert [is_new for _, is_new in answers] == [True, False]
    assert answers[1][0] == there
    assert ids(store, staff) == [face_id(1), face_id(2)]


def test_a_face_that_comes_twice_at_once_is_new_once(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        answers = writer.add_faces(staff, [new_face(1, "first"), new_face(2), new_face(1, "second")])
    assert [is_new for _, is_new in answers] == [True, True, False]
    assert answers[0][0] == answers[2][0]
    assert answers[0][0].external_image_id == "first"
    assert ids(store, staff) == [face_id(1), face_id(2)]


def test_the_same_face_may_be_in_two_collections(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        guests = writer.create_collection("guests", PACK, {})
        ((_, is_new),) = writer.add_faces(staff, new_faces(1))
        ((enrolled, is_new_too),) = writer.add_faces(guests, new_faces(1))
        assert (is_new, is_new_too) == (True, True)
        writer.delete_faces(staff, [enrolled.key])  # not a face of this collection
    assert ids(store, staff) == ids(store, guests) == [face_id(1)]
    with store.reading() as reader:
        assert reader.faces_by_key(staff, [enrolled.key]) == {}
        assert len(reader.templates(staff, [enrolled.key]).keys) == 0


def test_faces_are_listed_in_the_order_of_their_enrolment(store: SqlStore, staff: Collection) -> None:
    for number in (5, 3, 9, 1):
        enrol(store, staff, *new_faces(number))
    assert ids(store, staff) == [face_id(number) for number in (5, 3, 9, 1)]


def test_faces_enrolled_together_are_answered_in_their_order(store: SqlStore, staff: Collection) -> None:
    numbers = [*range(500, 400, -1), *range(800, 900)]
    with store.writing() as writer:
        answers = writer.add_faces(staff, new_faces(*numbers))
    assert [face.face_id for face, _ in answers] == [face_id(number) for number in numbers]


def test_faces_enrolled_together_are_listed_in_their_order(store: SqlStore, staff: Collection) -> None:
    numbers = [*range(500, 400, -1), *range(800, 900)]
    with store.writing() as writer:
        writer.add_faces(staff, new_faces(*numbers))
    assert ids(store, staff) == [face_id(number) for number in numbers]


def test_pages_of_faces_follow_each_other_by_key(store: SqlStore, staff: Collection) -> None:
    enrolled = enrol(store, staff, *new_faces(*range(1, 8)))
    pages, after = [], 0
    with store.reading() as reader:
        while page := reader.faces(staff, after_key=after, most=3):
            pages.append([face.key for face in page])
            after = page[-1].key
    keys = [face.key for face in enrolled]
    assert pages == [keys[:3], keys[3:6], keys[6:]]


def test_faces_are_narrowed_down_by_id(store: SqlStore, staff: Collection) -> None:
    enrolled = enrol(store, staff, *new_faces(1, 2, 3, 4))
    wanted = [face_id(4), face_id(99), face_id(2), face_id(2)]
    assert ids(store, staff, face_ids=wanted) == [face_id(2), face_id(4)]
    assert ids(store, staff, face_ids=wanted, most=1) == [face_id(2)]
    assert ids(store, staff, face_ids=wanted, after_key=enrolled[1].key) == [face_id(4)]
    assert ids(store, staff, face_ids=[]) == []


def test_faces_are_narrowed_down_by_user(store: SqlStore, staff: Collection) -> None:
    enrolled = enrol(store, staff, *new_faces(1, 2, 3))
    with store.writing() as writer:
        user = writer.create_user(staff, "ann")
        writer.associate(staff, user, [face.key for face in enrolled[:2]])
    assert ids(store, staff, user=user) == [face_id(1), face_id(2)]
    assert ids(store, staff, user=user, face_ids=[face_id(2), face_id(3)]) == [face_id(2)]
    assert ids(store, staff, user=user, after_key=enrolled[0].key) == [face_id(2)]


def test_a_deleted_face_is_gone(store: SqlStore, staff: Collection) -> None:
    first, second, third = enrol(store, staff, *new_faces(1, 2, 3))
    with store.writing() as writer:
        writer.delete_faces(staff, [second.key])
    assert ids(store, staff) == [face_id(1), face_id(3)]
    with store.reading() as reader:
        assert reader.count_faces(staff) == 2
        assert reader.templates(staff, [first.key, second.key, third.key]).keys.tolist() == [
            first.key,
            third.key,
        ]
        with pytest.raises(FaceNotFound):
            reader.face(staff, face_id(2))


def test_a_deleted_face_is_gone_after_reopening(database: Database) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        gone, stays = enrol(store, staff, *new_faces(1, 2))
        with store.writing() as writer:
            writer.delete_faces(staff, [gone.key])
    with database.opened() as store:
        assert ids(store, staff) == [face_id(2)]
        assert [block.keys.tolist() for block in store.all_templates(staff)] == [[stays.key]]


def test_deleting_answers_with_digests_of_what_was_sealed_in_the_order_of_enrolment(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    faces = enrol(store, staff, *new_faces(1, 2, 3))
    sealed = [bytes(row[0]) for row in database.statement("SELECT template FROM faces ORDER BY key")]
    keys = [face.key for face in faces]
    with store.writing() as writer:
        digests = writer.delete_faces(staff, [keys[2], keys[0], 10**9, keys[2]])
    assert digests == [hashlib.sha256(sealed[place]).digest() for place in (0, 2)]


def test_a_faces_source_and_time_are_told(store: SqlStore, staff: Collection) -> None:
    before = datetime.now(UTC)
    (face,) = enrol(store, staff, replace(new_face(1), source="self-enrolled"))
    assert face.source == "self-enrolled"
    assert before <= face.enrolled_at <= datetime.now(UTC)


def test_deleting_what_is_not_there_deletes_nothing(store: SqlStore, staff: Collection) -> None:
    (face,) = enrol(store, staff, *new_faces(1))
    with store.writing() as writer:
        writer.delete_faces(staff, [face.key + 1, face.key + 2])
        writer.delete_faces(staff, [])
    assert ids(store, staff) == [face_id(1)]


def test_a_deleted_face_can_be_enrolled_again(store: SqlStore, staff: Collection) -> None:
    (first,) = enrol(store, staff, *new_faces(1))
    with store.writing() as writer:
        writer.delete_faces(staff, [first.key])
        ((again, is_new),) = writer.add_faces(staff, new_faces(1))
    assert is_new
    assert ids(store, staff) == [face_id(1)]
    assert again.key > first.key, "a key is never given twice"


def test_a_key_is_not_given_again_after_reopening(database: Database) -> None:
    with database.opened() as store, store.writing() as writer:
        staff = writer.create_collection("staff", PACK, {})
        ((face, _),) = writer.add_faces(staff, new_faces(1))
        user = writer.create_user(staff, "ann")
        writer.delete_collection(staff)
    with database.opened() as store, store.writing() as writer:
        again = writer.create_collection("staff", PACK, {})
        ((new, _),) = writer.add_faces(again, new_faces(2))
        assert (again.key > staff.key, new.key > face.key) == (True, True)
        assert writer.create_user(again, "ann").key > user.key


def test_more_keys_than_a_statement_takes_can_be_asked_for(store: SqlStore, staff: Collection) -> None:
    (face,) = enrol(store, staff, *new_faces(1))
    keys = list(range(face.key, face.key + MORE_THAN_A_STATEMENT_TAKES))
    with store.writing() as writer:
        assert list(writer.faces_by_key(staff, keys)) == [face.key]
        writer.delete_faces(staff, keys)
        assert writer.count_faces(staff) == 0
