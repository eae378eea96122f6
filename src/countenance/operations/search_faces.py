"""Search a collection for faces like one that is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.governance import Candidate, CandidateKeys
from countenance.operations.answers import must_review, note_answer, open_review
from countenance.operations.probes import least_score, note_calibration, require_pack, similarities_of
from countenance.operations.usable import require_usable, usable_faces

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Similarity, Vector
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class FaceMatch:
    """An enrolled face and how similar it is to the probe."""

    face: EnrolledFace
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class FaceMatches:
    """Matches, most similar first, and the pack that compared them; none while people review them."""

    matches: list[FaceMatch]
    pack: str


def search_faces(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    face_id: str,
    *,
    most: int,
    least_similarity: float,
) -> FaceMatches:
    """Return the faces of a collection that are like one of them, without itself.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        FaceNotFound: there is no such face.
        ConsentMissing: the face may not be used any more.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    act.permit("search_faces", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        require_pack(vision, collection)
        face = reader.face(collection, face_id)
        require_usable(act, reader, collection, face)
        probe = reader.templates(collection, [face.key]).vectors[0]
        act.note(subjects=act.subjects(reader, collection, [face]))
    matches = matching_faces(
        vision,
        gallery,
        act,
        collection,
        probe,
        most=most,
        least_similarity=least_similarity,
        excluding=(face.key,),
    )
    return FaceMatches(matches, collection.pack)


def matching_faces(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection: Collection,
    probe: Vector,
    *,
    most: int,
    least_similarity: float,
    excluding: tuple[int, ...] = (),
    picture: Callable[[], bytes] | None = None,
) -> list[FaceMatch]:
    """Return, and note, the faces of a collection that are at least so similar to a probe, best first.

    Where people must review them first, none are returned; ``picture`` shows the reviewers the probe.
    """
    calibration = vision.calibration
    candidates = gallery.search_faces(
        collection,
        probe,
        most=most,
        at_least=least_score(calibration, least_similarity),
        excluding=excluding,
        usable=usable_faces(act, collection),
        adjusting=vision.around(probe),
    )
    similarities = similarities_of(calibration, [found.score for found in candidates])
    matches = [FaceMatch(found.face, like) for found, like in zip(candidates, similarities, strict=True)]
    matches = [match for match in matches if match.similarity.percent >= least_similarity]
    with gallery.reading() as reader:
        subjects = act.subjects(reader, collection, [match.face for match in matches])
    results = [(subject, match.similarity) for subject, match in zip(subjects, matches, strict=True)]
    note_calibration(vision, act)
    note_answer(act, collection, least_similarity, gallery.count_searched(collection)[0], results)
    if not must_review(act) or not matches:
        return matches
    waiting = [
        (
            Candidate(
                match.face.face_id,
                match.face.external_image_id,
                match.face.user_id,
                match.similarity.percent,
            ),
            CandidateKeys(face_key=match.face.key),
        )
        for match in matches
    ]
    open_review(act, collection, waiting, picture() if picture is not None else None)
    return []
