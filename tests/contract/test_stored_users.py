"""Users and the faces associated with them."""

from __future__ import annotations

import numpy as np
import pytest

from contract.databases import Database
from countenance.errors import UserExists, UserNotFound
from countenance.gallery.values import Collection, User
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, new_faces, template


def create(store: SqlStore, collection: Collection, *names: str) -> list[User]:
    with store.writing() as writer:
        return [writer.create_user(collection, name) for name in names]


def enrol(store: SqlStore, collection: Collection, *numbers: int) -> list[int]:
    with store.writing() as writer:
        return [writer.add_faces(collection, [face])[0][0].key for face in new_faces(*numbers)]


def owners(store: SqlStore, collection: Collection) -> dict[str, str | None]:
    with store.reading() as reader:
        return {face.face_id: face.user_id for face in reader.faces(collection, after_key=0, most=100)}


def subjects(database: Database) -> list[str]:
    return sorted(name for (name,) in database.statement("SELECT name FROM subjects"))


def test_a_new_user_has_no_faces(store: SqlStore, staff: Collection) -> None:
    (user,) = create(store, staff, "ann")
    assert user == User(user.key, "ann", face_count=0)
    with store.reading() as reader:
        assert reader.user(staff, "ann") == user
        assert reader.users(staff, after_key=0, most=10) == [user]
        assert reader.users_by_key(staff, [user.key, user.key + 1]) == {user.key: user}
        assert reader.count_users(staff) == 1
        assert reader.faces(staff, after_key=0, most=10, user=user) == []


def test_a_user_that_nobody_made_is_not_found(store: SqlStore, staff: Collection) -> None:
    with store.reading() as reader, pytest.raises(UserNotFound, match="ann"):
        reader.user(staff, "ann")


def test_a_user_is_made_once(store: SqlStore, staff: Collection) -> None:
    create(store, staff, "ann")
    with pytest.raises(UserExists, match="ann"):
        create(store, staff, "ann")
    with store.reading() as reader:
        assert reader.count_users(staff) == 1


