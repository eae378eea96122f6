"""Delete faces from a collection."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.operations.erase_faces import erase_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery import Gallery
    from countenance.operations.acts import Act


class DeletionFailure(enum.StrEnum):
    """Why a face was not deleted."""

    FACE_NOT_FOUND = "FACE_NOT_FOUND"
    ASSOCIATED_TO_AN_EXISTING_USER = "ASSOCIATED_TO_AN_EXISTING_USER"


@dataclass(frozen=True, slots=True)
class NotDeleted:
    """A face that was not deleted; ``user_id`` is the user it is associated with."""

    face_id: str
    user_id: str | None
    reason: DeletionFailure


@dataclass(frozen=True, slots=True)
class DeletedFaces:
    """The ids of the deleted faces, in the order asked for, and those that stay."""

    deleted: list[str]
    failures: list[NotDeleted]


def delete_faces(gallery: Gallery, act: Act, collection_id: str, face_ids: Sequence[str]) -> DeletedFaces:
    """Delete faces; one that belongs to a user must be taken from it first.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        HoldInForce: a legal hold forbids it.
    """
    act.permit("delete_faces", collection_id)
    wanted = list(dict.fromkeys(face_ids))
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        found = change.writer.faces(collection, after_key=0, most=len(wanted), face_ids=wanted)
        by_id = {face.face_id: face for face in found}
        free = [by_id[face_id] for face_id in wanted if face_id in by_id and by_id[face_id].user_id is None]
        erase_faces(act, change, collection, free, "request")
    failures = [
        NotDeleted(face_id, None, DeletionFailure.FACE_NOT_FOUND)
        for face_id in wanted
        if face_id not in by_id
    ]
    failures += [
        NotDeleted(face.face_id, face.user_id, DeletionFailure.ASSOCIATED_TO_AN_EXISTING_USER)
        for face in found
        if face.user_id is not None
    ]
    return DeletedFaces([face.face_id for face in free], failures)
