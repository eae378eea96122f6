"""Find and measure the faces of one picture, and set aside those below a quality level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.vision.filtering import QualityLevel, RejectedFace, filter_faces

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Face
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer

__all__ = ["DetectedFaces", "QualityLevel", "RejectedFace", "detect_faces"]


@dataclass(frozen=True, slots=True)
class DetectedFaces:
    """The faces of one picture, largest first, those set aside with the reasons, and the picture's size."""

    faces: list[Face]
    rejected: list[RejectedFace]
    width_px: int
    height_px: int


def detect_faces(
    vision: FaceAnalyzer,
    act: Act,
    open_picture: Callable[[], Photograph],
    *,
    level: QualityLevel = QualityLevel.NONE,
    minimum_face_px: float | None = None,
) -> DetectedFaces:
    """Return the faces of a picture; no template is made of anybody.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ImageError: the picture cannot be read.
    """
    act.permit("detect_faces")
    photograph = open_picture()
    act.note_picture(photograph)
    faces = vision.faces(photograph, templates=False, minimum_face_px=minimum_face_px)
    act.note(pack=vision.pack, faces=len(faces))
    return DetectedFaces(*filter_faces(faces, level), photograph.width_px, photograph.height_px)
