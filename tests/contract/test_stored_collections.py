"""Collections and their tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.databases import Database
from countenance.errors import CollectionExists, CollectionNotFound
from countenance.gallery.values import Collection
from countenance.store import SqlStore
from new_faces import PACK, new_face, new_faces

TABLES_OF_A_COLLECTION = ("tags", "subjects", "users", "faces")


def create(store: SqlStore, *names: str) -> list[Collection]:
    collections = []
    for name in names:
        with store.writing() as writer:
            collections.append(writer.create_collection(name, PACK, {}))
    return collections


def names_after(store: SqlStore, key: int, most: int = 100) -> list[str]:
    with store.reading() as reader:
        return [found.collection_id for found in reader.collections(after_key=key, most=most)]


def test_a_created_collection_is_there_with_its_pack_and_the_time_of_its_making(store: SqlStore) -> None:
    before = datetime.now(UTC)
    (created,) = create(store, "staff")
    with store.reading() as reader:
        found = reader.collection("staff")
    assert found == created
    assert (found.collection_id, found.pack) == ("staff", PACK)
    assert found.created_at.utcoffset() == timedelta(0)
    assert before <= found.created_at <= datetime.now(UTC)


def test_a_new_collection_is_empty(store: SqlStore, staff: Collection) -> None:
    with store.reading() as reader:
        assert (reader.count_faces(staff), reader.count_users(staff), reader.tags(staff)) == (0, 0, {})
        assert reader.faces(staff, after_key=0, most=10) == []
        assert reader.users(staff, after_key=0, most=10) == []
    assert list(store.all_templates(staff)) == []


def test_a_collection_that_nobody_made_is_not_found(store: SqlStore) -> None:
    with store.reading() as reader, pytest.raises(CollectionNotFound, match="nobody"):
        reader.collection("nobody")


def test_a_name_is_given_once(store: SqlStore, staff: Collection) -> None:
    with pytest.raises(CollectionExists, match="staff"), store.writing() as writer:
        writer.create_collection("staff", "another-pack", {"a": "b"})
    with store.reading() as reader:
        assert reader.collection("staff") == staff
        assert reader.tags(staff) == {}


def test_collections_are_listed_in_the_order_of_their_making(store: SqlStore) -> None:
    create(store, "zebra", "ant", "Zebra", "moth")
    assert names_after(store, 0) == ["zebra", "ant", "Zebra", "moth"]


def test_pages_of_collections_follow_each_other_by_key(store: SqlStore) -> None:
    made = create(store, "a", "b", "c", "d", "e")
    assert names_after(store, 0, most=2) == ["a", "b"]
    assert names_after(store, made[1].key, most=2) == ["c", "d"]
    assert names_after(store, made[3].key, most=2) == ["e"]
    assert names_after(store, made[4].key, most=2) == []


def test_a_page_is_not_moved_by_what_was_deleted_before_it(store: SqlStore) -> None:
    made = create(store, "a", "b", "c", "d")
    with store.writing() as writer:
        writer.delete_collection(made[0])
        writer.delete_collection(made[1])
    assert names_after(store, made[1].key) == ["c", "d"]


def test_names_of_collections_are_case_sensitive(store: SqlStore) -> None:
    lower, upper = create(store, "staff", "Staff")
    with store.reading() as reader:
        assert (reader.collection("staff"), reader.collection("Staff")) == (lower, upper)
        with pytest.raises(CollectionNotFound):
            reader.collection("STAFF")


def test_a_collection_is_deleted_with_all_that_is_its_own(store: SqlStore, database: Database) -> None:
    gone, stays = create(store, "gone", "stays")
    for collection in (gone, stays):
        with store.writing() as writer:
            writer.set_tags(collection, {"floor": "3"})
            added = writer.add_faces(collection, [new_face(1), new_face(2, "ann")])
            writer.associate(collection, writer.create_user(collection, "u"), [face.key for face, _ in added])
    with store.writing() as writer:
        writer.delete_collection(gone)
    for table in TABLES_OF_A_COLLECTION:
        left = database.statement(f"SELECT DISTINCT collection_key FROM {table}")  # noqa: S608
        assert left == [(stays.key,)], table
    with store.reading() as reader:
        assert [found.collection_id for found in reader.collections(after_key=0, most=9)] == ["stays"]
        assert (reader.count_faces(stays), reader.count_users(stays)) == (2, 1)
        with pytest.raises(CollectionNotFound):
            reader.collection("gone")


def test_a_collection_made_anew_under_a_name_is_another_one(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        writer.add_faces(staff, new_faces(1, 2))
        writer.delete_collection(staff)
    (again,) = create(store, "staff")
    assert again.key > staff.key
    with store.reading() as reader:
        assert reader.count_faces(again) == 0
    assert list(store.all_templates(again)) == []


def test_a_hidden_collection_is_nowhere_to_be_found_and_its_id_is_free(store: SqlStore) -> None:
    gone, _ = create(store, "gone", "staff")
    with store.writing() as writer:
        writer.add_faces(gone, [new_face(1, "ann")])
        writer.create_user(gone, "ann")
        writer.hide_collection(gone, "a request")
    assert names_after(store, 0) == ["staff"]
    with store.writing() as writer:
        with pytest.raises(CollectionNotFound):
            writer.collection("gone")
        with pytest.raises(CollectionNotFound):
            writer.collection(f"deleted:{gone.key}")
        assert writer.faces_of_subject("ann") == []
        assert writer.users_of_subject("ann") == []
        again = writer.create_collection("gone", PACK, {})
    assert again.key > gone.key
    assert names_after(store, 0) == ["staff", "gone"]


def test_a_hidden_collection_is_deleted_in_steps(store: SqlStore, database: Database) -> None:
    (gone,) = create(store, "gone")
    with store.writing() as writer:
        writer.add_faces(gone, new_faces(1, 2, 3))
        writer.create_user(gone, "ann")
        writer.hide_collection(gone, "a request")
    with store.writing() as writer:
        ((hidden, request),) = writer.hidden_collections()
        assert request == "a request"
        assert (hidden.key, hidden.pack, hidden.created_at) == (gone.key, gone.pack, gone.created_at)
        faces = writer.faces(hidden, after_key=0, most=2)
        assert len(writer.templates(hidden, [face.key for face in faces]).keys) == 2
        assert len(writer.delete_faces(hidden, [face.key for face in faces])) == 2
    with store.writing() as writer:
        writer.delete_collection(hidden)
        assert writer.hidden_collections() == []
    content = database.content()
    assert not any(content[table] for table in ("collections", "tags", "subjects", "users", "faces"))


def test_tags_are_added_replaced_and_removed(store: SqlStore) -> None:
    with store.writing() as writer:
        tagged = writer.create_collection("tagged", PACK, {"floor": "3", "owner": ""})
        assert writer.tags(tagged) == {"floor": "3", "owner": ""}
    with store.writing() as writer:
        writer.set_tags(tagged, {"owner": "Zoë Müller ✓", "Owner": "another name"})
        writer.set_tags(tagged, {})
    with store.reading() as reader:
        assert reader.tags(tagged) == {"floor": "3", "owner": "Zoë Müller ✓", "Owner": "another name"}
    with store.writing() as writer:
        writer.remove_tags(tagged, ["floor", "owner", "never there"])
        writer.remove_tags(tagged, [])
    with store.reading() as reader:
        assert reader.tags(tagged) == {"Owner": "another name"}


def test_tags_belong_to_one_collection(store: SqlStore) -> None:
    first, second = create(store, "first", "second")
    with store.writing() as writer:
        writer.set_tags(first, {"floor": "1"})
        writer.set_tags(second, {"floor": "2"})
        writer.remove_tags(first, ["floor"])
    with store.reading() as reader:
        assert (reader.tags(first), reader.tags(second)) == ({}, {"floor": "2"})
