"""Head pose from five landmarks.

The landmarks are explained as a scaled orthographic view of a rigid face (the first step of DeMenthon and
Davis, "Model-based object pose in 25 lines of code", IJCV 1995). The face's front view is the pack's own
alignment template, so that an average frontal face has pose zero whatever the detector's habits; its depth
is an average face's. Five points cannot tell pose better than to some ten degrees: a broad smile alone, which
lifts the corners of the mouth, shifts pitch by up to 25°.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from countenance.faces import Pose

Floats = npt.NDArray[np.float64]

# Depth towards the camera of eyes, nose tip and mouth corners, in distances between the eyes.
DEPTHS = np.array([0.0, 0.0, 0.42, 0.08, 0.08])


def head_poses(landmarks: Floats, frontal: Floats) -> list[Pose]:
    """Return the pose of each face.

    Args:
        landmarks: N × 5 × 2 points in pixels, in the order of `countenance.faces.Landmarks`.
        frontal: 5 × 2 points of an average frontal face, of any size (a pack's alignment template).
    """
    eye_distance = float(np.linalg.norm(frontal[1] - frontal[0]))
    model = np.column_stack([frontal - frontal.mean(axis=0), -(DEPTHS - DEPTHS.mean()) * eye_distance])
    centred = landmarks - landmarks.mean(axis=1, keepdims=True)
    projections = centred.transpose(0, 2, 1) @ np.linalg.pinv(model).T  # N × 2 × 3
    poses = []
    for projection in projections:
        left_vectors, _, right_vectors = np.linalg.svd(projection, full_matrices=False)
        rows = left_vectors @ right_vectors
        poses.append(_euler_angles(np.vstack([rows, np.cross(rows[0], rows[1])])))
    return poses


def _euler_angles(rotation: Floats) -> Pose:
    """Split R = Rz(roll) · Ry(yaw) · Rx(pitch), x right, y down and z away from the camera."""
    yaw = np.arcsin(np.clip(-rotation[2, 0], -1.0, 1.0))
    pitch = np.arctan2(rotation[2, 1], rotation[2, 2])
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    return Pose(
        pitch_degrees=float(-np.degrees(pitch)),
        roll_degrees=float(np.degrees(roll)),
        yaw_degrees=float(-np.degrees(yaw)),
    )
