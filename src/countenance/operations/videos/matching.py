"""Search a collection for the face that a track shows; all rules hold as for a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.search_faces import matching_faces

if TYPE_CHECKING:
    from countenance.faces import Template
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act
    from countenance.operations.search_faces import FaceMatch
    from countenance.vision import FaceAnalyzer


def matches_of_track(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection: Collection,
    template: Template,
    portrait: bytes | None,
    *,
    most: int,
    least_similarity: float,
) -> list[FaceMatch]:
    """Return, and note in the act, the faces of a collection that are like a track's, most similar first.

    Where people must review answers first, none are returned and the act names the review.

    Args:
        vision: what made the template.
        gallery: the collections.
        act: one that got leave for this collection; one answer is noted in it, so each search takes its own.
        collection: where is searched; it was filled by the pack in use.
        template: of the track, or of all that is seen of a person.
        portrait: a small JPEG that shows reviewers whom they judge.
        most: how many matches are returned at most.
        least_similarity: what a match reaches at least, 0–100.

    Raises:
        PackNotCalibrated: the pack cannot say what a score means.
        StoreUnavailable: the database does not answer.
    """
    return matching_faces(
        vision,
        gallery,
        act,
        collection,
        template.vector,
        most=most,
        least_similarity=least_similarity,
        picture=(lambda: portrait) if portrait is not None else None,
    )
