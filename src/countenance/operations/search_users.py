"""Search a collection's users for one like a user or a face of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.gallery import vector_of_user
from countenance.governance import Candidate, CandidateKeys
from countenance.operations.answers import must_review, note_answer, open_review
from countenance.operations.probes import least_score, note_calibration, require_pack, similarities_of
from countenance.operations.usable import require_usable, require_usable_user, usable_users

if TYPE_CHECKING:
    from collections.abc import Callable

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
        act.note(subjects=act.users(reader, collection, [user_id]))
        require_usable_user(act, reader, collection, user)
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
        require_usable(act, reader, collection, face)
        probe = reader.templates(collection, [face.key]).vectors[0]
        act.note(subjects=act.subjects(reader, collection, [face]))
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
    picture: Callable[[], bytes] | None = None,
) -> list[UserMatch]:
    """Return, and note, the users of a collection that are at least so similar to a probe, best first.

    Where people must review them first, none are returned; ``picture`` shows the reviewers the probe.
    """
    calibration = vision.calibration
    candidates = gallery.search_users(
        collection,
        probe,
        most=most,
        at_least=least_score(calibration, least_similarity),
        excluding=excluding,
        usable=usable_users(act, collection),
        adjusting=vision.around(probe),
    )
    similarities = similarities_of(calibration, [found.score for found in candidates])
    matches = [UserMatch(found.user, like) for found, like in zip(candidates, similarities, strict=True)]
    matches = [match for match in matches if match.similarity.percent >= least_similarity]
    with gallery.reading() as reader:
        subjects = act.users(reader, collection, [match.user.user_id for match in matches])
    results = [(subject, match.similarity) for subject, match in zip(subjects, matches, strict=True)]
    note_calibration(vision, act)
    note_answer(act, collection, least_similarity, gallery.count_searched(collection)[1], results)
    if not must_review(act) or not matches:
        return matches
    waiting = [
        (
            Candidate(match.user.user_id, None, match.user.user_id, match.similarity.percent),
            CandidateKeys(user_key=match.user.key),
        )
        for match in matches
    ]
    open_review(act, collection, waiting, picture() if picture is not None else None)
    return []
