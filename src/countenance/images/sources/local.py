"""Buckets that are local folders, for one machine without S3."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from countenance.errors import ImageTooLarge, ObjectNotReadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

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

    @property
    def bucket_names(self) -> tuple[str, ...]:
        """The buckets that there are, sorted."""
        return tuple(sorted(self._folders))

    def folder(self, bucket: str) -> Path:
        """Return the folder that is a bucket; raises ObjectNotReadable."""
        if bucket not in self._folders:
            raise ObjectNotReadable(f"no local folder is the bucket {bucket}: name it in [buckets]")
        return self._folders[bucket]

    def path_of(self, bucket: str, name: str) -> Path:
        """Return where a file or folder of a bucket lies; an empty name is the bucket's own folder.

        Raises:
            ObjectNotReadable: there is nothing of that name, or it or a folder above it is a link.
        """
        path, parts = self.folder(bucket), [part for part in name.split("/") if part]
        try:
            for part in parts:
                path /= part
                if part in _FORBIDDEN or stat.S_ISLNK(path.lstat().st_mode):
                    break
            else:
                return path
        except (OSError, ValueError):
            pass  # as where a part is a link: the reason would say something about the server's disk
        raise ObjectNotReadable(f"bucket {bucket} has no readable file or folder of the name {name!r}")

    def read(self, stored: StoredObject, max_bytes: int) -> bytes:
        """Return an object's content.

        Raises:
            ObjectNotReadable: there is no such bucket or regular file, or it may not be read.
            ImageTooLarge: it has more bytes than ``max_bytes``; it was not read.
        """
        with self.open_file(stored) as file:
            try:
                check_size(os.fstat(file.fileno()).st_size, max_bytes)
                content = file.read(max_bytes + 1)
            except OSError:
                raise _missing(stored) from None
        check_size(len(content), max_bytes)
        return content

    def open_file(self, stored: StoredObject) -> BinaryIO:
        """Return an object where it is, open for reading.

        Raises:
            ObjectNotReadable: there is no such bucket or regular file, or it may not be read.
        """
        if stored.version is not None:
            raise ObjectNotReadable(f"bucket {stored.bucket} is a local folder, which keeps no versions")
        parts = stored.name.split("/")
        name_bytes = len(stored.name.encode(errors="surrogatepass"))
        if name_bytes > _LONGEST_NAME_BYTES or _FORBIDDEN & set(parts):
            raise _missing(stored)
        try:
            return _opened(self._folders[stored.bucket], parts)
        except (OSError, ValueError, KeyError):
            # Neither the reason nor the folder's place is told: both say something about the server's disk.
            raise _missing(stored) from None

    def names(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Yield the names of a bucket's objects that begin with a prefix, folder by folder in order.

        Links are left out, since they are not read either.

        Raises:
            ObjectNotReadable: there is no such bucket, or its folder cannot be read.
        """
        if bucket not in self._folders:
            raise ObjectNotReadable(f"there is no bucket {bucket}")
        waiting = [""]
        while waiting:
            place = waiting.pop()
            folders, files = _listed(self._folders[bucket] / place, bucket, place)
            within = f"{place}/" if place else ""
            yield from (f"{within}{name}" for name in files if f"{within}{name}".startswith(prefix))
            below = [f"{within}{name}" for name in folders]
            waiting += [name for name in reversed(below) if f"{name}/".startswith(prefix[: len(name) + 1])]


def _listed(folder: Path, bucket: str, place: str) -> tuple[list[str], list[str]]:
    """Return the names of the folders and of the regular files in a folder, in order."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        if place:
            return [], []
        raise ObjectNotReadable(f"the folder of bucket {bucket} is not there") from None
    except (OSError, ValueError):
        raise ObjectNotReadable(f"bucket {bucket} cannot be listed at {place!r}") from None
    folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return folders, [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]


def _opened(folder: Path, parts: list[str]) -> BinaryIO:
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
        _require_regular(descriptor)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _require_regular(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


def check_size(count: int, max_bytes: int) -> None:
    """Refuse an object of more bytes.

    Raises:
        ImageTooLarge: there are more than ``max_bytes``.
    """
    if count > max_bytes:
        raise ImageTooLarge(f"the object has {count:,} bytes; the limit is {max_bytes:,}")


def _missing(stored: StoredObject) -> ObjectNotReadable:
    return ObjectNotReadable(f"bucket {stored.bucket} has no readable file of the name {stored.name!r}")
