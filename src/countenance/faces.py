"""Frozen values that cross rooms: boxes, landmarks, pose, quality, faces, templates and comparisons.

All coordinates are pixels of the upright original picture (EXIF orientation applied), x to the right and
y down, (0, 0) at the top-left corner of the top-left pixel. "Left" and "right" are the viewer's.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import PacksDiffer

if TYPE_CHECKING:
    from collections.abc import Iterator

Pixels = npt.NDArray[np.uint8]
"""A picture: height × width × 3, red green blue."""

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RelativeBox:
    """An upright rectangle in shares of the picture's width and height; it may reach beyond 0–1."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; it may reach beyond the picture where a face leaves the frame."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge, in pixels."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The y of the bottom edge, in pixels."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Width times height, in square pixels."""
        return self.width * self.height

    def relative_to(self, width_px: float, height_px: float) -> RelativeBox:
        """Return the box in shares of a picture of that size."""
        return RelativeBox(
            self.left / width_px, self.top / height_px, self.width / width_px, self.height / height_px
        )


@dataclass(frozen=True, slots=True)
class Point:
    """A position in pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five facial landmarks; left and right are the viewer's, as in Rekognition's ``eyeLeft``."""

    eye_left: Point
    eye_right: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point

    def __iter__(self) -> Iterator[Point]:
        """Yield the points in the order of the fields."""
        return iter((self.eye_left, self.eye_right, self.nose, self.mouth_left, self.mouth_right))

    @classmethod
    def from_array(cls, points: npt.ArrayLike) -> Landmarks:
        """Build landmarks from a 5 × 2 array of x, y in the order of the fields."""
        return cls(*(Point(float(x), float(y)) for x, y in np.asarray(points, dtype=np.float64)))

    def to_array(self) -> npt.NDArray[np.float64]:
        """Return a 5 × 2 float64 array of x, y in the order of the fields."""
        return np.array([(point.x, point.y) for point in self])


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head points, in degrees, each 0 for a face looking straight into the camera.

    ``pitch_degrees`` is positive when the face looks up, ``yaw_degrees`` when it turns towards the viewer's
    right, ``roll_degrees`` when the head is tilted clockwise as the viewer sees it.
    """

    pitch_degrees: float
    roll_degrees: float
    yaw_degrees: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one face, each 0–100 (more is better) but for ``inter_eye_distance_px``.

    ``sharpness`` and ``brightness`` follow Rekognition's convention of 0–100 (brightness 50 is a normal
    exposure). ``illumination_uniformity``, ``under_exposure_prevention``, ``over_exposure_prevention`` and
    ``dynamic_range`` are ISO/IEC 29794-5 measures. ``unified_score`` joins them with pose and size.
    """

    brightness: float
    sharpness: float
    contrast: float
    illumination_uniformity: float
    under_exposure_prevention: float
    over_exposure_prevention: float
    dynamic_range: float
    inter_eye_distance_px: float
    unified_score: float


class RejectionReason(enum.StrEnum):
    """Why a quality filter set a face aside, in Rekognition's words."""

    EXCEEDS_MAX_FACES = "EXCEEDS_MAX_FACES"
    EXTREME_POSE = "EXTREME_POSE"
    LOW_BRIGHTNESS = "LOW_BRIGHTNESS"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    LOW_FACE_QUALITY = "LOW_FACE_QUALITY"
    LOW_SHARPNESS = "LOW_SHARPNESS"
    SMALL_BOUNDING_BOX = "SMALL_BOUNDING_BOX"


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A face as numbers: an L2-normalised float32 vector and the name of the pack that made it."""

    pack: str
    vector: Vector

    def score(self, other: Template) -> float:
        """Return the comparison score (cosine, −1 to 1) with another template of the same pack.

        Raises:
            PacksDiffer: the two templates were made by different packs.
        """
        if self.pack != other.pack:
            raise PacksDiffer(
                f"a template of pack {self.pack} cannot be compared with one of pack {other.pack}; "
                "make both with the same pack"
            )
        return float(self.vector @ other.vector)


@dataclass(frozen=True, slots=True)
class Face:
    """One face found in a picture, with what was measured of it.

    ``confidence`` is the detector's, 0–100. ``template`` is None where only detection was asked for.
    """

    box: Box
    landmarks: Landmarks
    confidence: float
    pose: Pose
    quality: Quality
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class Similarity:
    """A calibrated comparison: how alike two faces are and how often strangers look that alike.

    ``percent`` is 0–100. ``false_match_rate`` is the share of non-mated comparisons that score at least this
    high in the pack's calibration data (ISO/IEC 19795-1 FMR); it is never below what the data can show.
    """

    percent: float
    false_match_rate: float
