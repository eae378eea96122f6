"""`/v1/templates`: the faces of a picture as numbers, for who compares them elsewhere."""

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.desk import RestDesk
from countenance.doors.rest.models.templates import (
    Box,
    FaceTemplate,
    Image,
    ImageBytes,
    Landmarks,
    Point,
    Pose,
    Quality,
    Templates,
    TemplatesWanted,
)
from countenance.errors import ImageBroken
from countenance.images.sources import StoredObject
from countenance.operations import make_templates as making

if TYPE_CHECKING:
    from countenance import faces
    from countenance.access import AccessKey
    from countenance.images import Photograph
    from countenance.operations.acts import Act

router = new_router("templates")


@router.post(
    "/templates",
    responses=problems(_400="The body is not JSON, or the picture cannot be read.", _413="It is too large."),
)
async def make_templates(call: TheCall, wanted: TemplatesWanted) -> Templates:
    """Find the faces of a picture and make their templates; nothing is kept."""
    opener = _opener(call.desk, call.key, wanted.image)

    def make(act: "Act") -> Templates:
        made = making.make_templates(call.desk.vision, act, opener)
        return Templates(
            pack=made.pack,
            width_px=made.width_px,
            height_px=made.height_px,
            faces=tuple(_shown(face) for face in made.faces),
        )

    return await call.do(make)


def _opener(desk: RestDesk, key: "AccessKey", image: Image) -> Callable[[], "Photograph"]:
    """Return what opens a picture when the operation has decided that it may."""
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


def _shown(face: "faces.Face") -> FaceTemplate:
    assert face.template is not None  # noqa: S101 - the operation makes them
    box, marks = face.box, face.landmarks
    return FaceTemplate(
        box=Box(left_px=box.left, top_px=box.top, width_px=box.width, height_px=box.height),
        confidence_percent=face.confidence,
        landmarks=Landmarks(
            eye_left=_point(marks.eye_left),
            eye_right=_point(marks.eye_right),
            nose=_point(marks.nose),
            mouth_left=_point(marks.mouth_left),
            mouth_right=_point(marks.mouth_right),
        ),
        pose=Pose(**asdict(face.pose)),
        quality=Quality(**asdict(face.quality)),
        template=tuple(face.template.vector.tolist()),
    )


def _point(point: "faces.Point") -> Point:
    return Point(x_px=point.x, y_px=point.y)
