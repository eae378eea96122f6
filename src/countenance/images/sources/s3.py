"""Objects from any S3-compatible store, through boto3."""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import TYPE_CHECKING, Any

from countenance.errors import ObjectNotReadable
from countenance.images.sources.local import check_size

if TYPE_CHECKING:
    from countenance.images.sources.stored import StoredObject

_CONNECT_SECONDS = 5
_READ_SECONDS = 20


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
            ObjectNotReadable: there is no such object, it may not be read, or the store does not answer.
            ImageTooLarge: it has more bytes than ``max_bytes``; it was not read.
        """
        # Importing boto3 takes a quarter of a second, which only those pay who use S3.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        named = {"Bucket": stored.bucket, "Key": stored.name}
        if stored.version is not None:
            named["VersionId"] = stored.version
        try:
            answer = self._client().get_object(**named)
            # Not `with answer["Body"]`: that hands out the connection, whose bytes nobody checks.
            with contextlib.closing(answer["Body"]) as body:
                check_size(answer.get("ContentLength", 0), max_bytes)
                content: bytes = body.read(max_bytes + 1)
                body.read(1)  # the end is where length and checksum are compared
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise ObjectNotReadable(f"S3 answered {code} for {stored.name!r} in {stored.bucket}") from None
        except (BotoCoreError, HTTPError, OSError, RecursionError, ValueError) as error:
            raise ObjectNotReadable(
                f"S3 cannot be asked for {stored.name!r}: {type(error).__name__}"
            ) from None
        check_size(len(content), max_bytes)
        return content

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
