"""Where the master key comes from, and what is said when it is none."""

from __future__ import annotations

import base64
import json
import os
import shlex
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from countenance.errors import MasterKeyInvalid
from countenance.store import CommandKeyring, FileKeyring, ValueKeyring
from countenance.store.keyring import KEY_BYTES, Keyring, new_master_key, parse_keyring

SECRET = bytes(range(KEY_BYTES))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def entry(number: int, retired_at: str | None = None, key: bytes = SECRET) -> dict[str, str | None]:
    return {
        "id": f"key{number}",
        "key": base64.b64encode(key).decode(),
        "created_at": "2025-01-01T00:00:00Z",
        "retired_at": retired_at,
    }


def keyring_of(*entries: object) -> str:
    return json.dumps({"keys": entries})


def printing(path: Path, text: str) -> str:
    """Return a command that prints a text."""
    path.write_text(text)
    program = "import pathlib, sys; print(pathlib.Path(sys.argv[1]).read_text())"
    return shlex.join([sys.executable, "-c", program, str(path)])


def made_in(path: Path) -> Keyring:
    """Make a key file and return what is in it."""
    source = FileKeyring(path)
    source.make()
    return source.load()


def test_a_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "master.key"
    made = made_in(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(made.keys) == 1
    assert len(made.current.key) == KEY_BYTES
    assert list(path.parent.iterdir()) == [path]


def test_a_key_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made_in(tmp_path / "master.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600


def test_a_key_file_is_read_and_not_made_again(tmp_path: Path) -> None:
    made = made_in(tmp_path / "master.key")
    assert made_in(tmp_path / "master.key") == FileKeyring(tmp_path / "master.key").load() == made


def test_reading_makes_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyInvalid, match=r"master\.key cannot be read"):
        FileKeyring(tmp_path / "master.key").load()
    assert not list(tmp_path.iterdir())


def test_no_two_key_files_hold_the_same_key(tmp_path: Path) -> None:
    keyrings = [made_in(tmp_path / name) for name in "abc"]
    assert (
        len({each.current.key for each in keyrings}) == len({each.current.key_id for each in keyrings}) == 3
    )


def test_whoever_makes_the_file_at_once_gets_the_same_key(tmp_path: Path) -> None:
    everyone_is_here = threading.Barrier(8)

    def load(_: int) -> Keyring:
        everyone_is_here.wait()
        return made_in(tmp_path / "master.key")

    with ThreadPoolExecutor(8) as pool:
        keyrings = list(pool.map(load, range(8)))
    assert keyrings == [keyrings[0]] * 8
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o777])
def test_a_key_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    made_in(path)
    path.chmod(mode)
    with pytest.raises(MasterKeyInvalid, match=rf"{path} may be read by others than its owner; chmod 600"):
        FileKeyring(path).load()
    path.chmod(0o400)
    FileKeyring(path).load()


def test_a_key_file_that_cannot_be_made_or_read_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir(mode=0o700)
    for path in (tmp_path / "file" / "master.key", tmp_path / "folder"):
        with pytest.raises(MasterKeyInvalid, match=str(path)):
            made_in(path)


def test_a_replaced_key_file_stays_private_and_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before, keyring = made_in(path), FileKeyring(path)
    stamp = keyring.stamp()
    assert keyring.stamp() == stamp
    keyring.replace(before.rotated(NOW))
    assert keyring.stamp() != stamp
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [key.key_id for key in keyring.load().keys][:1] == [before.current.key_id]
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "master.key").mkdir()
    with pytest.raises(MasterKeyInvalid, match="cannot be written"):
        FileKeyring(folder / "master.key").replace(Keyring((new_master_key(NOW),)))
    assert [path.name for path in folder.iterdir()] == ["master.key"]


def test_a_rotated_keyring_keeps_its_keys_and_has_a_new_current_one() -> None:
    first = Keyring((new_master_key(NOW),))
    second = first.rotated(datetime(2026, 2, 1, tzinfo=UTC))
    third = second.rotated(datetime(2026, 3, 1, tzinfo=UTC))
    assert [key.key_id for key in third.keys[:2]] == [key.key_id for key in second.keys]
    assert [key.retired_at and key.retired_at.month for key in third.keys] == [2, 3, None]
    assert third.current == third.keys[-1]
    assert len({key.key for key in third.keys}) == 3


