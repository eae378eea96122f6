"""IndexFaces, ListFaces, DeleteFaces, SearchFaces and SearchFacesByImage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.rekognition.presenting import (
    bounding_box,
    enrolled_face,
    face_detail,
    present,
    unindexed_faces,
)
from countenance.operations.delete_faces import delete_faces
from countenance.operations.detect_faces import QualityLevel
from countenance.operations.index_faces import index_faces
from countenance.operations.list_faces import list_faces
from countenance.operations.search_faces import search_faces
from countenance.operations.search_faces_by_image import search_faces_by_image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.doors.rekognition.desk import Desk, Request
    from countenance.doors.rekognition.presenting import Record
    from countenance.operations.search_faces import FaceMatch

_PAGE = 4096
_MATCHES = 80
_SIMILARITY = 80.0


def index(desk: Desk, request: Request) -> Record:
    """IndexFaces."""
    asked = request.parameters
    indexed = index_faces(
        desk.vision,
        desk.gallery,
        desk.identifiers,
        request.act,
        asked["CollectionId"],
        desk.opener(asked["Image"], request.act.caller),
        external_image_id=asked.get("ExternalImageId"),
        source=request.source,
        most=asked.get("MaxFaces"),
        level=QualityLevel(asked.get("QualityFilter", "AUTO")),
    )
    return {
        "FaceRecords": [
            {
                "Face": enrolled_face(enrolled, indexed.pack),
                "FaceDetail": face_detail(face, indexed.width_px, indexed.height_px),
            }
            for enrolled, face in indexed.enrolled
        ],
        "FaceModelVersion": indexed.pack,
        "UnindexedFaces": unindexed_faces(indexed.rejected, indexed.width_px, indexed.height_px),
    }


def list_all(desk: Desk, request: Request) -> Record:
    """ListFaces."""
    asked = request.parameters
    belongs_to = {
        "operation": "ListFaces",
        "collection": asked["CollectionId"],
        "user": asked.get("UserId"),
        "faces": asked.get("FaceIds"),
    }
    listed = list_faces(
        desk.gallery,
        request.act,
        asked["CollectionId"],
        most=asked.get("MaxResults", _PAGE),
        after_key=desk.tokens.position(asked.get("NextToken"), belongs_to),
        user_id=asked.get("UserId"),
        face_ids=asked.get("FaceIds"),
    )
    return present(
        {
            "Faces": [enrolled_face(face, listed.pack) for face in listed.page.items],
            "FaceModelVersion": listed.pack,
            "NextToken": desk.tokens.following(listed.page, belongs_to),
        }
    )


def delete(desk: Desk, request: Request) -> Record:
    """DeleteFaces."""
    asked = request.parameters
    outcome = delete_faces(desk.gallery, request.act, asked["CollectionId"], asked["FaceIds"])
    return {
        "DeletedFaces": outcome.deleted,
        "UnsuccessfulFaceDeletions": [
            present({"FaceId": failure.face_id, "UserId": failure.user_id, "Reasons": [failure.reason.value]})
            for failure in outcome.failures
        ],
    }


def search(desk: Desk, request: Request) -> Record:
    """SearchFaces."""
    asked = request.parameters
    found = search_faces(
        desk.vision,
        desk.gallery,
        request.act,
        asked["CollectionId"],
        asked["FaceId"],
        most=asked.get("MaxFaces", _MATCHES),
        least_similarity=asked.get("FaceMatchThreshold", _SIMILARITY),
    )
    return {
        "SearchedFaceId": asked["FaceId"],
        "FaceMatches": _matches(found.matches, found.pack),
        "FaceModelVersion": found.pack,
    }


def search_by_image(desk: Desk, request: Request) -> Record:
    """SearchFacesByImage."""
    asked = request.parameters
    found = search_faces_by_image(
        desk.vision,
        desk.gallery,
        request.act,
        asked["CollectionId"],
        desk.opener(asked["Image"], request.act.caller),
        most=asked.get("MaxFaces", _MATCHES),
        least_similarity=asked.get("FaceMatchThreshold", _SIMILARITY),
        level=QualityLevel(asked.get("QualityFilter", "NONE")),
    )
    return {
        "SearchedFaceBoundingBox": bounding_box(
            found.searched.box.relative_to(found.width_px, found.height_px)
        ),
        "SearchedFaceConfidence": found.searched.confidence,
        "FaceMatches": _matches(found.matches, found.pack),
        "FaceModelVersion": found.pack,
    }


def _matches(matches: Iterable[FaceMatch], pack: str) -> list[Record]:
    return [
        {"Similarity": match.similarity.percent, "Face": enrolled_face(match.face, pack)} for match in matches
    ]
