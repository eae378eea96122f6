"""Faces as numbers."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from countenance.doors.rest.models.fields import LINE, Asked, Line, Told, text

_VALUE = "0–100, more is better."


class ImageBytes(Asked):
    """A picture in the request itself."""

    content: str = Field(
        alias="bytes",
        description="The encoded picture, in base64.",
        examples=[
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        ],
        json_schema_extra={"contentEncoding": "base64"},
    )


class ImageInBucket(Asked):
    """A picture in a bucket, local or of S3."""

    bucket: Annotated[str, text(r"^[0-9A-Za-z._\-]+$", 255)] = Field(
        description="The bucket.", examples=["pictures"]
    )
    name: Annotated[str, text(LINE, 1024)] = Field(
        description="The object's name.", examples=["2026/collins.jpg"]
    )
    version: Line | None = Field(
        default=None, description="Which version; the newest without it.", examples=[None]
    )


def _kind(value: object) -> str:
    return (
        "bytes"
        if isinstance(value, ImageBytes) or (isinstance(value, dict) and "bytes" in value)
        else "bucket"
    )


Image = Annotated[
    Annotated[ImageBytes, Tag("bytes")] | Annotated[ImageInBucket, Tag("bucket")], Discriminator(_kind)
]


class TemplatesWanted(Asked):
    """A picture whose faces are to be made templates."""

    image: Image = Field(description="The picture: either its `bytes`, or a `bucket` and a `name`.")


class Point(Told):
    """A position in the upright picture, from its top-left corner."""

    x_px: float = Field(description="To the right.", examples=[211.5])
    y_px: float = Field(description="Down.", examples=[140.25])


class Landmarks(Told):
    """Five positions; left and right are the viewer's."""

    eye_left: Point
    eye_right: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point


class Box(Told):
    """An upright rectangle; it may reach beyond the picture."""

    left_px: float = Field(description="Its left edge.", examples=[170.2])
    top_px: float = Field(description="Its top edge.", examples=[72.9])
    width_px: float = Field(description="Its width.", examples=[104.1])
    height_px: float = Field(description="Its height.", examples=[131.7])


class Pose(Told):
    """Where the head points; all 0 for a face that looks into the camera."""

    pitch_degrees: float = Field(description="Positive when the face looks up.", examples=[3.1])
    roll_degrees: float = Field(description="Positive when tilted clockwise as seen.", examples=[-8.4])
    yaw_degrees: float = Field(description="Positive when turned to the viewer's right.", examples=[5.0])


class Quality(Told):
    """How good the picture of a face is."""

    brightness: float = Field(description="0–100; 50 is a normal exposure.", examples=[51.0])
    sharpness: float = Field(description=_VALUE, examples=[92.2])
    contrast: float = Field(description=_VALUE, examples=[63.0])
    illumination_uniformity: float = Field(description=_VALUE, examples=[81.5])
    under_exposure_prevention: float = Field(description=_VALUE, examples=[99.0])
    over_exposure_prevention: float = Field(description=_VALUE, examples=[98.2])
    dynamic_range: float = Field(description=_VALUE, examples=[88.0])
    inter_eye_distance_px: float = Field(description="Between the eyes' centres.", examples=[47.3])
    unified_score: float = Field(description="All of it with pose and size, 0–100.", examples=[84.0])


class FoundFace(Told):
    """A face that was found."""

    box: Box
    confidence_percent: float = Field(description="How sure the detector is, 0–100.", examples=[99.99])
    landmarks: Landmarks
    pose: Pose
    quality: Quality


class FaceTemplate(FoundFace):
    """A face that was found, and its template."""

    template: tuple[float, ...] = Field(
        description="The face as numbers of unit length; only those of one pack can be compared.",
        examples=[[-0.0873, 0.1204, 0.0031]],
    )


class Templates(Told):
    """The faces of a picture, largest first."""

    pack: str = Field(description="What made the templates.", examples=["dlib-cc0"])
    width_px: int = Field(description="The width of the upright picture.", examples=[512])
    height_px: int = Field(description="Its height.", examples=[512])
    faces: tuple[FaceTemplate, ...] = Field(description="The faces, largest first.")
