"""CreateUser, DeleteUser, ListUsers, AssociateFaces, DisassociateFaces, SearchUsers, SearchUsersByImage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.rekognition.faults import Fault
from countenance.doors.rekognition.presenting import face_detail, present, user, user_status
from countenance.operations.associate_faces import associate_faces
from countenance.operations.create_user import create_user
from countenance.operations.delete_user import delete_user
from countenance.operations.detect_faces import QualityLevel
from countenance.operations.disassociate_faces import disassociate_faces
from countenance.operations.list_users import list_users
from countenance.operations.search_users import search_users_by_face, search_users_by_user
from countenance.operations.search_users_by_image import search_users_by_image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.doors.rekognition.desk import Desk, Request
    from countenance.doors.rekognition.presenting import Record
    from countenance.operations.search_users import UserMatch

_PAGE = 500
_MATCHES = 80
_SIMILARITY = 80.0
_ASSOCIATION_SIMILARITY = 75.0


def create(desk: Desk, request: Request) -> Record:
    """CreateUser."""
    asked = request.parameters
    create_user(
        desk.gallery,
        request.act,
        asked["CollectionId"],
        asked["UserId"],
        token=asked.get("ClientRequestToken"),
    )
    return {}


def delete(desk: Desk, request: Request) -> Record:
    """DeleteUser."""
    asked = request.parameters
    delete_user(
        desk.gallery,
        request.act,
        asked["CollectionId"],
        asked["UserId"],
        token=asked.get("ClientRequestToken"),
    )
    return {}


def list_all(desk: Desk, request: Request) -> Record:
    """ListUsers."""
    asked = request.parameters
    belongs_to = {"operation": "ListUsers", "collection": asked["CollectionId"]}
    page = list_users(
        desk.gallery,
        request.act,
        asked["CollectionId"],
        most=asked.get("MaxResults", _PAGE),
        after_key=desk.tokens.position(asked.get("NextToken"), belongs_to),
    )
    return present(
        {
            "Users": [user(listed) for listed in page.items],
            "NextToken": desk.tokens.following(page, belongs_to),
        }
    )


def associate(desk: Desk, request: Request) -> Record:
    """AssociateFaces."""
    asked = request.parameters
    outcome = associate_faces(
        desk.vision,
        desk.gallery,
        request.act,
        asked["CollectionId"],
        asked["UserId"],
        asked["FaceIds"],
        least_similarity=asked.get("UserMatchThreshold", _ASSOCIATION_SIMILARITY),
        token=asked.get("ClientRequestToken"),
    )
    return {
        "AssociatedFaces": [{"FaceId": face_id} for face_id in outcome.associated],
        "UnsuccessfulFaceAssociations": [
            present(
                {
                    "FaceId": failure.face_id,
                    "UserId": failure.user_id,
                    "Confidence": failure.similarity_percent,
                    "Reasons": [failure.reason.value],
                }
            )
            for failure in outcome.failures
        ],
        "UserStatus": user_status(outcome.face_count),
    }


def disassociate(desk: Desk, request: Request) -> Record:
    """DisassociateFaces."""
    asked = request.parameters
    outcome = disassociate_faces(
        desk.gallery,
        request.act,
        asked["CollectionId"],
        asked["UserId"],
        asked["FaceIds"],
        token=asked.get("ClientRequestToken"),
    )
    return {
        "DisassociatedFaces": [{"FaceId": face_id} for face_id in outcome.disassociated],
        "UnsuccessfulFaceDisassociations": [
            present({"FaceId": failure.face_id, "UserId": failure.user_id, "Reasons": [failure.reason.value]})
            for failure in outcome.failures
        ],
        "UserStatus": user_status(outcome.face_count),
    }


def search(desk: Desk, request: Request) -> Record:
    """SearchUsers."""
    asked = request.parameters
    if ("UserId" in asked) == ("FaceId" in asked):
        raise Fault("InvalidParameterException", "Request has invalid parameters. (either UserId or FaceId)")
    most = asked.get("MaxUsers", _MATCHES)
    least_similarity = asked.get("UserMatchThreshold", _SIMILARITY)
    if "UserId" in asked:
        searched = {"SearchedUser": {"UserId": asked["UserId"]}}
        found = search_users_by_user(
            desk.vision,
            desk.gallery,
            request.act,
            asked["CollectionId"],
            asked["UserId"],
            most=most,
            least_similarity=least_similarity,
        )
    else:
        searched = {"SearchedFace": {"FaceId": asked["FaceId"]}}
        found = search_users_by_face(
            desk.vision,
            desk.gallery,
            request.act,
            asked["CollectionId"],
            asked["FaceId"],
            most=most,
            least_similarity=least_similarity,
        )
    return searched | {"UserMatches": _matches(found.matches), "FaceModelVersion": found.pack}


def search_by_image(desk: Desk, request: Request) -> Record:
    """SearchUsersByImage."""
    asked = request.parameters
    found = search_users_by_image(
        desk.vision,
        desk.gallery,
        request.act,
        asked["CollectionId"],
        desk.opener(asked["Image"], request.act.caller),
        most=asked.get("MaxUsers", _MATCHES),
        least_similarity=asked.get("UserMatchThreshold", _SIMILARITY),
        level=QualityLevel(asked.get("QualityFilter", "NONE")),
    )
    size = found.width_px, found.height_px
    others = [(face, ["FACE_NOT_LARGEST"]) for face in found.smaller]
    others += [(out.face, [reason.value for reason in out.reasons]) for out in found.rejected]
    return present(
        {
            "UserMatches": _matches(found.matches),
            "FaceModelVersion": found.pack,
            "SearchedFace": {"FaceDetail": face_detail(found.searched, *size)} if found.searched else None,
            "UnsearchedFaces": [
                {"FaceDetails": face_detail(face, *size), "Reasons": reasons} for face, reasons in others
            ],
        }
    )


def _matches(matches: Iterable[UserMatch]) -> list[Record]:
    return [{"Similarity": match.similarity.percent, "User": user(match.user)} for match in matches]
