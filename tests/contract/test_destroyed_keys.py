"""Keys of erased subjects are destroyed in the file, wherever a server is killed or fails to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from contract import dying_process
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
from countenance.errors import StoreUnavailable, TemplateBroken
from countenance.gallery.values import Collection
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_faces, template


class Killed(BaseException):
    """What nothing in the store catches."""


def test_an_erased_subjects_key_is_in_the_file_no_more_and_all_others_are(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    ann, _, _ = enrol(store, staff, "ann", "bob", "eve")
    leaves = {name: leaf_of(database, f"external:{name}") for name in ("ann", "bob", "eve")}
    before = tree_of(database)
    erase(store, staff, ann)
    tree = tree_of(database)
    with pytest.raises(TemplateBroken, match="destroyed"):
        tree.key(leaves["ann"])
    for name in ("bob", "eve"):
        assert tree.key(leaves[name]) == before.key(leaves[name])
    assert (state_of(database).generation, generation_of(database)) == (1, 1)
    assert database.statement("SELECT * FROM dead_leaves") == []


def test_each_request_has_an_entry_that_says_how_many_keys_it_destroyed(
    store: SqlStore, staff: Collection
) -> None:
    keys = enrol(store, staff, "ann", "bob", "eve", "eve")
    erase(store, staff, *keys[:2], request="first")
    erase(store, staff, keys[2], request="second")
    erase(store, staff, keys[3], request="third")
    with store.writing() as writer:
        writer.add_faces(staff, new_faces(9))
        writer.delete_collection(staff)
    assert entries(store, "destroy_keys") == [
        destroyed(1, 2, "first"),
        destroyed(2, 1, "third"),
        destroyed(3, 1, "-"),
    ]


def delete_and_fail(store: SqlStore, staff: Collection, key: int) -> None:
    with store.writing() as writer:
        writer.delete_faces(staff, [key])
        raise Killed


def test_a_change_that_fails_destroys_no_key(store: SqlStore, staff: Collection, database: Database) -> None:
    (ann,) = enrol(store, staff, "ann")
    before = database.subject_key_file.read_bytes()
    with pytest.raises(Killed):
        delete_and_fail(store, staff, ann)
    assert database.subject_key_file.read_bytes() == before
    assert list(read(store, staff)) == [face_id(1)]


def before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countenance.store.subject_keys.SubjectKeyFile.replace", die)


def before_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countenance.store.sql_store.destroy_keys", die)


def before_the_new_file_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", die)


def after_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countenance.store.destroying.append_entries", die)


def before_the_log_is_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countenance.store.sql_store.overwrite_log", die)


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    "moment",
    [
        before_anything,
        before_the_file,
        before_the_new_file_has_its_name,
        after_the_file,
        before_the_log_is_overwritten,
    ],
)
def test_whatever_is_killed_is_brought_to_its_end_when_opened(
    database: Database, moment: Callable[[pytest.MonkeyPatch], None]
) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        ann, _ = enrol(store, staff, "ann", "bob")
        leaf = leaf_of(database, "external:ann")
        with pytest.MonkeyPatch.context() as monkeypatch:
            moment(monkeypatch)
            with pytest.raises(Killed):
                erase(store, staff, ann)
    for _ in range(2):
        with database.opened() as store:
            assert not tree_of(database).is_live(leaf)
            assert entries(store, "destroy_keys", "erase_again") == [destroyed(1, 1)]
            assert list(read(store, staff)) == [face_id(2)]
        assert database.statement("SELECT * FROM dead_leaves") == []
        assert generation_of(database) == state_of(database).generation == 1
        assert not database.subject_key_file.with_name("subject.keys.new").exists()


def test_a_process_that_dies_after_its_commit_leaves_the_rest_to_the_next(database: Database) -> None:
    with database.opened() as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        enrol(store, staff, "ann", "bob")
    leaf = leaf_of(database, "external:ann")
    command = [
        sys.executable,
        dying_process.__file__,
        database.url,
        str(database.key_file),
        str(database.subject_key_file),
        face_id(1),
    ]
    died = subprocess.run(command, check=False, env=os.environ)
    assert died.returncode == dying_process.DIED
    assert names(database) == {"external:bob"}
    assert tree_of(database).is_live(leaf)
    with database.opened() as store:
        assert not tree_of(database).is_live(leaf)
        assert entries(store, "destroy_keys") == [destroyed(1, 1, dying_process.REQUEST)]


def test_keys_that_cannot_be_destroyed_are_told_and_tried_again(
    store: SqlStore, staff: Collection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    ann, bob = enrol(store, staff, "ann", "bob")
    leaves = [leaf_of(database, f"external:{name}") for name in ("ann", "bob")]
    with capture_logs() as logs, monkeypatch.context() as full_disk:
        full_disk.setattr("countenance.store.subject_keys.write_private", fail)
        erase(store, staff, ann, request="first")  # it is erased, and acknowledged as such
        with pytest.raises(StoreUnavailable, match="No space left on device"):
            store.check()
    assert [log["event"] for log in logs] == ["keys of deleted subjects could not be destroyed yet"]
    assert tree_of(database).is_live(leaves[0])
    erase(store, staff, bob, request="second")
    assert [tree_of(database).is_live(leaf) for leaf in leaves] == [False, False]
    assert entries(store, "destroy_keys") == [destroyed(1, 1, "first"), destroyed(1, 1, "second")]
    store.check()


def test_a_check_tries_again(
    store: SqlStore, staff: Collection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = enrol(store, staff, "ann")
    leaf = leaf_of(database, "external:ann")
    with monkeypatch.context() as read_only:
        read_only.setattr("countenance.store.subject_keys.write_private", raise_permission_error)
        erase(store, staff, ann)
    assert tree_of(database).is_live(leaf)
    store.check()
    assert not tree_of(database).is_live(leaf)


def raise_permission_error(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_server_without_its_file_is_not_ready(store: SqlStore, database: Database) -> None:
    file = database.subject_key_file.rename(database.subject_key_file.with_name("away"))
    with pytest.raises(StoreUnavailable, match="is missing"):
        store.check()
    file.rename(database.subject_key_file)
    store.check()


def test_two_processes_destroy_keys_of_one_file(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    keys = enrol(store, staff, *(f"person {number}" for number in range(20)))
    with database.opened() as command:
        for turn, key in enumerate(keys[:16]):
            erase((store, command)[turn % 2], staff, key)
            for each in (store, command):
                with each.reading() as reader:
                    left = [face.key for face in reader.faces(staff, after_key=0, most=99)]
                    assert len(reader.templates(staff, left).keys) == 19 - turn
    assert generation_of(database) == state_of(database).generation == 16
    assert [tree_of(database).is_live(leaf) for leaf in range(20)] == [False] * 16 + [True] * 4


def test_a_face_that_comes_under_a_user_leaves_no_key_behind(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    with store.writing() as writer:
        ((face, _),) = writer.add_faces(staff, new_faces(1))
    leaf = leaf_of(database, f"face:{face_id(1)}")
    with store.writing() as writer:
        writer.associate(staff, writer.create_user(staff, "ann"), [face.key])
    assert not tree_of(database).is_live(leaf)
    assert np.array_equal(read(store, staff)[face_id(1)], template(1))
