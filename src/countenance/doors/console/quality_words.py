"""The quality filter's levels and reasons in plain words, and where a head points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.marking import N_
from countenance.faces import RejectionReason
from countenance.operations.detect_faces import QualityLevel

if TYPE_CHECKING:
    from countenance.faces import Pose

REASONS = {
    RejectionReason.EXCEEDS_MAX_FACES: N_("The picture has better faces, and only so many were asked for."),
    RejectionReason.EXTREME_POSE: N_("The head is turned too far from the camera."),
    RejectionReason.LOW_BRIGHTNESS: N_("The face is too dark or too bright."),
    RejectionReason.LOW_CONFIDENCE: N_("It is not certain enough that this is a face."),
    RejectionReason.LOW_FACE_QUALITY: N_("All in all the quality is too low."),
    RejectionReason.LOW_SHARPNESS: N_("The face is blurred."),
    RejectionReason.SMALL_BOUNDING_BOX: N_("The face is too small: the eyes are too few pixels apart."),
}
"""Why a face is set aside."""

LEVELS = (
    (
        QualityLevel.AUTO,
        N_("Usual"),
        N_("Sets faces aside that are turned far away, blurred, too small or badly lit."),
    ),
    (QualityLevel.HIGH, N_("Strict"), N_("For pictures that were taken for this: sharp, frontal, well lit.")),
    (QualityLevel.LOW, N_("Lenient"), N_("Sets aside only what can hardly be recognised.")),
    (QualityLevel.NONE, N_("None"), N_("Takes every face; wrong matches become more frequent.")),
)
"""How much quality a face must have: the level, what it is called, and what it does."""

_STRAIGHT_DEGREES = 12.0
_DIRECTIONS = (
    ("yaw_degrees", N_("turned to the right of the picture"), N_("turned to the left of the picture")),
    ("pitch_degrees", N_("looking up"), N_("looking down")),
    ("roll_degrees", N_("tilted clockwise"), N_("tilted anticlockwise")),
)
STRAIGHT = N_("straight ahead")


def pose_words(pose: Pose) -> list[str]:
    """Return messages that say where a head points; five landmarks do not tell it to a few degrees."""
    told = []
    for name, positive, negative in _DIRECTIONS:
        degrees = getattr(pose, name)
        if abs(degrees) >= _STRAIGHT_DEGREES:
            told.append(positive if degrees > 0 else negative)
    return told or [STRAIGHT]
