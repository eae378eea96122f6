"""A transaction is there whole or not at all, is seen by nobody before its end, and stays."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from contract.databases import Database
from countenance.errors import CollectionNotFound, StoreUnavailable, UserNotFound
from countenance.gallery import Gallery
from countenance.gallery.ports import GalleryWriter
from countenance.gallery.values import Collection, RememberedAnswer
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, new_faces

WRITERS, ROUNDS = 4, 15


class Interrupted(Exception):
    """Something that goes wrong in the middle of a change."""


def change_everything(writer: GalleryWriter, staff: Collection) -> None:
    """Use every method that writes."""
    writer.create_collection("another", PACK, {"a": "b"})
    writer.delete_collection(writer.collection("doomed"))
    writer.set_tags(staff, {"floor": "4"})
    writer.remove_tags(staff, ["owner"])
    keys = [face.key for face, _ in writer.add_faces(staff, new_faces(10, 11))]
    writer.associate(staff, writer.create_user(staff, "carol"), keys)
    writer.disassociate(staff, [writer.face(staff, face_id(1)).key])
    writer.delete_faces(staff, [writer.face(staff, face_id(2)).key])
    writer.delete_user(staff, writer.user(staff, "bob"))
    writer.remember_answer("scope", "token", RememberedAnswer("d" * 64, "{}"))


def change_and_fail(store: SqlStore, staff: Collection) -> None:
    """Change everything, and then let the transaction fail."""
    with store.writing() as writer:
        change_everything(writer, staff)
        raise Interrupted


@pytest.fixture
def furnished(store: SqlStore, staff: Collection) -> Collection:
    """The collection, with something in it for every kind of change."""
    with store.writing() as writer:
        writer.create_collection("doomed", PACK, {})
        writer.set_tags(staff, {"floor": "3", "owner": "ann"})
        keys = [writer.add_faces(staff, [face])[0][0].key for face in (*new_faces(1, 2), new_face(3, "x"))]
        writer.associate(staff, writer.create_user(staff, "ann"), keys[:1])
        writer.associate(staff, writer.create_user(staff, "bob"), keys[2:])
    return staff


def test_a_transaction_that_fails_leaves_nothing(
    store: SqlStore, furnished: Collection, database: Database
) -> None:
    before = database.content()
    with pytest.raises(Interrupted):
        change_and_fail(store, furnished)
    assert database.content() == before


def test_a_transaction_that_ends_well_is_there_after_reopening(
    store: SqlStore, furnished: Collection, database: Database
) -> None:
    before = database.content()
    with store.writing() as writer:
        change_everything(writer, furnished)
    after = database.content()
    assert {name for name in before if before[name] != after[name]} == {
        "collections",
        "tags",
        "subjects",
        "users",
        "faces",
        "remembered_answers",
        "ledger_head",
        "ledger_entries",
        "ledger_nodes",
    }
    with database.opened() as again, again.reading() as reader:
        faces = reader.faces(furnished, after_key=0, most=10)
        assert {(face.face_id, face.user_id) for face in faces} == {
            (face_id(1), None),
            (face_id(3), None),
            (face_id(10), "carol"),
            (face_id(11), "carol"),
        }
        assert reader.tags(furnished) == {"floor": "4"}
        with pytest.raises(CollectionNotFound):
            reader.collection("doomed")
        with pytest.raises(UserNotFound):
            reader.user(furnished, "bob")


def test_a_writer_sees_its_own_changes_and_nobody_else_does(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        writer.add_faces(staff, new_faces(1))
        assert writer.count_faces(staff) == 1
        with store.reading() as reader:
            assert reader.count_faces(staff) == 0
        assert list(store.all_templates(staff)) == []
    with store.reading() as reader:
        assert reader.count_faces(staff) == 1


def test_a_reader_sees_one_moment_and_never_waits(store: SqlStore, staff: Collection) -> None:
    with store.reading() as reader:
        assert reader.count_faces(staff) == 0
        with store.writing() as writer:
            writer.add_faces(staff, new_faces(1))
            writer.create_user(staff, "ann")
        assert reader.count_faces(staff) == reader.count_users(staff) == 0
        assert reader.faces(staff, after_key=0, most=10) == []
    with store.reading() as reader:
        assert reader.count_faces(staff) == reader.count_users(staff) == 1


def test_writers_at_once_lose_nothing(store: SqlStore, staff: Collection) -> None:
    everyone_is_here = threading.Barrier(WRITERS)

    def work(number: int) -> None:
        everyone_is_here.wait()
        for turn in range(ROUNDS):
            mine = 100 * number + turn
            with store.writing() as writer:
                ((face, is_new),) = writer.add_faces(staff, [new_face(mine, f"person {mine}")])
                assert is_new
                user = writer.create_user(staff, f"user {mine}")
                if turn % 3 == 1:
                    writer.associate(staff, user, [face.key])
                elif turn % 3 == 2:
                    writer.delete_faces(staff, [face.key])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    expected = {
        face_id(100 * number + turn): f"user {100 * number + turn}" if turn % 3 == 1 else None
        for number in range(WRITERS)
        for turn in range(ROUNDS)
        if turn % 3 != 2
    }
    with store.reading() as reader:
        faces = reader.faces(staff, after_key=0, most=1000)
        assert {face.face_id: face.user_id for face in faces} == expected
        assert reader.count_users(staff) == WRITERS * ROUNDS


def test_writers_of_the_same_person_at_once_keep_what_was_acknowledged(
    store: SqlStore, staff: Collection
) -> None:
    """A database may turn one of two conflicting writers away; then nothing of that one's is there."""
    everyone_is_here = threading.Barrier(WRITERS)

    def work(number: int) -> set[str]:
        acknowledged = set()
        everyone_is_here.wait()
        for turn in range(ROUNDS):
            try:
                with store.writing() as writer:
                    writer.add_faces(staff, [new_face(100 * number + turn, f"person {turn}")])
            except StoreUnavailable:
                continue
            acknowledged.add(face_id(100 * number + turn))
        return acknowledged

    with ThreadPoolExecutor(WRITERS) as pool:
        acknowledged = set().union(*pool.map(work, range(WRITERS)))
    assert len(acknowledged) >= ROUNDS
    with store.reading() as reader:
        faces = reader.faces(staff, after_key=0, most=1000)
        assert {face.face_id for face in faces} == acknowledged
        assert len(reader.templates(staff, [face.key for face in faces]).keys) == len(acknowledged)


def test_callers_of_one_gallery_are_never_turned_away(store: SqlStore, staff: Collection) -> None:
    gallery = Gallery(store, 10**9)
    everyone_is_here = threading.Barrier(WRITERS)

    def work(number: int) -> None:
        everyone_is_here.wait()
        for turn in range(ROUNDS):
            with gallery.changing() as change:
                faces = change.enrol(staff, [new_face(100 * number + turn, f"person {turn}")])
            if turn % 2:
                with gallery.changing() as change:
                    change.delete_faces(staff, faces)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    with store.reading() as reader:
        faces = reader.faces(staff, after_key=0, most=1000)
    assert {face.face_id for face in faces} == {
        face_id(100 * number + turn) for number in range(WRITERS) for turn in range(0, ROUNDS, 2)
    }
