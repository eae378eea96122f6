"""What a row of the tables of bad input is, and the ground that all rows stand on."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.wire import Message, Wire

ACCOUNT = "000000000000"
SOME_FACE = "0123abcd-0123-0123-0123-0123456789ab"


@dataclass(frozen=True)
class Ground:
    """A server with a collection of one face and one user, and keys of all kinds."""

    wire: Wire
    limited: Wire
    """Its key may do no more than list_collections and search_*, in collections named public-*."""
    revoked: Wire
    collection: str
    face_id: str
    arn: str
    picture: bytes
    faces_token: str
    """A pagination token of ListFaces for the collection, with MaxResults 1."""

    def in_collection(self, operation: str, **members: Any) -> Message:
        """Return a request about the collection."""
        return self.wire.message(operation, {"CollectionId": self.collection} | members)

    def detect(self, content: bytes) -> Message:
        """Return a DetectFaces request with a picture's bytes."""
        return self.wire.message("DetectFaces", {"Image": {"Bytes": base64.b64encode(content).decode()}})

    def stored(self, name: str, bucket: str = "pictures", **members: Any) -> Message:
        """Return a DetectFaces request that names an object."""
        return self.wire.message(
            "DetectFaces", {"Image": {"S3Object": {"Bucket": bucket, "Name": name} | members}}
        )


@dataclass(frozen=True)
class BadInput:
    """What is sent and which error comes back: Amazon's name and the HTTP status."""

    what: str
    send: Callable[[Ground], Message]
    code: str | None
    status: int = 400
    words: str = ""


def asking(operation: str, **members: Any) -> Callable[[Ground], Message]:
    """Return what makes a request whose parameters do not depend on the ground."""
    return lambda ground: ground.wire.message(operation, members)


def within(operation: str, **members: Any) -> Callable[[Ground], Message]:
    """Return what makes a request about the ground's collection."""
    return lambda ground: ground.in_collection(operation, **members)
