"""`/v1/templates`: the faces of a picture as numbers, for who compares them elsewhere."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.templates import (
    Box,
    FaceTemplate,
    Landmarks,
    Point,
    Pose,
    Quality,
    Templates,
    TemplatesWanted,
)
from countenance.doors.rest.opening import opener_of
from countenance.operations import make_templates as making

if TYPE_CHECKING:
    from countenance import faces
    from countenance.operations.acts import Act

router = new_router("templates")


@router.post(
    "/templates",
    responses=problems(_400="The body is not JSON, or the picture cannot be read.", _413="It is too large."),
)
async def make_templates(call: TheCall, wanted: TemplatesWanted) -> Templates:
    """Find the faces of a picture and make their templates; nothing is kept."""
    opener = opener_of(call.desk, call.key, wanted.image)

    def make(act: "Act") -> Templates:
        made = making.make_templates(call.desk.vision, act, opener)
        return Templates(
            pack=made.pack,
            width_px=made.width_px,
            height_px=made.height_px,
            faces=tuple(_shown(face) for face in made.faces),
        )

    return await call.do(make)


def _shown(face: "faces.Face") -> FaceTemplate:
    assert face.template is not None  # noqa: S101 - the operation makes them
    return FaceTemplate(**face_shown(face), template=tuple(face.template.vector.tolist()))


def face_shown(face: "faces.Face") -> dict[str, Any]:
    """Return the members that describe a face that was found."""
    box, marks = face.box, face.landmarks
    return {
        "box": Box(left_px=box.left, top_px=box.top, width_px=box.width, height_px=box.height),
        "confidence_percent": face.confidence,
        "landmarks": Landmarks(
            eye_left=_point(marks.eye_left),
            eye_right=_point(marks.eye_right),
            nose=_point(marks.nose),
            mouth_left=_point(marks.mouth_left),
            mouth_right=_point(marks.mouth_right),
        ),
        "pose": Pose(**asdict(face.pose)),
        "quality": Quality(**asdict(face.quality)),
    }


def _point(point: "faces.Point") -> Point:
    return Point(x_px=point.x, y_px=point.y)
