"""The file of subject keys: made once, private, replaced whole, followed, and never taken for another's."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from countenance.errors import MasterKeyInvalid
from countenance.store.key_tree import KeyTree
from countenance.store.keyring import FileKeyring, Keyring
from countenance.store.sealing import MasterKeys
from countenance.store.subject_keys import SubjectKeyFile, SubjectKeys

DATABASE, ANOTHER_DATABASE = bytes(32), bytes(31) + b"\1"
LEAVES = range(20)


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    keyring = FileKeyring(tmp_path / "master.key")
    keyring.make()
    return keyring


@pytest.fixture
def master_keys(keyring: FileKeyring) -> MasterKeys:
    return MasterKeys(keyring)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "subject.keys"


@pytest.fixture
def keys(path: Path, master_keys: MasterKeys) -> SubjectKeys:
    """The keys of a new database."""
    keys = SubjectKeys(SubjectKeyFile(path), master_keys, DATABASE)
    keys.make()
    return keys


def of_another_process(path: Path, keyring: FileKeyring) -> SubjectKeys:
    return SubjectKeys(SubjectKeyFile(path), MasterKeys(keyring), DATABASE)


def leaf_keys(tree: KeyTree) -> list[bytes | None]:
    return list(tree.keys(LEAVES))


def test_a_new_file_holds_generation_0_and_all_keys(keys: SubjectKeys) -> None:
    state = keys.now()
    assert (state.generation, state.database) == (0, DATABASE)
    assert None not in leaf_keys(state.tree)


def test_a_file_that_is_there_is_never_made_anew(keys: SubjectKeys, path: Path) -> None:
    before = path.read_bytes()
    keys.make()
    assert path.read_bytes() == before


def test_processes_that_make_the_file_at_once_get_the_same(path: Path, keyring: FileKeyring) -> None:
    everyone_is_here = threading.Barrier(4)
    found: list[list[bytes | None]] = []

    def make() -> None:
        keys = of_another_process(path, keyring)
        everyone_is_here.wait()
        keys.make()
        found.append(leaf_keys(keys.tree))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert found == [found[0]] * 4
    assert [each.name for each in path.parent.iterdir()] == ["subject.keys"]


def test_only_the_owner_may_read_the_file_whoever_wrote_it_last(keys: SubjectKeys, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys.replace(1, keys.tree.without([1]))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_refused(keys: SubjectKeys, path: Path) -> None:
    path.chmod(0o640)
    with pytest.raises(MasterKeyInvalid, match=r"subject keys .* may be read by others .* chmod 600 it"):
        keys.now()


def test_a_missing_file_is_an_error_that_names_the_way_out(keys: SubjectKeys, path: Path) -> None:
    path.unlink()
    with pytest.raises(MasterKeyInvalid, match=r"is missing.*put the copy that you keep of it there"):
        keys.now()


def test_what_is_replaced_is_read_back(keys: SubjectKeys, path: Path, keyring: FileKeyring) -> None:
    before = leaf_keys(keys.tree)
    keys.replace(7, keys.tree.without([3, 4]))
    for state in (keys.now(), of_another_process(path, keyring).now()):
        assert state.generation == 7
        assert leaf_keys(state.tree) == [None if leaf in {3, 4} else before[leaf] for leaf in LEAVES]


def test_a_file_that_another_process_replaced_is_followed(
    keys: SubjectKeys, path: Path, keyring: FileKeyring
) -> None:
    other = of_another_process(path, keyring)
    for generation in range(1, 6):
        other.replace(generation, other.tree.without([generation]))
        assert keys.now().generation == generation
        assert not keys.tree.is_live(generation)


def test_a_file_that_did_not_change_is_not_read_again(keys: SubjectKeys) -> None:
    assert keys.now() is keys.now()


def test_a_replacement_never_rests_on_what_was_read_before(
    keys: SubjectKeys, path: Path, keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SubjectKeyFile, "stamp", lambda _: "as if it were the same file")
    keys.now()
    other = of_another_process(path, keyring)
    other.replace(1, other.tree.without([1]))
    assert keys.now().generation == 0
    keyring.replace(keyring.load().rotated(datetime.now(UTC)))
    keys.seal_anew()
    state = of_another_process(path, keyring).now()
    assert (state.generation, state.tree.is_live(1)) == (1, False)


def test_the_old_file_is_overwritten(keys: SubjectKeys, path: Path, tmp_path: Path) -> None:
    os.link(path, tmp_path / "what the disk held")
    length = path.stat().st_size
    keys.replace(1, keys.tree.without([1]))
    assert (tmp_path / "what the disk held").read_bytes() == bytes(length)


def test_what_a_killed_process_left_is_overwritten_and_does_not_stay(
    keys: SubjectKeys, path: Path, tmp_path: Path
) -> None:
    left = path.with_name("subject.keys.new")
    left.write_bytes(path.read_bytes())
    os.link(left, tmp_path / "what the disk held")
    keys.replace(1, keys.tree.without([1]))
    assert set((tmp_path / "what the disk held").read_bytes()) == {0}
    assert [each.name for each in path.parent.iterdir()] == ["subject.keys"]


def test_a_reader_never_sees_half_a_file(keys: SubjectKeys, path: Path, keyring: FileKeyring) -> None:
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not stop.is_set():
            seen.append(SubjectKeys(SubjectKeyFile(path), MasterKeys(keyring), DATABASE).now().generation)

    thread = threading.Thread(target=read)
    thread.start()
    for generation in range(1, 200):
        keys.replace(generation, keys.tree.without([generation]))
    stop.set()
    thread.join()
    assert seen == sorted(seen)
    assert seen


def test_a_file_that_cannot_be_written_stays_as_it_is(
    keys: SubjectKeys, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("countenance.store.subject_keys.write_private", fail)
    with pytest.raises(MasterKeyInvalid, match=r"subject keys .* cannot be written.*No space left"):
        keys.replace(1, keys.tree.without([1]))
    assert path.read_bytes() == before
    assert keys.now().generation == 0


def test_a_file_shows_neither_keys_nor_seeds(keys: SubjectKeys, path: Path) -> None:
    tree = keys.tree
    content = path.read_bytes()
    assert content.startswith(b'countenance subject keys 1\n"')
    assert tree.seeds not in content
    assert not [key for key in tree.keys(LEAVES) if key and key in content]


def test_the_file_of_another_database_is_refused(path: Path, keys: SubjectKeys, keyring: FileKeyring) -> None:
    keys.now()
    stranger = SubjectKeys(SubjectKeyFile(path), MasterKeys(keyring), ANOTHER_DATABASE)
    with pytest.raises(MasterKeyInvalid, match=r"another database's; give each database"):
        stranger.now()


def test_another_master_key_does_not_open_the_file(keys: SubjectKeys, path: Path, tmp_path: Path) -> None:
    keys.now()
    stranger = FileKeyring(tmp_path / "another.key")
    stranger.make()
    with pytest.raises(MasterKeyInvalid, match="which is not in the keyring"):
        of_another_process(path, stranger).now()


def damage(content: bytes) -> list[bytes]:
    magic, key_id, sealed = content.split(b"\n", 2)
    flipped = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in (3, -1, -40)]
    return [
        b"",
        magic,
        magic + b"\n" + key_id,
        magic + b"\n" + key_id + b"\n",
        magic + b"\n{\n" + sealed,
        magic + b"\n\xff\n" + sealed,
        content[:-1],
        content + b"\n",
        content.replace(b"keys 1", b"keys 2"),
        *flipped,
    ]


@pytest.mark.parametrize("which", range(12))
def test_a_damaged_file_is_refused(keys: SubjectKeys, path: Path, which: int) -> None:
    path.write_bytes(damage(path.read_bytes())[which])
    with pytest.raises(MasterKeyInvalid, match=r"is damaged; put the copy that you keep of it there"):
        keys.now()


def test_the_file_is_sealed_anew_with_the_current_master_key(
    keys: SubjectKeys, path: Path, keyring: FileKeyring
) -> None:
    keys.replace(5, keys.tree.without([2]))
    before = keys.now()
    assert keys.seal_anew() == 0
    keyring.replace(keyring.load().rotated(datetime.now(UTC)))
    assert keys.seal_anew() == 1
    keyring.replace(Keyring((keyring.load().current,)))
    after = of_another_process(path, keyring).now()
    assert after.sealed_by == keyring.load().current.key_id != before.sealed_by
    assert (after.generation, after.tree.to_bytes()) == (5, before.tree.to_bytes())


def test_a_master_key_may_have_any_name(path: Path, keyring: FileKeyring, tmp_path: Path) -> None:
    text = json.loads(keyring.load().to_json())
    text["keys"][0]["id"] = 'the "new" one\nof März'
    named = FileKeyring(tmp_path / "named.key")
    (tmp_path / "named.key").write_text(json.dumps(text))
    (tmp_path / "named.key").chmod(0o600)
    keys = of_another_process(path, named)
    keys.make()
    assert keys.now().sealed_by == 'the "new" one\nof März'
