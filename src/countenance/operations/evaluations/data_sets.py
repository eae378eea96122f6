"""Data sets in buckets that are local folders: found, read, and told of without the folder's place."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid, ObjectNotReadable
from countenance.evaluation.datasets.opening import KINDS, open_data_set
from countenance.evaluation.datasets.tables import TableColumns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.evaluation.samples import DataSet
    from countenance.images.sources import LocalBuckets
    from countenance.operations.evaluations.values import EvaluationAsked

_LEAST_COLUMNS = 2


def require_data_set(buckets: LocalBuckets, asked: EvaluationAsked) -> None:
    """Do nothing where the parts of a data set are there.

    Raises:
        ObjectNotReadable: one is not.
        DataSetInvalid: the bucket is in S3, of which no data set is read, or columns are not named fully.
    """
    if asked.bucket not in buckets:
        raise DataSetInvalid(
            f"no local folder is the bucket {asked.bucket}; data sets are read only from buckets that are "
            "folders of the server (buckets), not from S3"
        )
    if len(asked.columns) == 1:
        raise DataSetInvalid("name at least two columns: that of the file and that of the subject")
    for name in (asked.path, asked.images, asked.groups):
        if name is not None:
            buckets.path_of(asked.bucket, name)


def data_set_in(buckets: LocalBuckets, asked: EvaluationAsked) -> DataSet:
    """Return a data set in a bucket, checked.

    Raises:
        ObjectNotReadable: it is not there any more.
        DataSetInvalid: nothing in it can be used.
    """
    require_data_set(buckets, asked)

    def path(name: str | None) -> Path | None:
        return buckets.path_of(asked.bucket, name) if name is not None else None

    with placeless(buckets, asked.bucket):
        return open_data_set(
            _specification(buckets, asked),
            images=path(asked.images),
            groups=path(asked.groups),
            columns=TableColumns(asked.columns[0], asked.columns[1], asked.columns[_LEAST_COLUMNS:])
            if asked.columns
            else None,
        )


def without_place(buckets: LocalBuckets, bucket: str, text: str) -> str:
    """Return a text in which the folder of a bucket is called by the bucket's name."""
    folder = buckets.folder(bucket)
    for path in {folder, folder.resolve()}:
        text = text.replace(str(path), f"bucket {bucket}")
    return text


@contextmanager
def placeless(buckets: LocalBuckets, bucket: str) -> Iterator[None]:
    """Let errors of data sets say nothing of the server's disk."""
    try:
        yield
    except (DataSetInvalid, ObjectNotReadable) as error:
        raise type(error)(without_place(buckets, bucket, str(error))) from None


def _specification(buckets: LocalBuckets, asked: EvaluationAsked) -> str:
    path = str(buckets.path_of(asked.bucket, asked.path))
    if asked.kind is None:
        return path
    variant = asked.variant or KINDS[asked.kind].variants[0]
    return f"{asked.kind}:{path}:{variant}" if variant else f"{asked.kind}:{path}"
