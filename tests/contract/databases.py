"""A database of either kind that a gallery store can be opened on, and looked into from outside."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from countenance.store import FileKeyring, SqlStore
from countenance.store.engines import open_engine
from countenance.store.tables import metadata

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.sql import Executable


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database; ``files`` is the folder in which it keeps what is written."""

    url: str
    key_file: Path
    files: Path

    def opened(self) -> AbstractContextManager[SqlStore]:
        """Open a store on it, for as long as the block runs."""
        return closing(SqlStore.open(self.url, FileKeyring(self.key_file), self.subject_key_file))

    @property
    def subject_key_file(self) -> Path:
        """Where its subjects' data keys are."""
        return self.key_file.with_name("subject.keys")

    def statement(self, statement: str | Executable, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement behind the store's back, and return its rows."""
        engine = open_engine(self.url)
        try:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                sql = text(statement) if isinstance(statement, str) else statement
                result = connection.execute(sql, values)
                return [tuple(row) for row in result] if result.returns_rows else []
        finally:
            engine.dispose()

    def copy(self) -> dict[Table, list[dict[str, Any]]]:
        """Return a copy of all rows, as a backup has it."""
        return {
            table: [
                dict(zip(table.columns.keys(), row, strict=True)) for row in self.statement(table.select())
            ]
            for table in metadata.sorted_tables
        }

    def put_back(self, copy: dict[Table, list[dict[str, Any]]]) -> None:
        """Replace all rows by those of a copy."""
        for table in reversed(copy):
            self.statement(table.delete())
        for table, rows in copy.items():
            if rows:
                self.statement(table.insert().values(rows))

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all tables."""
        return {
            table.name: sorted(self.statement(table.select()), key=repr) for table in metadata.tables.values()
        }
