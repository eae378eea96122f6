"""Ids of pictures and faces that are the same again for the same picture, and tell strangers nothing.

Rekognition gives the same face of the same picture the same id, and adds nothing when a picture comes again.
An id here is a keyed hash of the picture's bytes, so who does not know the server's secret cannot test
whether a picture that he holds was enrolled.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.images import Photograph


class Identifiers:
    """Makes ids with one secret of 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def image_id(self, photograph: Photograph) -> str:
        """Return the id of a picture, a UUID."""
        return self.image_id_of(photograph.sha256)

    def image_id_of(self, sha256: bytes) -> str:
        """Return the id of a picture whose digest is known."""
        return self._uuid("image", sha256)

    def face_id(self, image_id: str, external_image_id: str | None, pack: str, place: int) -> str:
        """Return the id of a face, a UUID; ``place`` counts the picture's faces, largest first, from 0."""
        return self._uuid("face", f"{image_id}\n{external_image_id or ''}\n{pack}\n{place}".encode())

    def _uuid(self, kind: str, content: bytes) -> str:
        digest = hmac.digest(self._secret, kind.encode() + b"\n" + content, hashlib.sha256)
        return str(uuid.UUID(bytes=digest[:16], version=4))
