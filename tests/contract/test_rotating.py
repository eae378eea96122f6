"""Another master key, while a server goes on: everything opens before, meanwhile and afterwards."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from contract.databases import Database
from countenance.access import new_access_key
from countenance.errors import MasterKeyInvalid
from countenance.gallery import Gallery
from countenance.gallery.values import Collection
from countenance.store import FileKeyring, SqlStore
from countenance.store.keyring import Keyring
from new_faces import face_id, new_face, template

SEALED_WITH_THE_MASTER_KEY = ("subjects", "access_keys", "secrets")
MORE_THAN_A_BATCH = 2_100
MANY = 1_500


def rotate(database: Database) -> int:
    """Rotate as the command does: in another process's store, with the server's key file."""
    with database.opened() as command:
        return command.rotate_master_key(FileKeyring(database.key_file))


def keys_in_use(database: Database) -> set[str]:
    return {
        key_id
        for table in SEALED_WITH_THE_MASTER_KEY
        for (key_id,) in database.statement(f"SELECT DISTINCT master_key_id FROM {table}")  # noqa: S608
    }


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


def test_everything_is_sealed_anew_and_opens(store: SqlStore, staff: Collection, database: Database) -> None:
    access_key = new_access_key("one", datetime.now(UTC))
    store.add_key(access_key)
    secret = store.secret("pagination")
    enrol(store, staff, *range(MORE_THAN_A_BATCH))
    before = all_vectors(store, staff)
    old = FileKeyring(database.key_file).load().current

    of_the_server = 2  # the one above and the key that signs the ledger
    assert rotate(database) == MORE_THAN_A_BATCH + 1 + of_the_server

    new = FileKeyring(database.key_file).load().current
    assert new.key_id != old.key_id
    assert keys_in_use(database) == {new.key_id}
    assert np.array_equal(all_vectors(store, staff), before)
    assert (store.key(access_key.key_id), store.secret("pagination")) == (access_key, secret)


def test_a_server_seals_with_the_new_key_from_its_next_change_on(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, 1)
    rotate(database)
    enrol(store, staff, 2)
    current = FileKeyring(database.key_file).load().current
    assert keys_in_use(database) == {current.key_id}
    assert np.array_equal(all_vectors(store, staff), np.stack([template(1), template(2)]))


def test_half_a_rotation_is_no_harm_and_the_next_one_ends_it(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    (old_face,) = enrol(store, staff, 1)
    keyring = FileKeyring(database.key_file)
    keyring.replace(keyring.load().rotated(datetime.now(UTC)))  # and then the command was killed
    enrol(store, staff, 2)
    assert len(keys_in_use(database)) == 2
    with database.opened() as again:
        assert np.array_equal(all_vectors(again, staff), np.stack([template(1), template(2)]))
        with again.writing() as writer:
            writer.associate(staff, writer.create_user(staff, "ann"), [old_face])
    rotate(database)
    assert keys_in_use(database) == {keyring.load().current.key_id}
    assert np.array_equal(all_vectors(store, staff), np.stack([template(1), template(2)]))


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
    old = keyring.load()
    rotate(database)
    rotated = keyring.load()
    keyring.replace(old)
    enrol(store, staff, 1)
    keyring.replace(rotated)
    assert np.array_equal(all_vectors(store, staff), template(1)[None])
    rotate(database)
    assert keys_in_use(database) == {keyring.load().current.key_id}
    assert np.array_equal(all_vectors(store, staff), template(1)[None])


def test_without_its_old_key_a_copy_made_before_the_rotation_does_not_open(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    enrol(store, staff, 1)
    before = database.statement("SELECT key, wrapped_key, master_key_id FROM subjects")
    rotate(database)
    keyring = FileKeyring(database.key_file)
    keyring.replace(Keyring((keyring.load().current,)))
    with database.opened() as again:
        assert np.array_equal(all_vectors(again, staff), template(1)[None])
        ((key, wrapped, old_id),) = before
        database.statement(
            "UPDATE subjects SET wrapped_key = :wrapped, master_key_id = :old WHERE key = :key",
            wrapped=bytes(wrapped),
            old=old_id,
            key=key,
        )
        with pytest.raises(MasterKeyInvalid, match=old_id):
            all_vectors(again, staff)


def test_a_server_goes_on_while_keys_are_rotated(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    gallery, rotated = Gallery(store, 10**9), threading.Event()
    keys = dict(enumerate(enrol(store, staff, *range(MANY))))

    def serve() -> set[int]:
        """Replace one face after the other, the last first, and return those that are left."""
        left = set(keys)
        while not rotated.is_set() and min(left) < MANY:
            number = max(number for number in left if number < MANY)
            with gallery.changing() as change:
                change.delete_faces(staff, [keys[number]])
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
