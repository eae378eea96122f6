"""Migrations make the tables that the code knows, and can take them away again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from contract.databases import Database
from countenance.store.engines import open_engine
from countenance.store.sql_store import migrate
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


def test_all_tables_can_be_taken_away_and_made_again(connection: Connection) -> None:
    migrate(connection, "head")
    migrate(connection, "base")
    assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate(connection, "head")
    assert set(metadata.tables) < set(inspect(connection).get_table_names())
