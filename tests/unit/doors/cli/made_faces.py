"""Faces made up for tests of what is said and drawn about faces."""

from __future__ import annotations

from countenance.faces import Box, Face, Landmarks, Pose, Quality

QUALITY = Quality(
    brightness=61.25,
    sharpness=45.5,
    contrast=50.0,
    illumination_uniformity=80.0,
    under_exposure_prevention=99.0,
    over_exposure_prevention=98.0,
    dynamic_range=90.0,
    inter_eye_distance_px=40.0,
    unified_score=74.4,
)


def face_at(left: float, top: float, side: float, *, pose: Pose | None = None) -> Face:
    """Return a face with a square box; its landmarks lie where a frontal face has them."""
    shares = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    landmarks = Landmarks.from_array([(left + x * side, top + y * side) for x, y in shares])
    return Face(Box(left, top, side, side), landmarks, 99.96, pose or Pose(3.2, -1.5, 12.0), QUALITY)
