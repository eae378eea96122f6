"""DetectFaces and CompareFaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.rekognition.presenting import bounding_box, compared_face, face_detail
from countenance.operations.compare_faces import compare_faces
from countenance.operations.detect_faces import QualityLevel, detect_faces

if TYPE_CHECKING:
    from countenance.doors.rekognition.desk import Desk, Request
    from countenance.doors.rekognition.presenting import Record

_SIMILARITY = 80.0


def detect(desk: Desk, request: Request) -> Record:
    """DetectFaces."""
    found = detect_faces(
        desk.vision, request.act, desk.opener(request.parameters["Image"], request.act.caller)
    )
    return {"FaceDetails": [face_detail(face, found.width_px, found.height_px) for face in found.faces]}


def compare(desk: Desk, request: Request) -> Record:
    """CompareFaces."""
    asked = request.parameters
    compared = compare_faces(
        desk.vision,
        request.act,
        desk.opener(asked["SourceImage"], request.act.caller),
        desk.opener(asked["TargetImage"], request.act.caller),
        level=QualityLevel(asked.get("QualityFilter", "NONE")),
    )
    least = asked.get("SimilarityThreshold", _SIMILARITY)
    source, target = compared.source_picture, compared.target_picture
    faces = [
        (match.similarity.percent, compared_face(match.face, target.width_px, target.height_px))
        for match in compared.matches
    ]
    box = compared.source.box.relative_to(source.width_px, source.height_px)
    return {
        "SourceImageFace": {"BoundingBox": bounding_box(box), "Confidence": compared.source.confidence},
        "FaceMatches": [{"Similarity": percent, "Face": face} for percent, face in faces if percent >= least],
        "UnmatchedFaces": [face for percent, face in faces if percent < least],
    }
