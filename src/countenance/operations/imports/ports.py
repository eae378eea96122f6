"""What imports need of a database: collections, jobs, and records of governance and of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from countenance.archive.ports import PictureRecordReader, PictureRecordWriter
from countenance.gallery.ports import GalleryReader, GalleryWriter
from countenance.governance import GovernanceReader
from countenance.jobs.ports import JobWriter

if TYPE_CHECKING:
    from countenance.gallery import Change


class ArchiveReader(PictureRecordReader, GalleryReader, Protocol):
    """Reads of collections and of what their pictures came with."""


class ImportWriter(PictureRecordWriter, JobWriter, GalleryWriter, GovernanceReader, Protocol):
    """The writer of a change, which also keeps jobs and records, and is asked what governance rests on."""


def archive_reader(reader: GalleryReader) -> ArchiveReader:
    """Return the reader of collections as that of records, which it also is."""
    return cast("ArchiveReader", reader)


def import_writer(change: Change) -> ImportWriter:
    """Return the writer of a change as all that it is: one transaction holds all of it."""
    return cast("ImportWriter", change.writer)
