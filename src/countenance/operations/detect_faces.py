"""Find and measure the faces of one picture, and set aside those below a quality level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.vision.filtering import QualityLevel, RejectedFace, filter_faces

if TYPE_CHECKING:
    from countenance.faces import Face
    from countenance.vision import FaceAnalyzer, Source

__all__ = ["DetectedFaces", "QualityLevel", "RejectedFace", "detect_faces"]


@dataclass(frozen=True, slots=True)
class DetectedFaces:
    """The faces of one picture, largest first, and those set aside with the reasons."""

    faces: list[Face]
    rejected: list[RejectedFace]


def detect_faces(
    vision: FaceAnalyzer,
    source: Source,
    *,
    level: QualityLevel = QualityLevel.NONE,
    minimum_face_px: float | None = None,
) -> DetectedFaces:
    """Return the faces of a picture; no template is made of anybody.

    Raises:
        ImageError: the picture cannot be read.
    """
    faces = vision.faces(source, templates=False, minimum_face_px=minimum_face_px)
    return DetectedFaces(*filter_faces(faces, level))
