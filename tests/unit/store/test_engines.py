"""Addresses of databases, and what is said when one of them fails."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, InternalError, InvalidRequestError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from countenance.errors import FaceNotFound, SettingsInvalid, StoreUnavailable
from countenance.store.engines import open_engine, telling

SECRET = "the name of a person"  # noqa: S105


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root@localhost/gallery",
        "nosuch://host/gallery",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
    ],
)
def test_an_address_of_no_usable_database_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="database_url"):
        open_engine(url)


@pytest.mark.parametrize("url", ["postgresql://host:port/gallery", "postgresql://[::1/gallery"])
def test_a_malformed_address_is_refused_in_our_words(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where it makes a file of that name
    with pytest.raises(SettingsInvalid, match="database_url"):
        open_engine(url)


def test_a_refused_address_does_not_repeat_its_password() -> None:
    with pytest.raises(SettingsInvalid) as told:
        open_engine("mysql://root:hunter2@localhost/gallery")
    assert "hunter2" not in str(told.value)


def test_postgresql_is_spoken_to_by_one_driver_whatever_the_address_names() -> None:
    for url in ("postgresql://host/gallery", "postgresql+psycopg2://host/gallery"):
        engine = open_engine(url)
        assert engine.dialect.driver == "psycopg"
        assert engine.url.host == "host"


def test_a_new_sqlite_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "gallery.sqlite"
    open_engine(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_sqlite_file_that_cannot_be_made_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"file/gallery\.sqlite cannot be opened: "):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'gallery.sqlite'}")


def test_sqlite_writes_durably_overwrites_what_is_deleted_and_checks_references(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'gallery.sqlite'}")
    with engine.connect() as connection:
        told = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    engine.dispose()
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_write_transaction_takes_its_lock_at_once_and_a_read_transaction_none(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with engine.connect() as connection, connection.begin():
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    writing = engine.connect().execution_options(writes=True)
    with writing, writing.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    with engine.connect() as connection, connection.begin():
        other.execute("BEGIN IMMEDIATE")  # a connection that has written once may read again
        other.execute("ROLLBACK")
    other.close()
    engine.dispose()


@pytest.mark.parametrize("kind", [OperationalError, IntegrityError, DataError, InternalError])
def test_a_failing_database_is_unavailable_and_says_why(kind: type[OperationalError]) -> None:
    reason = Exception("disk I/O error\nDETAIL: and much more")
    with pytest.raises(StoreUnavailable, match=r"failed, nothing was changed: disk I/O error$"), telling():
        raise kind("INSERT INTO faces …", {"face": SECRET}, reason)


def test_what_was_to_be_written_is_never_told() -> None:
    with pytest.raises(StoreUnavailable) as told, telling():
        raise OperationalError("INSERT INTO faces …", {"face": SECRET}, Exception("disk full"))
    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


@pytest.mark.parametrize("reason", ["", " \n "])
def test_a_database_that_gives_no_reason_is_told_all_the_same(reason: str) -> None:
    with pytest.raises(StoreUnavailable, match="no reason"), telling():
        raise OperationalError("SELECT 1", {}, Exception(reason))


def test_a_long_reason_is_cut_off() -> None:
    with pytest.raises(StoreUnavailable) as told, telling():
        raise OperationalError("SELECT 1", {}, Exception("x" * 10_000))
    assert len(str(told.value)) < 300


@pytest.mark.parametrize("error", [NoConnectionFree("all 64 are in use"), InvalidRequestError("closed")])
def test_an_error_of_the_library_is_unavailability_too(error: Exception) -> None:
    with pytest.raises(StoreUnavailable, match=type(error).__name__), telling():
        raise error


@pytest.mark.parametrize("error", [FaceNotFound("not here"), ZeroDivisionError(), KeyboardInterrupt()])
def test_other_errors_pass_as_they_are(error: BaseException) -> None:
    with pytest.raises(type(error)) as told, telling():
        raise error
    assert told.value is error


def test_a_sqlite_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam,\n" * 100)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match="not a database"), telling(), engine.connect():
        pass
    assert path.read_text() == "Dear Sir or Madam,\n" * 100