def test_a_keyring_is_read_as_it_is_written() -> None:
    keyring = Keyring((new_master_key(NOW),)).rotated(NOW).rotated(NOW)
    assert parse_keyring(keyring.to_json(), "the test") == keyring


def test_a_single_key_may_be_given_in_base64_or_hexadecimal() -> None:
    spellings = [base64.b64encode(SECRET).decode(), SECRET.hex(), SECRET.hex().upper(), f" {SECRET.hex()}\n"]
    keyrings = [ValueKeyring(spelling).load() for spelling in spellings]
    assert {keyring.current.key for keyring in keyrings} == {SECRET}
    assert len({keyring.current.key_id for keyring in keyrings}) == 1
    assert SECRET.hex() not in keyrings[0].current.key_id


def test_a_keyring_may_be_given_as_a_value() -> None:
    text = keyring_of(entry(1, retired_at="2026-01-01T00:00:00Z"), entry(2))
    keyring = ValueKeyring(text).load()
    assert (keyring.current.key_id, keyring.current.key) == ("key2", SECRET)
    assert keyring.keys[0].retired_at == NOW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "correct horse battery staple",
        SECRET.hex()[:-2],
        SECRET.hex() + "00",
        "é" * 64,
        base64.b64encode(SECRET[:-1]).decode(),
        base64.b64encode(SECRET).decode()[:-1],
        "{",
        "{}",
        "[]",
        "null",
        '{"keys": null}',
        '{"keys": 7}',
        '{"keys": ["key"]}',
        '{"keys": [null]}',
        keyring_of(),
        keyring_of(entry(1, retired_at="2026-01-01T00:00:00Z")),
        keyring_of(entry(1), entry(2)),
        keyring_of(entry(1, key=SECRET[:16])),
        keyring_of(entry(1) | {"key": "not base64!"}),
        keyring_of(entry(1) | {"key": None}),
        keyring_of(entry(1) | {"created_at": "yesterday"}),
        keyring_of(entry(1) | {"created_at": 5}),
        keyring_of({"id": "key1", "key": base64.b64encode(SECRET).decode()}),
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(text: str, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    for source in (ValueKeyring(text), FileKeyring(path), CommandKeyring(f"cat {shlex.quote(str(path))}")):
        with pytest.raises(MasterKeyInvalid) as told:
            source.load()
        assert len(text) < 3 or text not in str(told.value)


def test_a_command_may_print_a_key_or_a_keyring(tmp_path: Path) -> None:
    for text in (SECRET.hex(), base64.b64encode(SECRET).decode(), keyring_of(entry(1))):
        assert CommandKeyring(printing(tmp_path / "text", text)).load().current.key == SECRET


@pytest.mark.parametrize(
    "command",
    [
        "false",
        "/no/such/command --key 0123456789abcdef",
        "'an open quote",
        "true",
        f"{sys.executable} -c 'import sys; sys.stdout.buffer.write(bytes([255]) * 64)'",
        f"{sys.executable} -c 'print(\"{SECRET.hex()}\"); raise SystemExit(1)'",
    ],
    ids=[
        "fails",
        "is not there",
        "is no command",
        "prints nothing",
        "prints bytes",
        "prints a key and fails",
    ],
)
def test_a_command_that_fails_is_told_without_its_secrets(command: str) -> None:
    with pytest.raises(MasterKeyInvalid) as told:
        CommandKeyring(command).load()
    assert "the master key's command" in str(told.value)
    assert "0123456789abcdef" not in str(told.value)
    assert SECRET.hex() not in str(told.value)


@pytest.mark.parametrize("command", ["", "   "])
def test_an_empty_command_is_told(command: str) -> None:
    with pytest.raises(MasterKeyInvalid):
        CommandKeyring(command).load()


def test_keys_are_not_shown() -> None:
    keyring = ValueKeyring(SECRET.hex()).load()
    assert repr(SECRET) not in repr(keyring)
    assert SECRET.hex() not in repr(keyring)
