"""A running server follows changes of its keyring, and of nothing else."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.errors import MasterKeyInvalid
from countenance.store import CommandKeyring, FileKeyring, SqlStore, ValueKeyring
from countenance.store.keyring import KEY_BYTES, Keyring
from countenance.store.rotation import begin_rotation, drop_retired
from countenance.store.sealing import MasterKeys
from new_faces import PACK, new_faces

PLACE = b"a place"
CONTENT = b"a data key"
NOW = datetime.now(UTC)


@pytest.fixture
def file(tmp_path: Path) -> FileKeyring:
    keyring = FileKeyring(tmp_path / "master.key")
    keyring.make()
    return keyring


def retired(file: FileKeyring, *ages: timedelta) -> list[str]:
    """Put so many retired keys into the file, and return the ids of all its keys."""
    for _ in ages:
        begin_rotation(file)
    *old, current = file.load().keys
    aged = [replace(key, retired_at=NOW - age) for key, age in zip(old, ages, strict=True)]
    file.replace(Keyring((*aged, current)))
    return [key.key_id for key in file.load().keys]


def test_a_rotated_file_is_noticed_at_the_next_sealing(file: FileKeyring) -> None:
    keys = MasterKeys(file)
    before = keys.seal(CONTENT, PLACE)
    begin_rotation(file)
    after = keys.seal(CONTENT, PLACE)
    assert after[1] == keys.current_id == file.load().current.key_id != before[1]
    assert keys.open(*before, PLACE) == keys.open(*after, PLACE) == CONTENT


def test_a_key_that_somebody_else_already_seals_with_is_read_when_it_is_met(file: FileKeyring) -> None:
    ours, theirs = MasterKeys(file), MasterKeys(file)
    begin_rotation(file)
    sealed = theirs.seal(CONTENT, PLACE)
    assert ours.open(*sealed, PLACE) == CONTENT


def test_a_key_that_was_removed_opens_nothing_any_more(file: FileKeyring) -> None:
    keys = MasterKeys(file)
    sealed = keys.seal(CONTENT, PLACE)
    begin_rotation(file)
    file.replace(Keyring((file.load().current,)))
    keys.seal(CONTENT, PLACE)
    with pytest.raises(MasterKeyInvalid, match=f"{sealed[1]}, which is not in the keyring"):
        keys.open(*sealed, PLACE)


def test_a_command_is_asked_again_when_a_key_is_missing(tmp_path: Path) -> None:
    printed = tmp_path / "printed"
    keyring = ValueKeyring(os.urandom(KEY_BYTES).hex()).load()
    printed.write_text(keyring.to_json())
    keys = MasterKeys(CommandKeyring(f"cat {printed}"))
    rotated = keyring.rotated(NOW)
    printed.write_text(rotated.to_json())
    sealed = MasterKeys(ValueKeyring(rotated.to_json())).seal(CONTENT, PLACE)
    assert keys.current_id == keyring.current.key_id
    assert keys.open(*sealed, PLACE) == CONTENT
    assert keys.current_id == rotated.current.key_id


def open_store(folder: Path) -> SqlStore:
    keyring = FileKeyring(folder / "master.key")
    return SqlStore.open(f"sqlite:///{folder / 'gallery.sqlite'}", keyring, folder / "subject.keys")


def test_a_key_file_that_was_taken_from_a_running_server_is_not_made_anew(tmp_path: Path) -> None:
    key_file = tmp_path / "master.key"
    with closing(open_store(tmp_path)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
        key_file.rename(tmp_path / "away")
        with suppress(MasterKeyInvalid), store.writing() as writer:
            writer.add_faces(staff, new_faces(1))
        made_anew = key_file.exists()
        (tmp_path / "away").rename(key_file)
    with closing(open_store(tmp_path)) as store:
        list(store.all_templates(staff))  # whatever was acknowledged opens with the file put back
    assert not made_anew


def test_retired_keys_are_dropped_after_a_day(file: FileKeyring) -> None:
    old, young, current = retired(file, timedelta(hours=25), timedelta(hours=23))
    assert drop_retired(file, in_use={current}) == 1
    assert [key.key_id for key in file.load().keys] == [young, current]
    assert old not in {key.key_id for key in file.load().keys}


def test_a_key_with_which_something_is_sealed_is_never_dropped(file: FileKeyring) -> None:
    old, older, current = retired(file, timedelta(days=400), timedelta(days=300))
    assert drop_retired(file, in_use={old}) == 1
    assert [key.key_id for key in file.load().keys] == [old, current]
    assert older not in {key.key_id for key in file.load().keys}


def test_the_current_key_is_never_dropped(file: FileKeyring) -> None:
    (current,) = retired(file)
    assert drop_retired(file, in_use=set(), kept=timedelta(0)) == 0
    assert [key.key_id for key in file.load().keys] == [current]


def test_a_file_from_which_nothing_is_dropped_is_not_written(file: FileKeyring) -> None:
    retired(file, timedelta(hours=1))
    stamp = file.stamp()
    assert drop_retired(file, in_use=set()) == 0
    assert file.stamp() == stamp


def test_times_in_a_keyring_may_come_without_a_zone(file: FileKeyring) -> None:
    _, current = retired(file, timedelta(days=2))
    text = file.load().to_json().replace("+00:00", "")
    keys = ValueKeyring(text).load()
    file.replace(keys)
    assert drop_retired(file, in_use=set()) == 1
    assert [key.key_id for key in file.load().keys] == [current]
