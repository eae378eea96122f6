"""Parquet files, read with what others may have put into them in mind; pyarrow is imported when one is."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from countenance.errors import ExtraMissing, ManifestInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Row groups are read one by one; those that pyarrow and others write by default have up to a million rows.
_MOST_ROW_GROUP_BYTES = 1_073_741_824


def pyarrow() -> Any:
    """Return pyarrow with ``parquet``.

    Raises:
        ExtraMissing: it is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - a quarter of a second, and an extra
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise ExtraMissing(
            "Parquet needs pyarrow; install it with: pip install 'countenance[parquet]'"
        ) from None
    return pa


@contextlib.contextmanager
def open_parquet(path: Path) -> Iterator[Any]:
    """Open a file; what pyarrow finds wrong within the block is told as `ManifestInvalid`.

    Raises:
        ExtraMissing: pyarrow is not installed.
        ManifestInvalid: it is no Parquet, damaged, or has too large a row group.
    """
    arrow = pyarrow()
    try:
        with arrow.parquet.ParquetFile(path) as file:
            metadata = file.metadata
            for number in range(metadata.num_row_groups):
                size = metadata.row_group(number).total_byte_size
                if size > _MOST_ROW_GROUP_BYTES:
                    raise ManifestInvalid(
                        f"{path} has a row group of {size:,} bytes; the limit is {_MOST_ROW_GROUP_BYTES:,}; "
                        "write it with smaller ones"
                    )
            yield file
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise ManifestInvalid(f"{path} cannot be read as Parquet: {str(error)[:200]}") from None


def require_columns_of_text(file: Any, path: Path, names: Sequence[str]) -> None:
    """Refuse a file in which these columns are not texts; raises ManifestInvalid."""
    types = pyarrow().types
    for name in names:
        kind = file.schema_arrow.field(name).type
        if types.is_dictionary(kind):
            kind = kind.value_type
        if not (types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind)):
            raise ManifestInvalid(f"{path}: the column {name} is {kind}; it must be a text")
