"""The quality filter: which faces are fit for recognition, and why the others are not.

The levels and reasons carry Rekognition's names; the limits are ours. Of ordinary press photographs (LFW
DevTest) LOW sets aside 0.2 %, MEDIUM 3 % and HIGH 21 %; ``benchmarks/quality.py`` prints the shares.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.faces import Face, RejectionReason

if TYPE_CHECKING:
    from collections.abc import Iterable


class QualityLevel(enum.StrEnum):
    """How much quality a face must have; AUTO is MEDIUM."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    AUTO = "AUTO"


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What a level asks of a face; angles in degrees, the rest 0–100 or pixels."""

    confidence: float
    eye_distance_px: float
    darkest: float
    brightest: float
    sharpness: float
    yaw_degrees: float
    pitch_degrees: float
    unified_score: float


@dataclass(frozen=True, slots=True)
class RejectedFace:
    """A face set aside, with every reason that applies."""

    face: Face
    reasons: tuple[RejectionReason, ...]


_MEDIUM = QualityLimits(90, 16, 12, 92, 15, 45, 40, 25)
LIMITS = {
    QualityLevel.LOW: QualityLimits(80, 10, 6, 97, 8, 60, 50, 10),
    QualityLevel.MEDIUM: _MEDIUM,
    QualityLevel.AUTO: _MEDIUM,
    QualityLevel.HIGH: QualityLimits(97, 28, 20, 85, 30, 30, 28, 45),
}


def reasons_against(face: Face, level: QualityLevel) -> tuple[RejectionReason, ...]:
    """Return why a face falls short of a level; nothing when it does not."""
    limits = LIMITS.get(level)
    if limits is None:
        return ()
    quality, pose = face.quality, face.pose
    findings = {
        RejectionReason.LOW_CONFIDENCE: face.confidence < limits.confidence,
        RejectionReason.SMALL_BOUNDING_BOX: quality.inter_eye_distance_px < limits.eye_distance_px,
        RejectionReason.LOW_BRIGHTNESS: not limits.darkest <= quality.brightness <= limits.brightest,
        RejectionReason.LOW_SHARPNESS: quality.sharpness < limits.sharpness,
        RejectionReason.EXTREME_POSE: (
            abs(pose.yaw_degrees) > limits.yaw_degrees or abs(pose.pitch_degrees) > limits.pitch_degrees
        ),
        RejectionReason.LOW_FACE_QUALITY: quality.unified_score < limits.unified_score,
    }
    return tuple(reason for reason, applies in findings.items() if applies)


def filter_faces(
    faces: Iterable[Face], level: QualityLevel, most: int | None = None
) -> tuple[list[Face], list[RejectedFace]]:
    """Split faces into those to keep and those set aside, each in the given order.

    Beyond ``most`` faces those of the lowest quality go first, then the smallest (EXCEEDS_MAX_FACES).
    """
    kept, rejected = [], []
    for face in faces:
        reasons = reasons_against(face, level)
        if reasons:
            rejected.append(RejectedFace(face, reasons))
        else:
            kept.append(face)
    if most is not None and len(kept) > most:
        best = sorted(kept, key=lambda face: (-face.quality.unified_score, -face.box.area))[:most]
        chosen = {id(face) for face in best}
        over = (RejectionReason.EXCEEDS_MAX_FACES,)
        rejected += [RejectedFace(face, over) for face in kept if id(face) not in chosen]
        kept = [face for face in kept if id(face) in chosen]
    return kept, rejected
