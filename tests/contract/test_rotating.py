"""Another master key, while a server goes on: everything opens before, meanwhile and afterwards."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import numpy as np
import pytest

from contract.databases import Database
from countenance.access import AccessKey, new_access_key
from countenance.errors import MasterKeyInvalid
from countenance.gallery import Gallery
from countenance.gallery.values import Collection
from countenance.store import FileKeyring, SqlStore, rotation
from countenance.store.keyring import Keyring
from countenance.store.subject_keys import SubjectKeys
from new_faces import face_id, new_face, template

SEALED_WITH_THE_MASTER_KEY = ("access_keys", "secrets")
BATCH = 10
MORE_THAN_A_BATCH = 25
MANY = 300


def rotate(database: Database) -> int:
    """Rotate as the command does: in another process's store, with the server's key file."""
    with database.opened() as command:
        return command.rotate_master_key(FileKeyring(database.key_file))


def keys_in_use(database: Database) -> set[str]:
    """Return the ids of the master keys that sealed something in the database, or the subject keys."""
    _, of_the_file, _ = database.subject_key_file.read_bytes().split(b"\n", 2)
    return {json.loads(of_the_file)} | {
        key_id
        for table in SEALED_WITH_THE_MASTER_KEY
        for (key_id,) in database.statement(f"SELECT DISTINCT master_key_id FROM {table}")  # noqa: S608
    }


def add_key(store: SqlStore) -> AccessKey:
    key = new_access_key("one", datetime.now(UTC))
    with store.writing() as writer:
        writer.add_key(key)
    return key


def all_vectors(store: SqlStore, collection: Collection) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.concatenate([block.vectors for block in store.all_templates(collection)])


def enrol(store: SqlStore, collection: Collection, *numbers: int) -> list[int]:
    with store.writing() as writer:
        added = writer.add_faces(collection, [new_face(number, f"person {number}") for number in numbers])
    return [face.key for face, _ in added]


def age_retired_keys(keyring: FileKeyring, age: timedelta) -> None:
    """Make it longer ago that keys were retired."""
    keys = (
        replace(key, retired_at=key.retired_at - age if key.retired_at else None)
        for key in keyring.load().keys
    )
    keyring.replace(Keyring(tuple(keys)))


def test_everything_is_sealed_anew_and_opens(
    store: SqlStore, staff: Collection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", BATCH)
    access_keys = [add_key(store) for _ in range(MORE_THAN_A_BATCH)]
    secret = store.secret("pagination")
    enrol(store, staff, 1, 2)
    before = all_vectors(store, staff)
    old = FileKeyring(database.key_file).load().current

    of_the_server = 4  # the secret above, those of the ledger and of evidence, and the file of subject keys
    assert rotate(database) == MORE_THAN_A_BATCH + of_the_server

    new = FileKeyring(database.key_file).load().current
    assert new.key_id != old.key_id
    assert keys_in_use(database) == {new.key_id}
    assert np.array_equal(all_vectors(store, staff), before)
    assert sorted(store.keys(), key=str) == sorted(access_keys, key=str)
    assert store.secret("pagination") == secret


def test_a_server_seals_with_the_new_key_from_its_next_change_on(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    first, face_key = add_key(store), enrol(store, staff, 1)
    rotate(database)
    second = add_key(store)
    with store.writing() as writer:
        writer.delete_faces(staff, face_key)
    current = FileKeyring(database.key_file).load().current
    assert keys_in_use(database) == {current.key_id}
    assert store.keys() == [first, second]


def test_half_a_rotation_is_no_harm_and_the_next_one_ends_it(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    first, _ = add_key(store), enrol(store, staff, 1)
    keyring = FileKeyring(database.key_file)
    keyring.replace(keyring.load().rotated(datetime.now(UTC)))  # and then the command was killed
    second = add_key(store)
    assert len(keys_in_use(database)) == 2
    with database.opened() as again:
        assert np.array_equal(all_vectors(again, staff), template(1)[None])
        assert again.keys() == [first, second]
    rotate(database)
    assert keys_in_use(database) == {keyring.load().current.key_id}
    assert np.array_equal(all_vectors(store, staff), template(1)[None])
    assert store.keys() == [first, second]


def test_subject_keys_that_are_sealed_anew_are_the_same_keys(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    gone, _ = enrol(store, staff, 1, 2)
    with store.writing() as writer:
        writer.delete_faces(staff, [gone])
        before = writer.pseudonyms(staff, ["external:person 2"])
    generation = database.statement("SELECT key_generation FROM ledger_head")
    rotate(database)
    with database.opened() as again, again.reading() as reader:
        assert reader.pseudonyms(staff, ["external:person 2"]) == before
    assert database.statement("SELECT key_generation FROM ledger_head") == generation == [(1,)]


def test_templates_themselves_are_not_sealed_anew(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, 1, 2)
    before = database.statement("SELECT key, template FROM faces ORDER BY key")
    rotate(database)
    assert database.statement("SELECT key, template FROM faces ORDER BY key") == before


def test_a_key_that_was_retired_a_day_ago_is_dropped_by_the_next_rotation(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, 1)
    keyring = FileKeyring(database.key_file)
    first = keyring.load().current
    rotate(database)
    second = keyring.load().current
    assert {key.key_id for key in keyring.load().keys} == {first.key_id, second.key_id}
    age_retired_keys(keyring, timedelta(days=1))
    rotate(database)
    third = keyring.load().current
    assert {key.key_id for key in keyring.load().keys} == {second.key_id, third.key_id}
    assert np.array_equal(all_vectors(store, staff), template(1)[None])


def test_what_a_server_sealed_before_it_saw_the_new_key_opens_and_is_sealed_anew_next_time(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    keyring = FileKeyring(database.key_file)
    enrol(store, staff, 1)
    old = keyring.load()
    rotate(database)
    rotated = keyring.load()
    # As the server saw it: it seals with the old key still, and asks for the new one when it meets it.
    behind = replace(rotated.current, retired_at=datetime.now(UTC))
    keyring.replace(Keyring((old.current, behind)))
    access_key = add_key(store)
    keyring.replace(rotated)
    assert len(keys_in_use(database)) == 2
    rotate(database)
    assert keys_in_use(database) == {keyring.load().current.key_id}
    assert store.keys() == [access_key]
    assert np.array_equal(all_vectors(store, staff), template(1)[None])


def test_the_key_that_seals_the_subject_keys_is_not_dropped(store: SqlStore, database: Database) -> None:
    keyring = FileKeyring(database.key_file)
    first = keyring.load().current
    rotated = keyring.load().rotated(datetime.now(UTC) - timedelta(days=3))
    keyring.replace(rotated)
    with patch.object(SubjectKeys, "seal_anew", return_value=0):
        rotate(database)
    assert first.key_id in {key.key_id for key in keyring.load().keys}
    store.check()


def test_without_its_old_key_a_copy_made_before_the_rotation_does_not_open(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, 1)
    before = database.subject_key_file.read_bytes()
    keyring = FileKeyring(database.key_file)
    old = keyring.load().current
    rotate(database)
    keyring.replace(Keyring((keyring.load().current,)))
    with database.opened() as again:
        assert np.array_equal(all_vectors(again, staff), template(1)[None])
    database.subject_key_file.write_bytes(before)
    with pytest.raises(MasterKeyInvalid, match=old.key_id):
        database.opened()


def test_a_server_goes_on_while_keys_are_rotated(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    gallery, rotated = Gallery(store, 10**9), threading.Event()
    enrol(store, staff, *range(MANY))

    def serve() -> set[int]:
        """Replace one face after the other, the last first, and return those that are left."""
        left = set(range(MANY))
        while not rotated.is_set() and min(left) < MANY:
            number = max(number for number in left if number < MANY)
            with gallery.changing() as change:
                change.delete_faces(staff, [change.writer.face(staff, face_id(number))])
                change.enrol(staff, [new_face(MANY + number, f"person {MANY + number}")])
            left ^= {number, MANY + number}
        return left

    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve)
        try:
            rotate(database)
            rotate(database)
        finally:
            rotated.set()
        left = serving.result()
    with store.reading() as reader:
        faces = reader.faces(staff, after_key=0, most=2 * MANY)
        assert {face.face_id for face in faces} == {face_id(number) for number in left}
        assert len(reader.templates(staff, [face.key for face in faces]).keys) == len(left)
