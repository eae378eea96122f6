"""Where a picture's bytes come from: memory or a local file, never more of them than the limit."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from countenance.errors import ImageNotReadable

if TYPE_CHECKING:
    from countenance.images.limits import ImageLimits

Source = bytes | bytearray | memoryview | str | os.PathLike[str]


def read_source(source: Source, limits: ImageLimits) -> bytes:
    """Return the encoded picture; a ``str`` or path-like object is a local path, never an address.

    Raises:
        ImageNotReadable: there is no such file, it may not be read, or it is not a regular file.
        ImageTooLarge: it has more bytes than allowed.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        limits.check_bytes(source.nbytes if isinstance(source, memoryview) else len(source))
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _read_file(os.fspath(source), limits)
    raise ImageNotReadable(
        f"image is given as {type(source).__name__}; give its bytes or the path of its file"
    )


def _read_file(path: str, limits: ImageLimits) -> bytes:
    """Read a regular file; its size is asked first, and no more than the limit is read should it grow."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ImageNotReadable(f"image {path!r} is not a regular file; give the path of a picture")
            limits.check_bytes(status.st_size)
            data = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise ImageNotReadable(f"image {path!r} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a NUL or a lone surrogate in the path
        raise ImageNotReadable(f"image {path!r} cannot be read: not a valid path ({error})") from error
    limits.check_bytes(len(data))
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    """Open without blocking: a named pipe without a writer would otherwise hold the caller for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
