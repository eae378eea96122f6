"""An old copy of the database, or of the file of subject keys, is put back: who was erased stays erased."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from contract.databases import Database
from contract.erasing import (
    destroyed,
    enrol,
    entries,
    erase,
    generation_of,
    leaf_of,
    names,
    read,
    state_of,
    tree_of,
)
from countenance.errors import MasterKeyInvalid
from countenance.gallery.values import Collection
from countenance.jobs.values import NewItem
from countenance.store import FileKeyring, SqlStore, destroying
from new_faces import PACK, face_id, new_face, template
from new_jobs import names_of, now_is, with_items


def test_an_old_database_with_the_file_as_it_is_opens_everybody_but_the_erased(
    database: Database,
) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        ann, _ = enrol(store, staff, "ann", "bob")
        backup, leaf = database.copy(), leaf_of(database, "external:ann")
        erase(store, staff, ann)
    database.put_back(backup)
    assert names(database) == {"external:ann", "external:bob"}
    assert not tree_of(database).is_live(leaf)
    with capture_logs() as logs, database.opened() as store:
        assert list(read(store, staff)) == [face_id(2)]
        assert np.array_equal(read(store, staff)[face_id(2)], template(2))
        assert names(database) == {"external:bob"}
        assert entries(store, "erase_again") == [
            {
                "v": 1,
                "request": "-",
                "key": "system",
                "operation": "erase_again",
                "outcome": "done",
                "subjects": 1,
                "faces": 1,
            }
        ]
        with store.reading() as reader:
            assert [face.face_id for face in reader.faces(staff, after_key=0, most=9)] == [face_id(2)]
    (warning,) = (log for log in logs if log["log_level"] == "warning")
    assert "newer than the database" in warning["event"]
    assert (warning["subjects"], warning["faces"]) == (1, 1)
    assert generation_of(database) == state_of(database).generation == 1
    with capture_logs() as logs, database.opened() as store:
        assert len(entries(store, "erase_again")) == 1
    assert logs == []


def test_what_jobs_were_to_do_with_the_erased_is_forgotten_again(database: Database) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        ann, _ = enrol(store, staff, "ann", "bob")
        job = with_items(store, NewItem("1", "ann"), NewItem("2", "bob"), collection_id="staff")
        backup = database.copy()
        erase(store, staff, ann)
    database.put_back(backup)
    with database.opened() as store:
        assert names_of(store, job) == ["2"]
        assert now_is(store, job).progress.total == 1


def test_a_user_that_was_erased_since_is_erased_again_and_faces_of_others_stay(database: Database) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            added = writer.add_faces(staff, [new_face(1), new_face(2, "bob")])
            keys = [face.key for face, _ in added]
            writer.associate(staff, writer.create_user(staff, "ann"), keys)
            writer.create_user(staff, "eve")
        backup = database.copy()
        with store.writing() as writer:
            writer.delete_faces(staff, keys[:1])
            writer.delete_user(staff, writer.user(staff, "ann"))
    database.put_back(backup)
    with database.opened() as store, store.reading() as reader:
        (bob,) = reader.faces(staff, after_key=0, most=9)
        assert (bob.external_image_id, bob.user_id) == ("bob", None)
        assert [user.user_id for user in reader.users(staff, after_key=0, most=9)] == ["eve"]
        assert names(database) == {"external:bob", "user:eve"}


def test_after_an_old_database_was_put_back_nobody_new_gets_a_destroyed_key(database: Database) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        backup = database.copy()
        keys = enrol(store, staff, "ann", "bob", "eve")
        erase(store, staff, keys[0], keys[2])
    database.put_back(backup)
    with database.opened() as store:
        enrol(store, staff, "ann", "bob", "eve", "max")
        assert sorted(read(store, staff)) == sorted(map(face_id, (1, 2, 3, 4)))
    with database.opened() as store:
        assert len(read(store, staff)) == 4
        assert entries(store, "erase_again") == []


@pytest.mark.parametrize("leaves_at_once", [1, 3, 1 << 24])
def test_where_an_old_file_is_put_back_its_dead_keys_are_destroyed_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, leaves_at_once: int
) -> None:
    monkeypatch.setattr(destroying, "_LEAVES_AT_ONCE", leaves_at_once)
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        keys = enrol(store, staff, "ann", "bob", "eve", "max")
        old = database.subject_key_file.read_bytes()
        leaves = [leaf_of(database, f"external:{name}") for name in ("ann", "max")]
        erase(store, staff, keys[0])
        erase(store, staff, keys[3])
    database.subject_key_file.write_bytes(old)
    assert [tree_of(database).is_live(leaf) for leaf in leaves] == [True, True]
    with capture_logs() as logs, database.opened() as store:
        assert [tree_of(database).is_live(leaf) for leaf in leaves] == [False, False]
        assert sorted(read(store, staff)) == [face_id(2), face_id(3)]
        assert entries(store, "destroy_keys_again") == [
            destroyed(3, 2, "-") | {"operation": "destroy_keys_again"}
        ]
    (warning,) = (log for log in logs if log["log_level"] == "warning")
    assert "older copy of the subject keys" in warning["event"]
    assert generation_of(database) == state_of(database).generation == 3


def test_without_its_file_a_database_with_subjects_is_refused_and_gets_no_new_one(database: Database) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        (ann,) = enrol(store, staff, "ann")
    for _ in range(2):
        file = database.subject_key_file.rename(database.subject_key_file.with_name("away"))
        with pytest.raises(MasterKeyInvalid, match=r"is missing.*put the copy that you keep of it there"):
            database.opened()
        assert not database.subject_key_file.exists()
        file.rename(database.subject_key_file)
        with database.opened() as store:
            erase(store, staff, *([ann] if names(database) else []))


def test_another_database_does_not_open_with_the_file(
    database: Database, tmp_path: Path, store: SqlStore, staff: Collection
) -> None:
    enrol(store, staff, "ann")
    before = database.subject_key_file.read_bytes()
    another = f"sqlite:///{tmp_path / 'another.sqlite'}"
    with pytest.raises(MasterKeyInvalid, match="another database's"):
        SqlStore.open(another, FileKeyring(database.key_file), database.subject_key_file)
    assert database.subject_key_file.read_bytes() == before
