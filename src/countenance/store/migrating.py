"""Makes the tables and brings them to the newest revision."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import select, text

from countenance.errors import StoreUnavailable
from countenance.store.engines import seeing_the_latest, telling
from countenance.store.tables import secrets

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# Any number, as long as every process asks for the same, and it is not the server's.
_MIGRATION_LOCK = 0x636F756E


def migrate_alone(engine: Engine) -> bool:
    """Make or renew the tables, one process at a time; tells whether nothing was sealed yet."""
    with telling(), engine.connect() as plain:
        connection = plain.execution_options(writes=True, **seeing_the_latest(engine))
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            try:
                migrate(connection, "head")
            except CommandError:
                raise StoreUnavailable(
                    "a newer version of countenance made this database; install that version or a later one"
                ) from None
            return connection.execute(select(secrets.c.name).limit(1)).one_or_none() is None


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a revision, ``head`` being the newest, ``base`` none at all."""
    config = Config()
    config.set_main_option("script_location", str(files("countenance.store") / "migrations"))
    config.attributes["connection"] = connection
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)
