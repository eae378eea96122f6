"""Connections to SQLite and PostgreSQL, set up so that a commit is durable and a read sees one moment."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from countenance.errors import SettingsInvalid, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_BUSY_SECONDS = 30
_BUSY_POLL_SECONDS = 0.02
_OVERWRITING_MILLISECONDS = 100
_CONNECTIONS = 64
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged change survives a power cut, not only a crash
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten
    "PRAGMA cache_size = -65536",
)


def open_engine(url: str) -> Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql://…``.

    Raises:
        SettingsInvalid: the address is of neither.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsInvalid("database_url is no address of a database") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=_CONNECTIONS,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
        )
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise SettingsInvalid(
            "database_url must begin with sqlite:/// and name a file, or with postgresql://"
        )
    _make_private(parsed.database)
    engine = create_engine(
        parsed.set(drivername="sqlite"), pool_size=_CONNECTIONS, connect_args={"timeout": _BUSY_SECONDS}
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def seeing_the_latest(engine: Engine) -> dict[str, Any]:
    """Return the options of a connection whose statements each see what was committed before them.

    SQLite's writers are alone anyway.
    """
    return {"isolation_level": "READ COMMITTED"} if engine.dialect.name == "postgresql" else {}


def overwrite_log(engine: Engine) -> bool:
    """Take what was deleted out of SQLite's write-ahead log; tells whether no reader was in the way."""
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_OVERWRITING_MILLISECONDS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (was_busy, *_) = cursor.fetchall()[0]
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    finally:
        connection.close()
    return not was_busy


@contextmanager
def telling() -> Iterator[None]:
    """Turn a database's failure into StoreUnavailable; its message never holds what was to be written."""
    try:
        yield
    except DBAPIError as error:
        reason = (
            str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else "no reason"
        )
        raise StoreUnavailable(f"the database failed, nothing was changed: {reason[:200]}") from None
    except SQLAlchemyError as error:
        raise StoreUnavailable(f"the database failed, nothing was changed: {type(error).__name__}") from None


def _make_private(path: str) -> None:
    try:
        Path(path).resolve().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its journal the permissions of the database.
        Path(path).touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(f"the database {path} cannot be opened: {error.strerror}") from None


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver thinks
    deadline = time.monotonic() + _BUSY_SECONDS
    for pragma in _PRAGMAS:
        while True:
            try:
                connection.execute(pragma)
                break
            except sqlite3.OperationalError as error:
                # Unlike other statements, turning to WAL does not wait for whoever is writing.
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_BUSY_POLL_SECONDS)


def _begin_sqlite(connection: Connection) -> None:
    # A write transaction takes its lock at once: one that begins by reading could not take it later.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
