"""Search, and say with each match what is needed to weigh it.

A similarity alone misleads: what stands for one stranger in 100,000 finds a stranger nearly always among
300,000 faces. So each match comes with its false match rate and with how many faces of strangers would reach
it by chance in a collection of this size, which is the rate times the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.operations.imports.ports import archive_reader
from countenance.operations.search_faces import search_faces
from countenance.operations.search_faces_by_image import search_faces_by_image
from countenance.operations.search_users import search_users_by_user
from countenance.operations.see_faces import portraits_of
from countenance.vision.calibration import false_match_rate_at
from countenance.vision.filtering import QualityLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.archive.values import PictureRecord
    from countenance.faces import Face, Similarity
    from countenance.gallery import Gallery
    from countenance.gallery.values import EnrolledFace, User
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.operations.search_faces import FaceMatch
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class Weight:
    """What a similarity is worth in a collection of some size.

    Attributes:
        percent: the similarity, 0–100.
        false_match_rate: how often two strangers are at least as alike.
        expected_false_matches: how many of the collection would be by chance, if none were who is sought.
    """

    percent: float
    false_match_rate: float
    expected_false_matches: float


@dataclass(frozen=True, slots=True)
class WeighedMatch:
    """Who was found (a face, or a user where users were searched), and what that is worth.

    ``portrait`` is a JPEG where the caller may see one; ``records`` are what the face's picture came with.
    """

    weight: Weight
    face: EnrolledFace | None = None
    user: User | None = None
    portrait: bytes | None = None
    records: tuple[PictureRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class WeighedAnswer:
    """The answer of a search.

    Attributes:
        matches: most similar first; none while people review them.
        threshold: what the least similarity that was asked for is worth.
        gallery_size: how many faces or users were looked at.
        least_rate: the smallest false match rate that the calibration's data can show.
        pack: what compared.
        review_id: the review that the answer waits for; None where it waits for none.
        searched: the face that was searched for, where a picture was.
    """

    matches: tuple[WeighedMatch, ...]
    threshold: Weight
    gallery_size: int
    least_rate: float
    pack: str
    review_id: str | None
    searched: Face | None = None


def least_false_match_rate(vision: FaceAnalyzer) -> float:
    """Return the smallest false match rate that the data behind similarities can show.

    Raises:
        PackNotCalibrated: the pack cannot say what a score means.
    """
    return vision.calibration.false_match_rates[-1]


def weigh_search_by_picture(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    open_picture: Callable[[], Photograph],
    *,
    most: int,
    least_similarity: float,
    level: QualityLevel = QualityLevel.NONE,
) -> WeighedAnswer:
    """Search for the largest face of a picture; raises what `search_faces_by_image` does."""
    found = search_faces_by_image(
        vision,
        gallery,
        act,
        collection_id,
        open_picture,
        most=most,
        least_similarity=least_similarity,
        level=level,
    )
    matches = _weighed_faces(gallery, act, collection_id, found.matches)
    return _answer(vision, act, matches, least_similarity, found.pack, found.searched)


def weigh_search_by_face(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    face_id: str,
    *,
    most: int,
    least_similarity: float,
) -> WeighedAnswer:
    """Search for faces like one of the collection; raises what `search_faces` does."""
    found = search_faces(
        vision, gallery, act, collection_id, face_id, most=most, least_similarity=least_similarity
    )
    matches = _weighed_faces(gallery, act, collection_id, found.matches)
    return _answer(vision, act, matches, least_similarity, found.pack)


def weigh_search_by_user(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    user_id: str,
    *,
    most: int,
    least_similarity: float,
) -> WeighedAnswer:
    """Search for users like one of the collection; raises what `search_users_by_user` does."""
    found = search_users_by_user(
        vision, gallery, act, collection_id, user_id, most=most, least_similarity=least_similarity
    )
    matches = [WeighedMatch(_weight(act, match.similarity), user=match.user) for match in found.matches]
    return _answer(vision, act, matches, least_similarity, found.pack)


def _weighed_faces(
    gallery: Gallery, act: Act, collection_id: str, found: Sequence[FaceMatch]
) -> list[WeighedMatch]:
    """Add what the faces' pictures came with, and portraits where the caller may see them."""
    if not found:
        return []
    faces = [match.face for match in found]
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        records = archive_reader(reader).records_of_pictures(collection, [face.image_id for face in faces])
        portraits = portraits_of(act, reader, collection, faces)
    return [
        WeighedMatch(
            _weight(act, match.similarity),
            face=match.face,
            portrait=portraits.get(match.face.face_id),
            records=tuple(records.get(match.face.image_id, ())),
        )
        for match in found
    ]


def _answer(
    vision: FaceAnalyzer,
    act: Act,
    matches: Sequence[WeighedMatch],
    least_similarity: float,
    pack: str,
    searched: Face | None = None,
) -> WeighedAnswer:
    rate, size = false_match_rate_at(least_similarity), act.gallery_size or 0
    return WeighedAnswer(
        matches=tuple(matches),
        threshold=Weight(least_similarity, rate, rate * size),
        gallery_size=size,
        least_rate=least_false_match_rate(vision),
        pack=pack,
        review_id=act.review_id,
        searched=searched,
    )


def _weight(act: Act, similarity: Similarity) -> Weight:
    rate = similarity.false_match_rate
    return Weight(similarity.percent, rate, rate * (act.gallery_size or 0))
