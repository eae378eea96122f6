"""One server at a time for each database."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import text

from countenance.errors import StoreInUse
from countenance.store.engines import telling

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# Any number, as long as every server asks for the same.
_SERVER_LOCK = 0x74656E61


def claim(engine: Engine) -> sqlite3.Connection | Connection:
    """Become the only server of a database, until what is returned is closed or the process ends.

    Raises:
        StoreInUse: another server is.
    """
    message = "another server uses this database; stop it, or give this one a data_dir of its own"
    if engine.dialect.name == "sqlite":
        # SQLite's own locks are portable and end with the process, however that ends.
        file = sqlite3.connect(f"{engine.url.database}.claim", timeout=0, check_same_thread=False)
        file.isolation_level = None
        try:
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            file.close()
            raise StoreInUse(message) from None
        return file
    with telling():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _SERVER_LOCK})
        if not taken.scalar_one():
            connection.close()
            raise StoreInUse(message)
    return connection
