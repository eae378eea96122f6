"""Search a collection's users for one like a user or a face of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.gallery import vector_of_user
from countenance.ledger import in_hundredths
from countenance.operations.probes import least_score, require_pack, similarities_of

if TYPE_CHECKING:
    from countenance.faces import Similarity, Vector
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection, User
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class UserMatch:
    """A user and how similar it is to the probe."""

    user: User
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class UserMatches:
    """Matches, most similar first, and the pack that compared them."""

    matches: list[UserMatch]
    pack: str


def search_users_by_user(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    user_id: str,
    *,
    most: int,
    least_similarity: float,
) -> UserMatches:
    """Return the users that are like a user, without itself; none where that user has no face yet.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserNotFound: there is no such user.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    act.permit("search_users", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        require_pack(vision, collection)
        user = reader.user(collection, user_id)
        act.note(subjects=[act.user(collection, user_id)])
        probe = vector_of_user(reader, collection, user)
    if probe is None:
        return UserMatches([], collection.pack)
    matches = matching_users(
        vision,
        gallery,
        act,
        collection,
        probe,
        most=most,
        least_similarity=least_similarity,
        excluding=(user.key,),
    )
    return UserMatches(matches, collection.pack)


def search_users_by_face(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    face_id: str,
    *,
    most: int,
    least_similarity: float,
) -> UserMatches:
    """Return the users that are like an enrolled face.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        FaceNotFound: there is no such face.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    act.permit("search_users", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        require_pack(vision, collection)
        face = reader.face(collection, face_id)
        probe = reader.templates(collection, [face.key]).vectors[0]
    act.note(subjects=act.subjects(collection, [face]))
    matches = matching_users(
        vision, gallery, act, collection, probe, most=most, least_similarity=least_similarity
    )
    return UserMatches(matches, collection.pack)


def matching_users(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection: Collection,
    probe: Vector,
    *,
    most: int,
    least_similarity: float,
    excluding: tuple[int, ...] = (),
) -> list[UserMatch]:
    """Return, and note, the users of a collection that are at least so similar to a probe, best first."""
    calibration = vision.calibration
    candidates = gallery.search_users(
        collection, probe, most=most, at_least=least_score(calibration, least_similarity), excluding=excluding
    )
    similarities = similarities_of(calibration, [found.score for found in candidates])
    matches = [UserMatch(found.user, like) for found, like in zip(candidates, similarities, strict=True)]
    matches = [match for match in matches if match.similarity.percent >= least_similarity]
    results = [
        [act.user(collection, match.user.user_id), in_hundredths(match.similarity.percent)]
        for match in matches
    ]
    act.note(pack=collection.pack, threshold=in_hundredths(least_similarity), results=results)
    return matches
