"""Opens videos wherever they are: those of local buckets in place, those of S3 as a private copy."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.errors import FetchFailed, ObjectNotReadable, VideoTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from countenance.images.sources.local import LocalBuckets
    from countenance.images.sources.s3 import S3Buckets
    from countenance.images.sources.stored import StoredObject

MOST_BYTES = 10 * 1024**3


class VideoSources:
    """Local buckets, then S3 where it is configured.

    Args:
        local: the folders that are buckets.
        s3: the store of all other buckets.
        max_bytes: the largest video; Amazon takes 10 GiB.
    """

    def __init__(self, local: LocalBuckets, s3: S3Buckets | None, max_bytes: int = MOST_BYTES) -> None:
        self._local = local
        self._s3 = s3
        self._max_bytes = max_bytes

    def require(self, stored: StoredObject) -> None:
        """Do nothing where there is such an object, and it is not too large.

        Raises:
            ObjectNotReadable: it cannot be had.
            VideoTooLarge: it has too many bytes.
        """
        if stored.bucket in self._local:
            with self._local.open_file(stored) as file:
                self._check(os.fstat(file.fileno()).st_size)
        else:
            self._check(self._beyond(stored.bucket).size_bytes(stored))

    @contextmanager
    def opened(self, stored: StoredObject, progress: Callable[[], None] = lambda: None) -> Iterator[Path]:
        """Return a path that opens a video for as long as the block runs; of a copy nothing is left then.

        It leads to the open file, whatever becomes of the name that it had. This needs a POSIX system.

        Args:
            stored: the object.
            progress: is called while it is copied, at least with every megabyte; what it raises ends that.

        Raises:
            ObjectNotReadable: it cannot be had.
            FetchFailed: it cannot be had now; trying later may help.
            VideoTooLarge: it has too many bytes.
        """
        if stored.bucket in self._local:
            with self._local.open_file(stored) as file:
                self._check(os.fstat(file.fileno()).st_size)
                yield _path_of(file)
            return
        s3 = self._beyond(stored.bucket)
        # It has no name that anybody could open it by, and is gone with the process.
        with tempfile.TemporaryFile(prefix="countenance-") as copy:
            try:
                s3.fetch_to(stored, copy, self._max_bytes, progress)
                copy.seek(0)
            except OSError as error:
                raise FetchFailed(
                    f"the video cannot be copied to {tempfile.gettempdir()}: {error.strerror or error}; "
                    "make room there, or set TMPDIR"
                ) from None
            yield _path_of(copy)

    def _beyond(self, bucket: str) -> S3Buckets:
        if self._s3 is None:
            raise ObjectNotReadable(
                f"there is no bucket {bucket}: name its folder in [buckets], or set s3_endpoint_url"
            )
        return self._s3

    def _check(self, count: int) -> None:
        if count > self._max_bytes:
            raise VideoTooLarge(f"the video has {count:,} bytes; the limit is {self._max_bytes:,}")


def _path_of(file: BinaryIO) -> Path:
    return Path("/dev/fd", str(file.fileno()))
