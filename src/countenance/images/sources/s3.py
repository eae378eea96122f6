"""Objects from any S3-compatible store, through boto3."""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import TYPE_CHECKING, Any

from countenance.errors import BucketsUnavailable, FetchFailed, ObjectNotReadable, VideoTooLarge
from countenance.images.sources.local import check_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from countenance.images.sources.stored import StoredObject

_CONNECT_SECONDS = 5
_READ_SECONDS = 20
_PART_BYTES = 1 << 20
_TOO_MANY, _SERVER_ERROR = 429, 500


class S3Buckets:
    """Reads objects with the credentials of the usual AWS chain: environment, files, role.

    Args:
        endpoint_url: the store's address; None for Amazon's own.
        region: the region; None for the one that the AWS chain names.
    """

    def __init__(self, endpoint_url: str | None = None, region: str | None = None) -> None:
        self._endpoint_url = endpoint_url
        self._region = region
        self._lock = threading.Lock()

    def read(self, stored: StoredObject, max_bytes: int) -> bytes:
        """Return an object's content.

        Raises:
            ObjectNotReadable: there is no such object, or it may not be read.
            BucketsUnavailable: the store does not answer.
            ImageTooLarge: it has more bytes than ``max_bytes``; it was not read.
        """
        # Importing boto3 takes a quarter of a second, which only those pay who use S3.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            answer = self._client().get_object(**_named(stored))
            # Not `with answer["Body"]`: that hands out the connection, whose bytes nobody checks.
            with contextlib.closing(answer["Body"]) as body:
                check_size(answer.get("ContentLength", 0), max_bytes)
                content: bytes = body.read(max_bytes + 1)
                body.read(1)  # the end is where length and checksum are compared
        except ClientError as error:
            raise _refused(stored, error) from None
        except (BotoCoreError, HTTPError, OSError, RecursionError, ValueError) as error:
            raise BucketsUnavailable(
                f"S3 cannot be asked for {stored.name!r}: {type(error).__name__}"
            ) from None
        check_size(len(content), max_bytes)
        return content

    def names(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Yield the names of a bucket's objects that begin with a prefix, in S3's order, page by page.

        Raises:
            ObjectNotReadable: there is no such bucket, or it may not be listed.
            BucketsUnavailable: the store does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", ()))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise ObjectNotReadable(f"S3 answered {code} for the list of bucket {bucket}") from None
        except (BotoCoreError, OSError, RecursionError, ValueError) as error:
            raise BucketsUnavailable(
                f"S3 cannot be asked what is in bucket {bucket}: {type(error).__name__}"
            ) from None

    def size_bytes(self, stored: StoredObject) -> int:
        """Return how many bytes an object has.

        Raises:
            ObjectNotReadable: there is no such object, it may not be read, or the store does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            return int(self._client().head_object(**_named(stored))["ContentLength"])
        except ClientError as error:
            raise _refused(stored, error) from None
        except (BotoCoreError, OSError, RecursionError, ValueError) as error:
            raise ObjectNotReadable(
                f"S3 cannot be asked for {stored.name!r}: {type(error).__name__}"
            ) from None

    def fetch_to(
        self, stored: StoredObject, file: BinaryIO, max_bytes: int, progress: Callable[[], None]
    ) -> None:
        """Write an object's content into a file, part by part; ``progress`` is called after each.

        Raises:
            ObjectNotReadable: there is no such object, or it may not be read.
            FetchFailed: the store did not give all of it; trying later may help.
            VideoTooLarge: it has more bytes than ``max_bytes``.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        count = 0
        try:
            answer = self._client().get_object(**_named(stored))
            with contextlib.closing(answer["Body"]) as body:
                while part := body.read(_PART_BYTES):
                    count += len(part)
                    if count > max_bytes:
                        raise VideoTooLarge(f"the object has more than the limit of {max_bytes:,} bytes")
                    file.write(part)
                    progress()
        except ClientError as error:
            raise _refused(stored, error) from None
        except (BotoCoreError, HTTPError) as error:
            raise FetchFailed(
                f"S3 did not give all of {stored.name!r}: {type(error).__name__} after {count:,} bytes"
            ) from None

    def _client(self) -> Any:
        with self._lock:  # making a client is not thread-safe, using one is
            return self._made

    @functools.cached_property
    def _made(self) -> Any:
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        return boto3.session.Session().client(
            "s3", endpoint_url=self._endpoint_url, region_name=self._region, config=config
        )


def _named(stored: StoredObject) -> dict[str, str]:
    named = {"Bucket": stored.bucket, "Key": stored.name}
    return named if stored.version is None else {**named, "VersionId": stored.version}


def _refused(stored: StoredObject, error: Any) -> ObjectNotReadable:
    code = error.response.get("Error", {}).get("Code", "unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = BucketsUnavailable if status >= _SERVER_ERROR or status == _TOO_MANY else ObjectNotReadable
    return kind(f"S3 answered {code} for {stored.name!r} in {stored.bucket}")
