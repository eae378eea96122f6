"""Compare the largest face of one picture with every face of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.ledger import in_hundredths
from countenance.operations.probes import fit_faces, note_calibration
from countenance.vision.filtering import QualityLevel

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Face, Similarity
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class Match:
    """A face of the target picture and how similar it is to the source face."""

    face: Face
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class Comparison:
    """The source picture's largest face and the target's faces, most similar first, with both pictures."""

    source: Face
    matches: list[Match]
    source_picture: Photograph
    target_picture: Photograph


def compare_faces(
    vision: FaceAnalyzer,
    act: Act,
    open_source: Callable[[], Photograph],
    open_target: Callable[[], Photograph],
    *,
    level: QualityLevel = QualityLevel.NONE,
) -> Comparison:
    """Compare the largest face of the source picture with each face of the target picture.

    Faces below the quality level are left out.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ImageError: a picture cannot be read.
        NoFaceFound: one of the pictures shows no face.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    act.permit("compare_faces")
    source, target = open_source(), open_target()
    act.note_picture(source)
    act.note_picture(target)
    largest = fit_faces(vision, source, level, "source picture")[0]
    faces = fit_faces(vision, target, level, "target picture")
    matches = [Match(face, vision.compare(largest, face)) for face in faces]
    matches.sort(key=lambda match: -match.similarity.percent)
    note_calibration(vision, act)
    act.note(pack=vision.pack, similarities=[in_hundredths(match.similarity.percent) for match in matches])
    return Comparison(largest, matches, source, target)
