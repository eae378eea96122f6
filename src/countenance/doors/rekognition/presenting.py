"""Our values in Amazon's words. What a pack does not measure is absent: nothing is invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.faces import Face, Landmarks, RelativeBox
    from countenance.gallery.values import EnrolledFace, User
    from countenance.operations.detect_faces import RejectedFace

Record = dict[str, Any]


def bounding_box(box: RelativeBox) -> Record:
    """Return a BoundingBox."""
    return {"Width": box.width, "Height": box.height, "Left": box.left, "Top": box.top}


def compared_face(face: Face, width_px: int, height_px: int) -> Record:
    """Return a ComparedFace: the measures that a FaceDetail has by default."""
    return {
        "BoundingBox": bounding_box(face.box.relative_to(width_px, height_px)),
        "Confidence": face.confidence,
        "Landmarks": _landmarks(face.landmarks, width_px, height_px),
        "Pose": {
            "Roll": face.pose.roll_degrees,
            "Yaw": face.pose.yaw_degrees,
            "Pitch": face.pose.pitch_degrees,
        },
        "Quality": {"Brightness": face.quality.brightness, "Sharpness": face.quality.sharpness},
    }


face_detail = compared_face
"""A FaceDetail's default attributes are a ComparedFace's; of the others our packs measure none."""


def enrolled_face(face: EnrolledFace, pack: str) -> Record:
    """Return a Face."""
    return present(
        {
            "FaceId": face.face_id,
            "BoundingBox": bounding_box(face.box),
            "ImageId": face.image_id,
            "ExternalImageId": face.external_image_id,
            "Confidence": face.confidence,
            "IndexFacesModelVersion": pack,
            "UserId": face.user_id,
        }
    )


def unindexed_faces(faces: Iterable[RejectedFace], width_px: int, height_px: int) -> list[Record]:
    """Return UnindexedFaces."""
    return [
        {
            "Reasons": [reason.value for reason in rejected.reasons],
            "FaceDetail": face_detail(rejected.face, width_px, height_px),
        }
        for rejected in faces
    ]


def user(of: User) -> Record:
    """Return a User; it is ACTIVE, so can be found, once it has a face."""
    return {"UserId": of.user_id, "UserStatus": user_status(of.face_count)}


def user_status(face_count: int) -> str:
    """Return the UserStatus of a user with so many faces."""
    return "ACTIVE" if face_count else "CREATED"


def present(record: Record) -> Record:
    """Return a record without the members that have no value."""
    return {name: value for name, value in record.items() if value is not None}


def _landmarks(landmarks: Landmarks, width_px: int, height_px: int) -> list[Record]:
    names = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")
    return [
        {"Type": name, "X": point.x / width_px, "Y": point.y / height_px}
        for name, point in zip(names, landmarks, strict=True)
    ]
