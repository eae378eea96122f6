"""Buckets that are local folders, for one machine without S3."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from countenance.errors import ImageTooLarge, ObjectNotReadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from countenance.images.sources.stored import StoredObject

_LONGEST_NAME_BYTES = 1024
_FORBIDDEN = {"", ".", ".."}


class LocalBuckets:
    """Reads objects from folders; the object's name is a path within its bucket's folder.

    Nothing outside a folder is ever opened. Each part of a name is opened relative to the folder before it,
    and links are not followed, so neither ``..`` nor a link, even one put there meanwhile, leads out.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)

    def __contains__(self, bucket: str) -> bool:
        """Tell whether there is such a bucket."""
        return bucket in self._folders

    def read(self, stored: StoredObject, max_bytes: int) -> bytes:
        """Return an object's content.

        Raises:
            ObjectNotReadable: there is no such bucket or regular file, or it may not be read.
            ImageTooLarge: it has more bytes than ``max_bytes``; it was not read.
        """
        if stored.version is not None:
            raise ObjectNotReadable(f"bucket {stored.bucket} is a local folder, which keeps no versions")
        parts = stored.name.split("/")
        name_bytes = len(stored.name.encode(errors="surrogatepass"))
        if name_bytes > _LONGEST_NAME_BYTES or _FORBIDDEN & set(parts):
            raise _missing(stored)
        try:
            return _read(self._folders[stored.bucket], parts, max_bytes)
        except (OSError, ValueError, KeyError):
            # Neither the reason nor the folder's place is told: both say something about the server's disk.
            raise _missing(stored) from None


def _read(folder: Path, parts: list[str], max_bytes: int) -> bytes:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(part, flags, dir_fd=directory)
            os.close(directory)
            directory = inner
        # Without O_NONBLOCK a named pipe would hold the caller for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(parts[-1], flags, dir_fd=directory)
    finally:
        os.close(directory)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        check_size(status.st_size, max_bytes)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(max_bytes + 1)
    finally:
        os.close(descriptor)
    check_size(len(content), max_bytes)
    return content


def check_size(count: int, max_bytes: int) -> None:
    """Refuse an object of more bytes.

    Raises:
        ImageTooLarge: there are more than ``max_bytes``.
    """
    if count > max_bytes:
        raise ImageTooLarge(f"the object has {count:,} bytes; the limit is {max_bytes:,}")


def _missing(stored: StoredObject) -> ObjectNotReadable:
    return ObjectNotReadable(f"bucket {stored.bucket} has no readable file of the name {stored.name!r}")
