"""Every test of the contract runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract.databases import Database
from contract.postgresql import postgresql_binary, running_postgresql
from new_faces import PACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract.postgresql import PostgreSQL
    from countenance.gallery.values import Collection
    from countenance.store import SqlStore


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; where its binaries are not installed, tests that need it are skipped."""
    initdb, pg_ctl = postgresql_binary("initdb"), postgresql_binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip(
            "PostgreSQL is not installed: no initdb and pg_ctl on PATH or in /usr/lib/postgresql/*/bin"
        )
    with running_postgresql(initdb, pg_ctl) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind, with a keyring of its own."""
    key_file = tmp_path / "master.key"
    if request.param == "sqlite":
        files = tmp_path / "files"
        yield Database(f"sqlite:///{files / 'gallery.sqlite'}", key_file, files)
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.fresh_database() as url:
        yield Database(url, key_file, server.data)


@pytest.fixture
def store(database: Database) -> Iterator[SqlStore]:
    """An empty store."""
    with database.opened() as opened:
        yield opened


@pytest.fixture
def staff(store: SqlStore) -> Collection:
    """An empty collection in the store."""
    with store.writing() as writer:
        return writer.create_collection("staff", PACK, {})
