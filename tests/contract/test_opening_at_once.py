"""Several processes that open a new store at once: one makes it, the others wait and find it made."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from contract.postgresql import PostgreSQL
from countenance.store import FileKeyring, SqlStore
from countenance.store.engines import open_engine
from countenance.store.migrating import migrate
from new_faces import PACK

# All servers, older ones too, must ask for this lock before they make tables.
MIGRATION_LOCK = 0x636F756E
BUSY_SECONDS = 0.3


def open_and_use(url: str, folder: Path) -> str:
    """Open a store, write into it, and return what is in it."""
    keyring = FileKeyring(folder / "master.key")
    with closing(SqlStore.open(url, keyring, folder / "subject.keys")) as store:
        with store.writing() as writer:
            writer.create_collection("staff", PACK, {})
        with store.reading() as reader:
            return reader.collection("staff").collection_id


def test_whoever_finds_postgresql_being_furnished_waits_and_uses_it(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    with postgresql.fresh_database() as url, ThreadPoolExecutor(1) as pool:
        engine = open_engine(url)
        with engine.connect().execution_options(isolation_level="READ COMMITTED") as first, first.begin():
            first.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            second = pool.submit(open_and_use, url, tmp_path)
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not first.execute(waiting).scalar_one() and not second.done():
                time.sleep(0.01)
            migrate(first, "head")
        engine.dispose()
        assert second.result() == "staff"


def test_whoever_finds_a_new_sqlite_file_busy_waits_and_uses_it(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite"
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as first:
        first.execute("BEGIN IMMEDIATE")
        release = threading.Timer(BUSY_SECONDS, first.execute, ["ROLLBACK"])
        release.start()
        try:
            assert open_and_use(f"sqlite:///{path}", tmp_path) == "staff"
        finally:
            release.join()
