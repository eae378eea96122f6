"""Lists as files hold them, row by row: what cannot be read is refused by row, what is no list at once.

A row is a line: no name or label has a line break in it, and a broken quotation spoils one row, not the rest.
"""

from __future__ import annotations

import csv
import io
import stat
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.samples import Problem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MOST_LIST_BYTES = 256 << 20
MOST_ROWS = 2_000_000
MOST_NAMED_ROWS = 1_000
"""Of so many rows at most does a problem give the names; its text says how many there are."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t"


class RowRefused(Exception):
    """A row cannot be used; the message is a predicate of rows, such as "have no subject"."""


class Refusals:
    """The rows that cannot be used, by what is wrong with them; ``noun`` is what they are called."""

    def __init__(self, noun: str = "rows") -> None:
        self._noun = noun
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, list[str]] = {}

    def add(self, row: str, why: str) -> None:
        """Note a row; ``why`` is a predicate of rows, such as "have no subject"."""
        self._counts[why] += 1
        named = self._rows.setdefault(why, [])
        if len(named) < MOST_NAMED_ROWS:
            named.append(row)

    def problems(self) -> tuple[Problem, ...]:
        """Return one problem for each thing that is wrong."""
        noun = self._noun.capitalize()
        return tuple(
            Problem(ProblemKind.BAD_ROW, tuple(rows), f"{noun} that {why}: {self._counts[why]:,}, left out.")
            for why, rows in self._rows.items()
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line; ``where`` is like "pairs.txt, line 17", ``place`` counts from 0, blank lines apart."""

    where: str
    place: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its fields by column, and where it is, such as "labels.csv, line 17"."""

    where: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table: its columns and its rows, in the file's order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_lines(path: Path, refusals: Refusals) -> Iterator[Line]:
    """Yield the lines of a UTF-8 text that are not blank; lines that cannot be read go to ``refusals``.

    Raises:
        DataSetInvalid: there is no such file, or it is too large.
    """
    content = io.BytesIO(_content(path))
    place = -1
    for number, raw in enumerate(content, 1):
        if not raw.strip():
            continue
        place += 1
        if place > MOST_ROWS:
            raise DataSetInvalid(f"{path} has more than {MOST_ROWS:,} rows, the limit; split it")
        where = f"{path.name}, line {number}"
        if b"\0" in raw:
            refusals.add(where, "have a NUL byte")
            continue
        try:
            yield Line(where, place, raw.decode().rstrip("\r\n"))
        except UnicodeDecodeError:
            refusals.add(where, "are not UTF-8")


def read_table(path: Path, needed: Sequence[str], refusals: Refusals) -> Table:
    """Return a CSV's rows; its first line names the columns, and what separates them is found from that.

    Args:
        path: the file.
        needed: columns that it must have.
        refusals: gets the rows that cannot be read.

    Raises:
        DataSetInvalid: it is no such table, or too large.
    """
    lines = read_lines(path, refusals)
    columns, delimiter = _header(path, lines)
    absent = [column for column in needed if column not in columns]
    if absent:
        raise DataSetInvalid(f"{path} has no column {_few(absent)}; its columns are {_few(columns)}")
    rows = []
    for line in lines:
        try:
            fields = _fields(line.text, delimiter)
        except csv.Error:
            refusals.add(line.where, "are no CSV")
            continue
        if len(fields) != len(columns):
            refusals.add(line.where, "have another number of fields than the header")
            continue
        rows.append(Row(line.where, dict(zip(columns, fields, strict=True))))
    return Table(columns, tuple(rows))


def columns_of(path: Path) -> tuple[str, ...]:
    """Return the columns of a CSV.

    Raises:
        DataSetInvalid: it has no header.
    """
    return _header(path, read_lines(path, Refusals()))[0]


def _header(path: Path, lines: Iterator[Line]) -> tuple[tuple[str, ...], str]:
    first = next(lines, None)
    if first is None:
        raise DataSetInvalid(f"{path} is empty or no UTF-8 text; the first line should name the columns")
    delimiter = max(_DELIMITERS, key=first.text.count)
    try:
        columns = tuple(field.strip() for field in _fields(first.text, delimiter))
    except csv.Error as error:
        raise DataSetInvalid(f"the first line of {path} should name the columns, but is no CSV") from error
    repeated = [column for column, count in Counter(columns).items() if count > 1]
    if repeated:
        raise DataSetInvalid(f"the first line of {path} names the column {repeated[0][:80]!r} twice")
    return columns, delimiter


def _fields(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True))


def _few(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(column[:40]) for column in columns[:12])
    return f"{shown} …" if len(columns) > 12 else shown


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        # A named pipe would hold the reader for ever.
        if not stat.S_ISREG(status.st_mode):
            raise DataSetInvalid(f"{path} is not a regular file; name the list itself")
        with path.open("rb") as file:
            content = file.read(MOST_LIST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DataSetInvalid(f"{path} cannot be read: {error}") from error
    if len(content) > MOST_LIST_BYTES:
        raise DataSetInvalid(f"{path} has more than {MOST_LIST_BYTES:,} bytes, the limit of a list; split it")
    return content.removeprefix(_BYTE_ORDER_MARK)
