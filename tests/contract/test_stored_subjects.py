"""Subjects: their pseudonyms, portraits, faces and users in all collections, and when they last came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from contract.databases import Database
from countenance.errors import FaceNotFound, TemplateBroken
from countenance.gallery.values import Collection, EnrolledFace, NewFace
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, new_faces

PORTRAIT = b"\xff\xd8 a small picture \xff\xd9"
PLUS_TWO = timezone(timedelta(hours=2))


def enrol(store: SqlStore, collection: Collection, *faces: NewFace) -> list[EnrolledFace]:
    with store.writing() as writer:
        return [face for face, _ in writer.add_faces(collection, faces)]


def pseudonyms(store: SqlStore, collection: Collection, *names: str) -> dict[str, str]:
    with store.reading() as reader:
        return reader.pseudonyms(collection, names)


def portrait(store: SqlStore, collection: Collection, number: int) -> bytes | None:
    with store.reading() as reader:
        return reader.portrait(collection, face_id(number))


def with_portrait(number: int, name: str | None = None) -> NewFace:
    return replace(new_face(number, name), portrait=PORTRAIT + bytes([number]))


def last(store: SqlStore, collection: Collection, name: str) -> datetime:
    with store.reading() as reader:
        return reader.last_interaction(collection, [name])[name]


def test_each_subject_has_a_pseudonym_that_tells_nothing_and_stays(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, new_face(1, "ann"), new_face(2, "bob"), new_face(3))
    with store.writing() as writer:
        writer.create_user(staff, "ann")
    names = ("external:bob", "external:ann", f"face:{face_id(3)}", "user:ann")
    found = pseudonyms(store, staff, *names, "external:eve", f"face:{face_id(1)}")
    assert set(found) == set(names)
    assert len(set(found.values())) == 4
    assert all(len(bytes.fromhex(each)) == 16 for each in found.values())
    enrol(store, staff, new_face(4, "ann"))
    with database.opened() as again:
        assert pseudonyms(again, staff, *names) == found


def test_the_same_name_in_two_collections_has_two_pseudonyms(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        guests = writer.create_collection("guests", PACK, {})
    for collection in (staff, guests):
        enrol(store, collection, new_face(1, "ann"))
    assert pseudonyms(store, staff, "external:ann") != pseudonyms(store, guests, "external:ann")


def test_who_is_enrolled_again_after_erasure_has_another_pseudonym(
    store: SqlStore, staff: Collection
) -> None:
    seen = []
    for _ in range(3):
        (face,) = enrol(store, staff, new_face(1, "ann"))
        seen.append(pseudonyms(store, staff, "external:ann")["external:ann"])
        with store.writing() as writer:
            writer.delete_faces(staff, [face.key])
        assert pseudonyms(store, staff, "external:ann") == {}
    assert len(set(seen)) == 3


def test_a_portrait_is_kept_sealed_and_read_back(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, with_portrait(1, "ann"), new_face(2))
    assert portrait(store, staff, 1) == PORTRAIT + b"\1"
    assert portrait(store, staff, 2) is None
    with pytest.raises(FaceNotFound):
        portrait(store, staff, 3)
    ((sealed,),) = database.statement("SELECT portrait FROM faces WHERE portrait IS NOT NULL")
    assert PORTRAIT not in bytes(sealed)


def test_a_portrait_outlives_every_change_of_user(store: SqlStore, staff: Collection) -> None:
    (face,) = enrol(store, staff, with_portrait(1))
    with store.writing() as writer:
        ann, bob = writer.create_user(staff, "ann"), writer.create_user(staff, "bob")
        writer.associate(staff, ann, [face.key])
    assert portrait(store, staff, 1) == PORTRAIT + b"\1"
    with store.writing() as writer:
        writer.associate(staff, bob, [face.key])
        writer.delete_user(staff, ann)
        writer.disassociate(staff, [face.key])
    assert portrait(store, staff, 1) == PORTRAIT + b"\1"


MOVES = {
    "from another face of the same person": "(SELECT portrait FROM faces WHERE face_id = :twin)",
    "from where the template is": "template",
    "cut off": "substr(portrait, 1, 20)",
}


@pytest.mark.parametrize("move", MOVES)
def test_a_portrait_that_was_moved_or_altered_does_not_open(
    store: SqlStore, staff: Collection, database: Database, move: str
) -> None:
    (face, _) = enrol(store, staff, with_portrait(1, "ann"), with_portrait(2, "ann"))
    values = {"twin": face_id(2)} if ":twin" in MOVES[move] else {}
    database.statement(
        f"UPDATE faces SET portrait = {MOVES[move]} WHERE face_id = :face",  # noqa: S608
        face=face_id(1),
        **values,
    )
    with pytest.raises(TemplateBroken, match="portrait"):
        portrait(store, staff, 1)
    with store.reading() as reader:
        assert len(reader.templates(staff, [face.key]).keys) == 1


def test_a_face_whose_portrait_is_damaged_can_change_hands_without_it(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    (face,) = enrol(store, staff, with_portrait(1))
    database.statement("UPDATE faces SET portrait = :rubbish", rubbish=bytes(60))
    with store.writing() as writer:
        writer.associate(staff, writer.create_user(staff, "ann"), [face.key])
    assert portrait(store, staff, 1) is None


def test_faces_and_users_of_a_subject_are_found_in_all_collections(
    store: SqlStore, staff: Collection
) -> None:
    with store.writing() as writer:
        guests = writer.create_collection("guests", PACK, {})
        writer.create_collection("nobody", PACK, {})
    enrol(store, staff, new_face(1, "ann"), new_face(2, "bob"))
    enrol(store, guests, new_face(3), new_face(4, "ann"), new_face(5))
    with store.writing() as writer:
        ann = writer.create_user(guests, "ann")
        keys = [writer.face(guests, face_id(number)).key for number in (3, 4)]
        writer.associate(guests, ann, keys)
        bob = writer.create_user(staff, "bob")
    with store.reading() as reader:
        found = [(collection, face.face_id) for collection, face in reader.faces_of_subject("ann")]
        assert found == [(staff, face_id(1)), (guests, face_id(3)), (guests, face_id(4))]
        faces = [reader.face(collection, each) for collection, each in found]
        assert [face for _, face in reader.faces_of_subject("ann")] == faces
        assert reader.users_of_subject("ann") == [(guests, reader.user(guests, "ann"))]
        assert reader.users_of_subject("bob") == [(staff, bob)]
        assert reader.faces_of_subject("eve") == []
        assert reader.users_of_subject("eve") == []


def test_the_last_interaction_is_the_last_enrolment(store: SqlStore, staff: Collection) -> None:
    before = datetime.now(UTC)
    enrol(store, staff, new_face(1, "ann"), new_face(2, "bob"))
    first, other = last(store, staff, "external:ann"), last(store, staff, "external:bob")
    assert before <= first == other <= datetime.now(UTC)
    enrol(store, staff, new_face(3, "ann"))
    assert last(store, staff, "external:ann") > first
    assert last(store, staff, "external:bob") == other
    with store.reading() as reader:
        assert reader.last_interaction(staff, ["external:eve"]) == {}


def test_a_face_that_is_there_already_is_no_interaction(store: SqlStore, staff: Collection) -> None:
    enrol(store, staff, new_face(1, "ann"))
    before = last(store, staff, "external:ann")
    enrol(store, staff, new_face(1, "ann"))
    assert last(store, staff, "external:ann") == before


def test_touching_a_subject_moves_the_time_forward_in_all_collections(
    store: SqlStore, staff: Collection
) -> None:
    with store.writing() as writer:
        guests = writer.create_collection("guests", PACK, {})
        writer.add_faces(staff, [new_face(1, "ann"), new_face(2, "bob"), *new_faces(3)])
        writer.create_user(guests, "ann")
    untouched = last(store, staff, "external:bob")
    later = datetime.now(PLUS_TWO) + timedelta(days=1)
    with store.writing() as writer:
        assert writer.touch_subjects("ann", later) == 2
    assert last(store, staff, "external:ann") == last(store, guests, "user:ann") == later
    assert last(store, staff, "external:bob") == untouched
    with store.writing() as writer:
        assert writer.touch_subjects("ann", later - timedelta(hours=1)) == 2
        assert writer.touch_subjects("eve", later) == 0
    assert last(store, staff, "external:ann") == later
