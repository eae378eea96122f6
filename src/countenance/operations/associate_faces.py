"""Make faces of a collection a user's."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from countenance.errors import GalleryFull
from countenance.gallery import MOST_FACES_OF_A_USER, vector_of_user
from countenance.operations.once import once
from countenance.operations.probes import note_calibration, require_pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery import Change, Gallery
    from countenance.gallery.values import Collection, EnrolledFace, User, Vectors
    from countenance.operations.acts import Act
    from countenance.operations.once import Json
    from countenance.vision import FaceAnalyzer


class AssociationFailure(enum.StrEnum):
    """Why a face was not made a user's."""

    FACE_NOT_FOUND = "FACE_NOT_FOUND"
    ASSOCIATED_TO_A_DIFFERENT_USER = "ASSOCIATED_TO_A_DIFFERENT_USER"
    LOW_MATCH_CONFIDENCE = "LOW_MATCH_CONFIDENCE"


@dataclass(frozen=True, slots=True)
class NotAssociated:
    """A face that was not made the user's; its own user or its similarity to the user says why."""

    face_id: str
    reason: AssociationFailure
    user_id: str | None = None
    similarity_percent: float | None = None


@dataclass(frozen=True, slots=True)
class AssociatedFaces:
    """The ids of the faces that are the user's now, as asked for, the others, and how many it has."""

    associated: list[str]
    failures: list[NotAssociated]
    face_count: int


def associate_faces(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    user_id: str,
    face_ids: Sequence[str],
    *,
    least_similarity: float,
    token: str | None = None,
) -> AssociatedFaces:
    """Make those faces the user's that are like the faces it has.

    A user without faces is measured by the one of the new faces that is most like the others.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserNotFound: there is no such user.
        PacksDiffer: the collection was filled by another pack.
        GalleryFull: the user would have more than 100 faces.
        RequestTokenReused: the token came before with other parameters.
    """
    act.permit("associate_faces", collection_id)
    wanted = list(dict.fromkeys(face_ids))
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        act.note(subjects=act.users(change.writer, collection, [user_id]), faces=len(wanted))
        require_pack(vision, collection)
        note_calibration(vision, act)
        parameters: dict[str, Json] = {
            "collection": collection.key,
            "user": user_id,
            "faces": cast("list[Json]", wanted),
            "similarity": least_similarity,
        }

        def work() -> Json:
            user = change.writer.user(collection, user_id)
            return _as_json(_associate(vision, change, collection, user, wanted, least_similarity))

        answer = once(change.writer, act.caller, "associate_faces", token, parameters, work)
    return _from_json(answer)


def _associate(
    vision: FaceAnalyzer,
    change: Change,
    collection: Collection,
    user: User,
    wanted: list[str],
    least_similarity: float,
) -> AssociatedFaces:
    found = change.writer.faces(collection, after_key=0, most=len(wanted), face_ids=wanted)
    failures = [
        NotAssociated(face_id, AssociationFailure.FACE_NOT_FOUND)
        for face_id in wanted
        if face_id not in {face.face_id for face in found}
    ]
    failures += [
        NotAssociated(face.face_id, AssociationFailure.ASSOCIATED_TO_A_DIFFERENT_USER, user_id=face.user_id)
        for face in found
        if face.user_id not in (None, user.user_id)
    ]
    free = [face for face in found if face.user_id is None]
    similarities = _similarities_to_user(vision, change, collection, user, free)
    alike = [face for face in free if similarities[face.key] >= least_similarity]
    failures += [
        NotAssociated(
            face.face_id,
            AssociationFailure.LOW_MATCH_CONFIDENCE,
            similarity_percent=similarities[face.key],
        )
        for face in free
        if similarities[face.key] < least_similarity
    ]
    give_faces(change, collection, user, [face.key for face in alike])
    theirs = {face.face_id for face in alike} | {
        face.face_id for face in found if face.user_id == user.user_id
    }
    associated = [face_id for face_id in wanted if face_id in theirs]
    return AssociatedFaces(associated, failures, user.face_count + len(alike))


def give_faces(change: Change, collection: Collection, user: User, keys: Sequence[int]) -> None:
    """Make faces a user's that have no user yet.

    Raises:
        GalleryFull: the user would have more than 100 faces.
    """
    if user.face_count + len(keys) > MOST_FACES_OF_A_USER:
        raise GalleryFull(
            f"the user {user.user_id} has {user.face_count} faces and cannot get {len(keys)} more; "
            f"the limit is {MOST_FACES_OF_A_USER}"
        )
    if keys:
        change.associate(collection, user, keys)


def _similarities_to_user(
    vision: FaceAnalyzer,
    change: Change,
    collection: Collection,
    user: User,
    faces: Sequence[EnrolledFace],
) -> dict[int, float]:
    """Return, by face key, how similar (0–100) faces are to a user."""
    if not faces:
        return {}
    block = change.writer.templates(collection, [face.key for face in faces])
    reference = vector_of_user(change.writer, collection, user)
    if reference is None:
        reference = _most_typical(block.vectors)
    percents, _ = vision.calibration.similarities(vision.comparison_scores(reference, block.vectors))
    return dict(zip(block.keys.tolist(), percents.tolist(), strict=True))


def _most_typical(vectors: Vectors) -> Vectors:
    """Return the vector that is most like the others on average: one stranger among them cannot be it."""
    typical: Vectors = vectors[int(np.argmax((vectors @ vectors.T).sum(axis=1)))]
    return typical


def _as_json(faces: AssociatedFaces) -> Json:
    failures: list[Json] = [
        [failure.face_id, failure.reason.value, failure.user_id, failure.similarity_percent]
        for failure in faces.failures
    ]
    associated = cast("list[Json]", faces.associated)
    return {"associated": associated, "failures": failures, "face_count": faces.face_count}


def _from_json(answer: Json) -> AssociatedFaces:
    record = cast("dict[str, list[list[str | float | None]]]", answer)
    return AssociatedFaces(
        cast("list[str]", record["associated"]),
        [
            NotAssociated(
                str(face_id),
                AssociationFailure(str(reason)),
                cast("str | None", user_id),
                cast("float | None", similarity),
            )
            for face_id, reason, user_id, similarity in record["failures"]
        ],
        cast("int", record["face_count"]),
    )
