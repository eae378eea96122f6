"""Compare the largest face of one picture with every face of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import NoFaceFound

if TYPE_CHECKING:
    from countenance.faces import Face, Similarity
    from countenance.vision import FaceAnalyzer, Source


@dataclass(frozen=True, slots=True)
class Match:
    """A face of the target picture and how similar it is to the source face."""

    face: Face
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class Comparison:
    """The source picture's largest face and the target's faces, most similar first."""

    source: Face
    matches: list[Match]


def compare_faces(vision: FaceAnalyzer, source: Source, target: Source) -> Comparison:
    """Compare the largest face of ``source`` with each face of ``target``.

    Raises:
        ImageError: a picture cannot be read.
        NoFaceFound: one of the pictures shows no face.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    source_faces, target_faces = vision.faces(source), vision.faces(target)
    for name, faces in (("source", source_faces), ("target", target_faces)):
        if not faces:
            raise NoFaceFound(f"no face was found in the {name} picture; at least one is needed")
    largest = source_faces[0]
    matches = [Match(face, vision.compare(largest, face)) for face in target_faces]
    return Comparison(largest, sorted(matches, key=lambda match: -match.similarity.percent))
