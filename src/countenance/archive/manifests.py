"""Manifests → items, row by row in constant memory: CSV with a header, JSON Lines, Parquet.

A row that cannot be read is told with its line and loses no other; a manifest whose columns are not known is
refused as a whole.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, BinaryIO

from countenance.archive.parquet import open_parquet, require_columns_of_text
from countenance.archive.rows import COLUMNS, check_columns, item_of
from countenance.archive.values import PassedOver
from countenance.errors import ManifestInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from countenance.archive.values import Listed

_LONGEST_LINE_BYTES = 65_536
_ROWS_AT_ONCE = 1_024


def is_manifest(path: Path) -> bool:
    """Tell whether a file is a manifest, by its suffix."""
    return path.suffix.lower() in _READERS


def read_manifest(path: Path) -> Iterator[Listed]:
    """Yield the items of a manifest, and the rows that are none.

    Raises:
        ManifestInvalid: it cannot be read at all, or its columns are not those that there are.
        ExtraMissing: it is Parquet, and pyarrow is not installed.
    """
    try:
        yield from _READERS[path.suffix.lower()](path)
    except OSError as error:
        raise ManifestInvalid(f"{path} cannot be read: {error.strerror or error}") from None


def _read_csv(path: Path) -> Iterator[Listed]:
    with path.open("rb") as file:
        lines = _lines(file, path)
        header = next(lines, None)
        if not isinstance(header, _Line):
            raise ManifestInvalid(f"{path} has no header; its first line names the columns")
        columns = [name.strip() for name in _fields(header.text.removeprefix("\ufeff"), path)]
        _checked(path, columns)
        for line in lines:
            if isinstance(line, PassedOver):
                yield line
                continue
            if not line.text.strip():
                continue
            try:
                yield item_of(_row(columns, _fields(line.text, path)), path, line.number)
            except ManifestInvalid as error:
                yield _row_failed(path, line.number, str(error))


def _row(columns: list[str], fields: list[str]) -> dict[str, str]:
    if len(fields) != len(columns):
        raise ManifestInvalid(f"it has {len(fields)} fields where there are {len(columns)}")
    return dict(zip(columns, fields, strict=True))


def _fields(text: str, path: Path) -> list[str]:
    """Return the fields of a line; each stands for itself, so a quote left open ends with its line."""
    try:
        return next(csv.reader([text.rstrip("\r\n")], strict=True), [])
    except csv.Error as error:
        raise ManifestInvalid(f"it is no CSV: {error} (in {path.name})") from None


def _read_json_lines(path: Path) -> Iterator[Listed]:
    with path.open("rb") as file:
        for line in _lines(file, path):
            if isinstance(line, PassedOver):
                yield line
                continue
            text = line.text.removeprefix("\ufeff")
            if not text.strip():
                continue
            try:
                row = _object(text)
                unknown = next((name for name in row if name not in COLUMNS), None)
                if unknown is not None:
                    check_columns([unknown])
                yield item_of(row, path, line.number)
            except ManifestInvalid as error:
                yield _row_failed(path, line.number, str(error))


def _object(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestInvalid(f"it is no JSON: {error}") from None
    if not isinstance(row, dict):
        raise ManifestInvalid("it is no JSON object")
    return row


def _read_parquet(path: Path) -> Iterator[Listed]:
    with open_parquet(path) as file:
        columns = [field.name for field in file.schema_arrow]
        _checked(path, columns)
        require_columns_of_text(file, path, [name for name in columns if name != "tags"])
        number = 0
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                number += 1
                try:
                    yield item_of(row, path, number)
                except ManifestInvalid as error:
                    yield _row_failed(path, number, str(error))


class _Line:
    __slots__ = ("number", "text")

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text


def _lines(file: BinaryIO, path: Path) -> Iterator[_Line | PassedOver]:
    """Yield the lines of a file, and those that are too long or no UTF-8, which are not held in memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE_BYTES + 1):
        number += 1
        if len(line) > _LONGEST_LINE_BYTES:
            while not line.endswith(b"\n") and (line := file.readline(_LONGEST_LINE_BYTES)):
                pass
            yield _row_failed(path, number, f"the line is longer than {_LONGEST_LINE_BYTES:,} bytes")
            continue
        try:
            yield _Line(number, line.decode("utf-8"))
        except UnicodeDecodeError:
            yield _row_failed(path, number, "the line is not UTF-8")


def _checked(path: Path, columns: list[str]) -> None:
    try:
        check_columns(columns)
    except ManifestInvalid as error:
        raise ManifestInvalid(f"{path}: {error}") from None


def _row_failed(path: Path, number: int, reason: str) -> PassedOver:
    return PassedOver(f"{path}:{number}", reason)


_READERS: dict[str, Callable[[Path], Iterator[Listed]]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
}