def test_users_of_two_collections_may_have_the_same_name(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        guests = writer.create_collection("guests", PACK, {})
    ours, theirs = create(store, staff, "ann")[0], create(store, guests, "ann")[0]
    with store.writing() as writer:
        writer.delete_user(staff, ours)
        assert writer.user(guests, "ann") == theirs


def test_names_of_users_are_case_sensitive(store: SqlStore, staff: Collection) -> None:
    lower, upper = create(store, staff, "ann", "Ann")
    with store.reading() as reader:
        assert (reader.user(staff, "ann"), reader.user(staff, "Ann")) == (lower, upper)
        with pytest.raises(UserNotFound):
            reader.user(staff, "ANN")


def test_users_are_listed_and_paged_in_the_order_of_their_making(store: SqlStore, staff: Collection) -> None:
    users = create(store, staff, "z", "a", "m", "b", "y")
    with store.reading() as reader:
        assert reader.users(staff, after_key=0, most=3) == users[:3]
        assert reader.users(staff, after_key=users[2].key, most=3) == users[3:]
        assert reader.users(staff, after_key=users[4].key, most=3) == []


def test_associated_faces_are_the_users(store: SqlStore, staff: Collection) -> None:
    keys = enrol(store, staff, 1, 2, 3)
    (user,) = create(store, staff, "ann")
    with store.writing() as writer:
        writer.associate(staff, user, keys[:2])
    assert owners(store, staff) == {face_id(1): "ann", face_id(2): "ann", face_id(3): None}
    with store.reading() as reader:
        assert reader.user(staff, "ann").face_count == 2
        block = reader.templates(staff, keys)
    assert block.user_keys.tolist() == [user.key, user.key, 0]


def test_faces_of_another_collection_cannot_be_associated(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        guests = writer.create_collection("guests", PACK, {})
    theirs = enrol(store, guests, 1)
    (user,) = create(store, staff, "ann")
    with store.writing() as writer:
        writer.associate(staff, user, theirs)
        assert writer.user(staff, "ann").face_count == 0
        writer.associate(guests, writer.create_user(guests, "bob"), theirs)
        writer.disassociate(staff, theirs)
    assert owners(store, guests) == {face_id(1): "bob"}


def test_associating_again_changes_nothing(store: SqlStore, staff: Collection, database: Database) -> None:
    keys = enrol(store, staff, 1)
    (user,) = create(store, staff, "ann")
    for _ in range(2):
        with store.writing() as writer:
            writer.associate(staff, user, keys)
            writer.associate(staff, user, [])
        assert owners(store, staff) == {face_id(1): "ann"}
        assert subjects(database) == ["user:ann"]


def test_a_disassociated_face_stays_without_a_user(store: SqlStore, staff: Collection) -> None:
    keys = enrol(store, staff, 1, 2)
    (user,) = create(store, staff, "ann")
    with store.writing() as writer:
        writer.associate(staff, user, keys)
        writer.disassociate(staff, keys[:1])
    assert owners(store, staff) == {face_id(1): None, face_id(2): "ann"}
    with store.reading() as reader:
        assert reader.user(staff, "ann").face_count == 1


def test_a_face_can_go_from_one_user_to_another(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    keys = enrol(store, staff, 1)
    ann, bob = create(store, staff, "ann", "bob")
    with store.writing() as writer:
        writer.associate(staff, ann, keys)
        writer.associate(staff, bob, keys)
    assert owners(store, staff) == {face_id(1): "bob"}
    assert subjects(database) == ["user:ann", "user:bob"]
    assert database.statement("SELECT name FROM faces JOIN subjects ON faces.subject_key = subjects.key") == [
        ("user:bob",)
    ]
    with store.reading() as reader:
        assert (reader.user(staff, "ann").face_count, reader.user(staff, "bob").face_count) == (0, 1)


def test_a_deleted_user_leaves_its_faces(store: SqlStore, staff: Collection) -> None:
    keys = enrol(store, staff, 1, 2)
    ann, bob = create(store, staff, "ann", "bob")
    with store.writing() as writer:
        writer.associate(staff, ann, keys[:1])
        writer.associate(staff, bob, keys[1:])
        writer.delete_user(staff, writer.user(staff, "ann"))
    assert owners(store, staff) == {face_id(1): None, face_id(2): "bob"}
    with store.reading() as reader:
        assert [user.user_id for user in reader.users(staff, after_key=0, most=10)] == ["bob"]
        with pytest.raises(UserNotFound):
            reader.user(staff, "ann")


def test_a_user_made_anew_does_not_get_the_old_faces(store: SqlStore, staff: Collection) -> None:
    keys = enrol(store, staff, 1)
    (ann,) = create(store, staff, "ann")
    with store.writing() as writer:
        writer.associate(staff, ann, keys)
        writer.delete_user(staff, ann)
    (again,) = create(store, staff, "ann")
    assert again.key > ann.key
    assert again.face_count == 0


def test_templates_outlive_every_change_of_user(store: SqlStore, staff: Collection) -> None:
    keys = enrol(store, staff, 1, 2)
    ann, bob = create(store, staff, "ann", "bob")
    with store.writing() as writer:
        writer.associate(staff, ann, keys)
        writer.associate(staff, bob, keys[1:])
        writer.disassociate(staff, keys[1:])
        writer.delete_user(staff, ann)
    with store.reading() as reader:
        block = reader.templates(staff, keys)
    assert np.array_equal(block.vectors, np.stack([template(1), template(2)]))
    assert block.user_keys.tolist() == [0, 0]


def test_a_subject_is_an_external_image_id_else_a_user_else_a_face(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    with store.writing() as writer:
        added = writer.add_faces(
            staff, [new_face(1, "x"), new_face(2, "x"), new_face(3), new_face(4), new_face(5)]
        )
        keys = [face.key for face, _ in added]
        writer.associate(staff, writer.create_user(staff, "x"), [keys[0], keys[2], keys[3]])
    assert subjects(database) == ["external:x", f"face:{face_id(5)}", "user:x"]
    with store.writing() as writer:
        writer.disassociate(staff, [keys[0], keys[2]])
    assert subjects(database) == ["external:x", f"face:{face_id(3)}", f"face:{face_id(5)}", "user:x"]


def test_a_user_is_a_subject_with_and_without_faces(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    with store.writing() as writer:
        ((face, _),) = writer.add_faces(staff, [new_face(1)])
        ann = writer.create_user(staff, "ann")
    assert subjects(database) == [f"face:{face_id(1)}", "user:ann"]
    with store.writing() as writer:
        writer.associate(staff, ann, [face.key])
        writer.delete_faces(staff, [face.key])
    assert subjects(database) == ["user:ann"]
    with store.writing() as writer:
        writer.delete_user(staff, ann)
    assert subjects(database) == []


def test_a_subjects_data_key_goes_with_its_last_face(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    with store.writing() as writer:
        added = writer.add_faces(staff, [new_face(1, "x"), new_face(2, "x"), new_face(3)])
    keys = [face.key for face, _ in added]
    with store.writing() as writer:
        writer.delete_faces(staff, [keys[0], keys[2]])
    assert subjects(database) == ["external:x"]
    with store.writing() as writer:
        writer.delete_faces(staff, [keys[1]])
    assert subjects(database) == []


def test_an_external_image_id_that_comes_again_gets_another_data_key(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    leaves = []
    for number in (1, 2):
        with store.writing() as writer:
            ((face, _),) = writer.add_faces(staff, [new_face(number, "x")])
        leaves += database.statement("SELECT leaf FROM subjects")
        with store.writing() as writer:
            writer.delete_faces(staff, [face.key])
    assert len(leaves) == len(set(leaves)) == 2
