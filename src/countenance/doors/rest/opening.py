"""From the picture that a request names to what opens it, once the operation has decided that it may."""

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from countenance.doors.desk import Desk
from countenance.doors.rest.models.templates import Image, ImageBytes
from countenance.errors import ImageBroken
from countenance.images.sources import StoredObject

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.images import Photograph


def opener_of(desk: Desk, key: "AccessKey", image: Image) -> Callable[[], "Photograph"]:
    """Return what opens a picture; where it is in a bucket, the key must allow that."""
    limits = desk.limits
    if isinstance(image, ImageBytes):
        return lambda: desk.pictures.open(_decoded(image.content), limits, limits.max_bytes)
    stored = StoredObject(image.bucket, image.name, image.version)

    def open_stored() -> "Photograph":
        key.permit_bucket(stored.bucket)
        return desk.pictures.open(stored, limits, limits.max_bytes)

    return open_stored


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        raise ImageBroken("the picture's bytes are not in base64") from None
