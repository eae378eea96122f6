"""Pose: what a turned head's landmarks tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.pose import DEPTHS, head_poses

FRONTAL = np.array([[48.6, 46.7], [102.4, 46.7], [75.4, 78.8], [51.7, 105.6], [99.0, 105.7]])
ANGLES = st.floats(-40, 40)


def rotation(pitch: float, yaw: float, roll: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    p, y, r = np.radians([-pitch, -yaw, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    turned: np.ndarray[tuple[int, int], np.dtype[np.float64]] = about_z @ about_y @ about_x
    return turned


@given(ANGLES, ANGLES, ANGLES, st.floats(0.2, 4))
def test_the_pose_of_a_turned_head_is_found(pitch: float, yaw: float, roll: float, size: float) -> None:
    eyes = np.linalg.norm(FRONTAL[1] - FRONTAL[0])
    head = np.column_stack([FRONTAL, -DEPTHS * eyes])
    seen = size * (head @ rotation(pitch, yaw, roll).T)[:, :2] + (300, 200)
    pose = head_poses(seen[None], FRONTAL)[0]
    assert pose.pitch_degrees == pytest.approx(pitch, abs=1e-6)
    assert pose.yaw_degrees == pytest.approx(yaw, abs=1e-6)
    assert pose.roll_degrees == pytest.approx(roll, abs=1e-6)


def moved(nose_x: float, nose_y: float) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    points = FRONTAL[None].copy()
    points[0, 2] += (nose_x, nose_y)
    return points


def test_a_nose_to_the_right_means_that_the_head_turns_to_the_viewers_right() -> None:
    assert head_poses(moved(10, 0), FRONTAL)[0].yaw_degrees > 10


def test_a_nose_further_up_means_that_the_head_looks_up() -> None:
    assert head_poses(moved(0, -8), FRONTAL)[0].pitch_degrees > 5
