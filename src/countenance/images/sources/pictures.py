"""Opens pictures wherever they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from countenance.errors import ObjectNotReadable
from countenance.images.photograph import Photograph, open_image
from countenance.images.sources.stored import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.images.limits import ImageLimits
    from countenance.images.sources.local import LocalBuckets
    from countenance.images.sources.s3 import S3Buckets

ImageSource = bytes | StoredObject


class PictureSources:
    """Local buckets, then S3 where it is configured."""

    def __init__(self, local: LocalBuckets, s3: S3Buckets | None) -> None:
        self._local = local
        self._s3 = s3

    @property
    def folders(self) -> tuple[str, ...]:
        """The names of the buckets that are local folders, sorted."""
        return self._local.bucket_names

    @property
    def reads_s3(self) -> bool:
        """Whether there may be other buckets."""
        return self._s3 is not None

    def open(self, source: ImageSource, limits: ImageLimits, max_object_bytes: int) -> Photograph:
        """Fetch a picture and read its header.

        Args:
            source: the encoded bytes, or the name of an object.
            limits: what the picture must keep; ``max_bytes`` holds for bytes.
            max_object_bytes: the largest object.

        Raises:
            ObjectNotReadable: the object cannot be had.
            ImageError: the picture is not within the limits or cannot be read.
        """
        if isinstance(source, bytes):
            return open_image(source, limits)
        return open_image(
            self._fetched(source, max_object_bytes), replace(limits, max_bytes=max_object_bytes)
        )

    def names(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Yield the names of a bucket's objects that begin with a prefix.

        Raises:
            ObjectNotReadable: there is no such bucket, or it cannot be listed.
        """
        if bucket in self._local:
            return self._local.names(bucket, prefix)
        return self._beyond(bucket).names(bucket, prefix)

    def _fetched(self, stored: StoredObject, max_bytes: int) -> bytes:
        if stored.bucket in self._local:
            return self._local.read(stored, max_bytes)
        return self._beyond(stored.bucket).read(stored, max_bytes)

    def _beyond(self, bucket: str) -> S3Buckets:
        if self._s3 is None:
            raise ObjectNotReadable(
                f"there is no bucket {bucket}: name its folder in [buckets], or set s3_endpoint_url"
            )
        return self._s3
