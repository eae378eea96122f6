"""Opening a store: made on first use, kept, guarded by its master key, and by one server at a time."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contract import opening_process
from contract.databases import Database
from countenance.errors import CountenanceError, MasterKeyInvalid, StoreInUse, StoreUnavailable
from countenance.store import FileKeyring, SqlStore
from new_faces import PACK, face_id, new_faces

RELEASED_WITHIN_SECONDS = 10


@contextmanager
def process(database: Database, *claim: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that is ready to open the database."""
    key_files = str(database.key_file), str(database.subject_key_file)
    command = [sys.executable, opening_process.__file__, database.url, *key_files, *claim]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert answer(started) == "ready"
            yield started
        finally:
            started.kill()


def answer(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def tell(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("\n")
    started.stdin.flush()


def make_newer(database: Database) -> None:
    with database.opened():
        pass
    database.statement("UPDATE alembic_version SET version_num = '9999'")


def refusal(database: Database, error: type[CountenanceError]) -> str:
    """Return what is said when the database cannot be opened."""
    with pytest.raises(error) as told:
        database.opened()
    return str(told.value)


def test_a_store_is_found_again_as_it_was_left(database: Database) -> None:
    with database.opened() as store, store.writing() as writer:
        staff = writer.create_collection("staff", PACK, {"floor": "3"})
        (face,) = (face for face, _ in writer.add_faces(staff, new_faces(1)))
    left = database.content()
    for _ in range(2):
        with database.opened() as store, store.reading() as reader:
            assert reader.collection("staff") == staff
            assert reader.faces(staff, after_key=0, most=10) == [face]
        assert database.content() == left


def test_an_open_store_answers(store: SqlStore) -> None:
    store.check()


def test_secrets_of_the_server_stay_the_same(database: Database) -> None:
    with database.opened() as store:
        made = {name: store.secret(name) for name in ("pagination", "identifiers", "Pagination")}
    with database.opened() as store:
        assert {name: store.secret(name) for name in made} == made
    assert len(set(made.values())) == 3
    assert {len(secret) for secret in made.values()} == {32}


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(database: Database) -> None:
    make_newer(database)
    before = database.content()
    assert "newer version" in refusal(database, StoreUnavailable)
    assert database.content() == before
    assert database.statement("SELECT version_num FROM alembic_version") == [("9999",)]


def test_threads_that_ask_for_a_new_secret_at_once_get_the_same(store: SqlStore) -> None:
    everyone_is_here = threading.Barrier(4)

    def ask(name: str) -> bytes:
        everyone_is_here.wait()
        return store.secret(name)

    with ThreadPoolExecutor(4) as pool:
        for turn in range(10):
            assert len(set(pool.map(ask, [f"secret {turn}"] * 4))) == 1


def test_a_store_does_not_open_with_another_master_key(database: Database, tmp_path: Path) -> None:
    with database.opened() as store, store.writing() as writer:
        writer.create_collection("staff", PACK, {})
    before = database.content()
    other = replace(database, key_file=tmp_path / "other.key")
    FileKeyring(other.key_file).make()
    assert "the keyring that belongs to this database" in refusal(other, MasterKeyInvalid)
    assert database.content() == before


def test_a_store_whose_master_key_is_gone_gets_no_new_one(database: Database, tmp_path: Path) -> None:
    with database.opened():
        pass
    other = replace(database, key_file=tmp_path / "other.key")
    assert "cannot be read" in refusal(other, MasterKeyInvalid)
    assert not other.key_file.exists()


def test_a_master_key_that_only_claims_to_be_the_right_one_is_refused(
    database: Database, tmp_path: Path
) -> None:
    with database.opened():
        pass
    right = FileKeyring(database.key_file).load().current
    other = replace(database, key_file=tmp_path / "other.key")
    wrong = FileKeyring(other.key_file)
    wrong.make()
    keyring = wrong.load()
    wrong.replace(replace(keyring, keys=(replace(keyring.current, key_id=right.key_id),)))
    assert "is not this database's" in refusal(other, MasterKeyInvalid)


def test_a_store_that_could_not_be_opened_leaves_no_connection(database: Database, tmp_path: Path) -> None:
    with database.opened():
        pass
    other = replace(database, key_file=tmp_path / "other.key")
    with pytest.raises(MasterKeyInvalid) as kept:  # while it is kept, nothing is collected by chance
        other.opened()
    left = connections(database)
    del kept
    assert left == 0


def connections(database: Database) -> int:
    """Return how many there are, once those that were just closed are gone."""
    if database.url.startswith("sqlite"):  # the last connection takes the journal away
        return len(list(database.files.glob("*-wal")))
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    deadline = time.monotonic() + 1
    while (count := int(database.statement(query)[0][0]) - 1) and time.monotonic() < deadline:
        time.sleep(0.02)
    return count


def test_a_second_server_is_refused(store: SqlStore, database: Database) -> None:
    store.claim()
    with database.opened() as second, pytest.raises(StoreInUse, match="another server uses this database"):
        second.claim()
    with pytest.raises(StoreInUse):
        store.claim()


def test_a_command_may_use_the_store_of_a_server(store: SqlStore, database: Database) -> None:
    store.claim()
    with database.opened() as command:
        with command.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            writer.add_faces(staff, new_faces(1))
        with store.reading() as reader:
            assert reader.face(staff, face_id(1)).face_id == face_id(1)


def test_a_closed_store_lets_the_next_server_in(database: Database) -> None:
    for _ in range(2):
        with database.opened() as server:
            server.claim()


def test_a_refused_server_leaves_the_first_one_its_claim(store: SqlStore, database: Database) -> None:
    store.claim()
    for _ in range(2):
        with database.opened() as refused, pytest.raises(StoreInUse):
            refused.claim()


def test_a_killed_server_lets_the_next_one_in(database: Database) -> None:
    with process(database, "claim") as server:
        tell(server)
        assert answer(server) == "open"
        with database.opened() as second, pytest.raises(StoreInUse):
            second.claim()
        server.kill()
        server.wait()
    deadline = time.monotonic() + RELEASED_WITHIN_SECONDS
    with database.opened() as next_server:
        while True:
            try:
                return next_server.claim()
            except StoreInUse:  # PostgreSQL notices the end of a connection a moment later
                assert time.monotonic() < deadline
                time.sleep(0.02)


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "not-a-folder").touch()
    (tmp_path / "not-a-database").write_text("a note to myself\n" * 100)
    keyring = FileKeyring(tmp_path / "master.key")
    for url in (
        f"sqlite:///{tmp_path / 'not-a-folder' / 'gallery.sqlite'}",
        f"sqlite:///{tmp_path / 'not-a-database'}",
        f"sqlite:///{tmp_path}",
        f"postgresql://nobody:hunter2@/gallery?host={tmp_path}",
    ):
        with pytest.raises(StoreUnavailable) as told:
            SqlStore.open(url, keyring, tmp_path / "subject.keys")
        assert "hunter2" not in str(told.value)


def test_only_the_owner_may_read_a_new_sqlite_database_and_its_journal(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    keyring = FileKeyring(tmp_path / "master.key")
    store = SqlStore.open(f"sqlite:///{folder / 'gallery.sqlite'}", keyring, tmp_path / "subject.keys")
    with store.writing() as writer:
        writer.create_collection("staff", PACK, {})
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    store.close()
    assert modes == {
        "data": 0o700,
        "gallery.sqlite": 0o600,
        "gallery.sqlite-wal": 0o600,
        "gallery.sqlite-shm": 0o600,
    }
