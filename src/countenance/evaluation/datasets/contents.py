"""The bytes of pictures: what each file's SHA-256 is, or why there is none."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BLOCK_BYTES = 1 << 20
_MOST_THREADS = 8
_BATCH = 10_000
_NOT_THERE = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP))


@dataclass(frozen=True, slots=True)
class Content:
    """A file's SHA-256, in hexadecimal; where there is none, whether the file is missing, and the trouble."""

    sha256: str = ""
    missing: bool = False
    trouble: str = ""


def contents_of(files: Iterable[Path], most_bytes: int) -> dict[Path, Content]:
    """Return what each file holds; files of more than ``most_bytes`` are not read."""
    different = list(dict.fromkeys(files))
    # Hashing and reading release the interpreter's lock.
    found: dict[Path, Content] = {}
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        for start in range(0, len(different), _BATCH):
            batch = different[start : start + _BATCH]
            contents = threads.map(lambda file: _content(file, most_bytes), batch)
            found.update(zip(batch, contents, strict=True))
    return found


def _content(file: Path, most_bytes: int) -> Content:
    try:
        # Without O_NONBLOCK a named pipe would hold the reader for ever.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return Content(missing=True)
        return Content(trouble=f"could not be read ({error.strerror})")
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Content(trouble="are no regular files")
        if status.st_size > most_bytes:
            return Content(trouble=f"have more than {most_bytes:,} bytes, the limit of a picture")
        hashed = hashlib.sha256()
        while block := os.read(descriptor, _BLOCK_BYTES):
            hashed.update(block)
    except OSError as error:
        return Content(trouble=f"could not be read ({error.strerror})")
    finally:
        os.close(descriptor)
    return Content(hashed.hexdigest())
