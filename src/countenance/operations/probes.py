"""From a picture to the faces that may be compared, and from similarities to scores and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import NoFaceFound, PacksDiffer
from countenance.faces import Similarity
from countenance.vision.filtering import filter_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.faces import Face, Template, Vector
    from countenance.gallery.values import Collection
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer
    from countenance.vision.calibration import Calibration
    from countenance.vision.filtering import QualityLevel

_ROUNDING = 1e-9


def fit_faces(
    vision: FaceAnalyzer, photograph: Photograph, level: QualityLevel, picture: str = "picture"
) -> list[Face]:
    """Return the faces of a picture that reach a quality level, largest first, at least one.

    Raises:
        ImageError: the picture cannot be read.
        NoFaceFound: it shows no such face.
    """
    faces, rejected = filter_faces(vision.faces(photograph), level)
    if not faces:
        why = f"; {len(rejected)} were below the quality level {level}" if rejected else ""
        raise NoFaceFound(f"no face was found in the {picture}{why}; at least one is needed")
    return faces


def template_of(face: Face) -> Template:
    """Return the template of a face that was found with it."""
    if face.template is None:
        raise NoFaceFound("the face was found without making its template")
    return face.template


def vector_of(face: Face) -> Vector:
    """Return the vector of a face that was found with its template."""
    return template_of(face).vector


def require_pack(vision: FaceAnalyzer, collection: Collection) -> None:
    """Do nothing where the collection was filled by the pack in use.

    Raises:
        PacksDiffer: its templates were made by another pack.
    """
    if collection.pack != vision.pack:
        raise PacksDiffer(
            f"the collection {collection.collection_id} was filled with the pack {collection.pack} and this "
            f"server uses {vision.pack}; start a server with that pack, or index the pictures again"
        )


def least_score(calibration: Calibration, least_similarity: float) -> float:
    """Return a score that whatever is at least so similar (0–100) reaches; some that do are less similar.

    The way from scores to similarities and back rounds, so the similarity itself has to be asked at the end.
    """
    return calibration.score_at(least_similarity) - _ROUNDING


def note_calibration(vision: FaceAnalyzer, act: Act) -> None:
    """Note where similarities rest on fair calibration; without a note they rest on global calibration."""
    if vision.calibrated_fairly:
        act.note(calibration="fair")


def similarities_of(calibration: Calibration, scores: Sequence[float]) -> list[Similarity]:
    """Return what comparison scores mean, all at once."""
    percents, rates = calibration.similarities(scores)
    return [
        Similarity(percent, rate) for percent, rate in zip(percents.tolist(), rates.tolist(), strict=True)
    ]
