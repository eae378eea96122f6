"""What every action of the wire API works with: the rooms behind the door, and one request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from countenance.doors.rekognition.faults import INVALID_PARAMETERS, Fault
from countenance.images import ImageLimits
from countenance.images.sources import StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.access import AccessKey
    from countenance.doors.tokens import PaginationTokens
    from countenance.gallery import Gallery
    from countenance.images import Photograph
    from countenance.images.sources import PictureSources
    from countenance.operations.acts import Act
    from countenance.operations.identifiers import Identifiers
    from countenance.operations.videos.rooms import VideoRooms
    from countenance.vision import FaceAnalyzer

FORMATS = frozenset({"JPEG", "PNG"})
MIN_SIDE_PX = 80
MAX_IMAGE_BYTES = 5_242_880
MAX_OBJECT_BYTES = 15_728_640


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose signer's act is begun, and whose parameters are as Amazon's model wants them.

    ``source`` says where a picture comes from, in a header of ours.
    """

    act: Act
    region: str
    parameters: dict[str, Any]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The rooms that actions hand to operations, and what the wire needs besides.

    ``account_id`` is the twelve digits in ARNs; ``limits`` bound a picture's pixels and sides.
    """

    vision: FaceAnalyzer
    gallery: Gallery
    pictures: PictureSources
    identifiers: Identifiers
    tokens: PaginationTokens
    account_id: str
    limits: ImageLimits
    videos: VideoRooms

    def opener(self, image: dict[str, Any], caller: AccessKey) -> Callable[[], Photograph]:
        """Return what opens an Image when an operation has decided that it may.

        What it returns raises NotPermitted where the caller's key may not read from the Image's bucket.

        Raises:
            Fault: InvalidParameterException, the Image does not have exactly one of Bytes and S3Object.
        """
        if ("Bytes" in image) == ("S3Object" in image):
            raise Fault("InvalidParameterException", f"{INVALID_PARAMETERS} (an Image has Bytes or S3Object)")
        limits = ImageLimits(
            max_bytes=MAX_IMAGE_BYTES,
            max_pixels=self.limits.max_pixels,
            max_side_px=self.limits.max_side_px,
            min_side_px=MIN_SIDE_PX,
            formats=FORMATS,
        )
        if "Bytes" in image:
            return partial(self.pictures.open, image["Bytes"], limits, MAX_OBJECT_BYTES)
        stored = stored_object(image["S3Object"])

        def open_stored() -> Photograph:
            caller.permit_bucket(stored.bucket)
            return self.pictures.open(stored, limits, MAX_OBJECT_BYTES)

        return open_stored


def stored_object(named: dict[str, Any]) -> StoredObject:
    """Return what an S3Object names.

    Raises:
        Fault: InvalidParameterException, it lacks Bucket or Name.
    """
    if not named.get("Bucket") or not named.get("Name"):
        raise Fault("InvalidParameterException", f"{INVALID_PARAMETERS} (an S3Object has Bucket and Name)")
    return StoredObject(named["Bucket"], named["Name"], named.get("Version"))
