"""Migrations make the tables that the code knows, and can take them away again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from contract.databases import Database
from countenance.errors import StoreUnavailable
from countenance.store.engines import open_engine
from countenance.store.migrating import migrate
from countenance.store.tables import metadata


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A connection in whose transaction tables may be made."""
    engine = open_engine(database.url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection
    engine.dispose()


def test_the_newest_tables_are_those_that_the_code_knows(connection: Connection) -> None:
    migrate(connection, "head")
    assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_again_changes_nothing(connection: Connection) -> None:
    migrate(connection, "head")
    before = sorted(inspect(connection).get_table_names())
    migrate(connection, "head")
    assert sorted(inspect(connection).get_table_names()) == before


def test_galleries_of_a_development_version_are_refused_and_left_as_they_are(database: Database) -> None:
    engine = open_engine(database.url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        migrate(connection, "0002")
    engine.dispose()
    database.statement(
        "INSERT INTO collections (collection_id, pack, created_at) VALUES ('staff', 'a-pack', :now)",
        now=datetime(2025, 1, 1, tzinfo=UTC),
    )
    database.statement(
        "INSERT INTO users (collection_key, user_id, created_at) "
        "SELECT key, 'ann', created_at FROM collections"
    )
    with pytest.raises(StoreUnavailable, match=r"made by a development version before 0\.1"):
        database.opened()
    assert database.statement("SELECT user_id FROM users") == [("ann",)]
    database.statement("DELETE FROM users")
    with database.opened() as store, store.writing() as writer:
        writer.create_user(writer.collection("staff"), "ann")


def test_all_tables_can_be_taken_away_and_made_again(connection: Connection) -> None:
    migrate(connection, "head")
    migrate(connection, "base")
    assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate(connection, "head")
    assert set(metadata.tables) < set(inspect(connection).get_table_names())
