"""Objects in buckets, as readers name them in forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import NotPermitted

if TYPE_CHECKING:
    from countenance.doors.console.visit import Visit

MOST_NAME = 1024


@dataclass(frozen=True, slots=True)
class Buckets:
    """What a form about objects in buckets shows.

    Attributes:
        folders: the buckets that are folders of the server and that the key may have read.
        s3: whether there may be others.
    """

    folders: tuple[str, ...]
    s3: bool


def buckets_of(visit: Visit) -> Buckets:
    """Return the buckets that the reader may name."""
    pictures = visit.desk.pictures
    return Buckets(tuple(name for name in pictures.folders if _may_read(visit, name)), pictures.reads_s3)


def address(bucket: str, name: str) -> str:
    """Return how an object, or what begins with a name, is named to imports."""
    return f"s3://{bucket}/{name.lstrip('/')}"


def _may_read(visit: Visit, bucket: str) -> bool:
    try:
        visit.key.permit_bucket(bucket)
    except NotPermitted:
        return False
    return True
