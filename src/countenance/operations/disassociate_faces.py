"""Take faces from a user; they stay in the collection."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from countenance.operations.erase_faces import require_no_hold
from countenance.operations.once import once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery import Change, Gallery
    from countenance.gallery.values import Collection, User
    from countenance.operations.acts import Act
    from countenance.operations.once import Json


class DisassociationFailure(enum.StrEnum):
    """Why a face was not taken from a user; a face without any user is not found among the user's."""

    FACE_NOT_FOUND = "FACE_NOT_FOUND"
    ASSOCIATED_TO_A_DIFFERENT_USER = "ASSOCIATED_TO_A_DIFFERENT_USER"


@dataclass(frozen=True, slots=True)
class NotDisassociated:
    """A face that was not the user's; ``user_id`` is whose it is."""

    face_id: str
    reason: DisassociationFailure
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class DisassociatedFaces:
    """The ids of the faces taken from the user, in the order asked for, the others, and how many it keeps."""

    disassociated: list[str]
    failures: list[NotDisassociated]
    face_count: int


def disassociate_faces(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    user_id: str,
    face_ids: Sequence[str],
    *,
    token: str | None = None,
) -> DisassociatedFaces:
    """Take faces from a user.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserNotFound: there is no such user.
        HoldInForce: a legal hold is on the user; without it nobody would know whose faces they are.
        RequestTokenReused: the token came before with other parameters.
    """
    act.permit("disassociate_faces", collection_id)
    wanted = list(dict.fromkeys(face_ids))
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        act.note(subjects=act.users(change.writer, collection, [user_id]), faces=len(wanted))
        parameters: dict[str, Json] = {
            "collection": collection.key,
            "user": user_id,
            "faces": cast("list[Json]", wanted),
        }

        def work() -> Json:
            user = change.writer.user(collection, user_id)
            require_no_hold(act, (), [user_id])
            return _as_json(_disassociate(change, collection, user, wanted))

        answer = once(change.writer, act.caller, "disassociate_faces", token, parameters, work)
    return _from_json(answer)


def _disassociate(
    change: Change, collection: Collection, user: User, wanted: list[str]
) -> DisassociatedFaces:
    found = change.writer.faces(collection, after_key=0, most=len(wanted), face_ids=wanted)
    owners = {face.face_id: face.user_id for face in found}
    theirs = [face for face in found if face.user_id == user.user_id]
    if theirs:
        change.disassociate(collection, user, [face.key for face in theirs])
    failures = []
    for face_id in wanted:
        owner = owners.get(face_id)
        if owner is None:
            failures.append(NotDisassociated(face_id, DisassociationFailure.FACE_NOT_FOUND))
        elif owner != user.user_id:
            reason = DisassociationFailure.ASSOCIATED_TO_A_DIFFERENT_USER
            failures.append(NotDisassociated(face_id, reason, owner))
    taken = [face_id for face_id in wanted if owners.get(face_id) == user.user_id]
    return DisassociatedFaces(taken, failures, user.face_count - len(taken))


def _as_json(faces: DisassociatedFaces) -> Json:
    failures: list[Json] = [
        [failure.face_id, failure.reason.value, failure.user_id] for failure in faces.failures
    ]
    disassociated = cast("list[Json]", faces.disassociated)
    return {"disassociated": disassociated, "failures": failures, "face_count": faces.face_count}


def _from_json(answer: Json) -> DisassociatedFaces:
    record = cast("dict[str, list[list[str | None]]]", answer)
    return DisassociatedFaces(
        cast("list[str]", record["disassociated"]),
        [
            NotDisassociated(str(face_id), DisassociationFailure(str(reason)), user_id)
            for face_id, reason, user_id in record["failures"]
        ],
        cast("int", record["face_count"]),
    )
