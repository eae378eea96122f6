"""Faces are marked where they are, in proportion to the picture, whatever their place and size."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import face_at
from PIL import Image

from countenance.doors.cli.drawing import (
    KEPT,
    SET_ASIDE,
    draw_detected,
    head_axes,
    label_face,
    line_width_px,
    mark_face,
)
from countenance.faces import Box, Pose, RejectionReason
from countenance.operations.detect_faces import DetectedFaces, RejectedFace

GREY = 128


def grey(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (GREY, GREY, GREY))


def changed(picture: Image.Image) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom of what is not grey any more."""
    rows, columns = np.nonzero((np.asarray(picture) != GREY).any(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def has_colour(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(np.asarray(picture).astype(int) - colour).max(axis=2) < 8).any())


def test_the_axes_of_a_face_that_looks_into_the_camera_are_the_pictures() -> None:
    np.testing.assert_allclose(head_axes(Pose(0, 0, 0)), np.eye(3), atol=1e-12)


@pytest.mark.parametrize(
    ("pose", "axis", "direction"),
    [
        (Pose(pitch_degrees=30, roll_degrees=0, yaw_degrees=0), 2, (0, -0.5, 0.866)),
        (Pose(pitch_degrees=0, roll_degrees=0, yaw_degrees=30), 2, (0.5, 0, 0.866)),
        (Pose(pitch_degrees=0, roll_degrees=30, yaw_degrees=0), 0, (0.866, 0.5, 0)),
    ],
    ids=["pitch lifts the nose", "yaw turns it to the viewer's right", "roll tilts clockwise"],
)
def test_a_head_points_where_its_pose_says(pose: Pose, axis: int, direction: tuple[float, ...]) -> None:
    np.testing.assert_allclose(head_axes(pose)[axis], direction, atol=1e-3)


def test_the_axes_stay_perpendicular() -> None:
    axes = np.array(head_axes(Pose(20, -35, 50)))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)


def test_marks_stay_around_the_face() -> None:
    picture = grey(800, 600)
    mark_face(picture, face_at(300, 200, 120))
    left, top, right, bottom = changed(picture)
    assert 290 <= left <= 300
    assert 190 <= top <= 200
    assert 420 <= right <= 440
    assert 320 <= bottom <= 330
    assert has_colour(picture, KEPT)


@pytest.mark.parametrize(("left", "top"), [(-60, -60), (720, -40), (740, 560), (350, 0), (350, 300)])
def test_a_label_stays_in_the_picture_where_the_face_leaves_it(left: float, top: float) -> None:
    picture = grey(800, 600)
    label_face(picture, face_at(left, top, 120), "LABEL")
    first_column, first_row, last_column, last_row = changed(picture)
    assert last_row - first_row > 10
    assert last_column - first_column > 45


def test_a_label_may_be_wider_than_its_face() -> None:
    picture = grey(800, 600)
    label_face(picture, face_at(100, 100, 20), "a label of many words", SET_ASIDE)
    left, _top, right, bottom = changed(picture)
    assert left == 100
    assert bottom < 100
    assert right - left > 80
    assert has_colour(picture, SET_ASIDE)


def test_a_face_outside_the_picture_changes_nothing() -> None:
    picture = grey(100, 100)
    mark_face(picture, face_at(5000, -9000, 40))
    assert np.all(np.asarray(picture) == GREY)


def test_lines_grow_with_the_picture_but_stay_thin_on_a_small_face() -> None:
    large, small = Box(0, 0, 1000, 1000), Box(0, 0, 60, 60)
    assert line_width_px((4000, 3000), large) > 3 * line_width_px((800, 600), large)
    assert line_width_px((4000, 3000), small) == pytest.approx(2)


def test_a_face_as_large_as_a_large_picture_is_marked() -> None:
    picture = grey(4000, 3000)
    mark_face(picture, face_at(500, 0, 3000))
    assert has_colour(picture, KEPT)


def test_faces_set_aside_have_another_colour() -> None:
    pixels = np.full((600, 800, 3), GREY, np.uint8)
    rejected = RejectedFace(face_at(500, 200, 120), (RejectionReason.LOW_SHARPNESS,))
    both = draw_detected(pixels, DetectedFaces([face_at(100, 200, 120)], [rejected], 800, 600))
    assert has_colour(both.crop((0, 0, 400, 600)), KEPT)
    assert has_colour(both.crop((400, 0, 800, 600)), SET_ASIDE)
    assert not has_colour(both.crop((400, 0, 800, 600)), KEPT)
    assert np.all(pixels == GREY)
