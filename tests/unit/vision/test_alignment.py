"""Chips: where a face's landmarks go, and what stands beyond the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.alignment import Fill, cut_chips, outside_shares, similarity_transforms

IDENTITY = np.array([[[1.0, 0, 0], [0, 1.0, 0]]])


@given(
    st.floats(0.2, 5), st.floats(-180, 180), st.floats(-500, 500), st.floats(-500, 500), st.integers(0, 1000)
)
def test_a_known_similarity_is_found_again(
    scale: float, degrees: float, x: float, y: float, seed: int
) -> None:
    points = np.random.default_rng(seed).uniform(0, 100, (5, 2))
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = points @ turn.T + (x, y)
    found = similarity_transforms(points[None], target)[0]
    assert np.allclose(points @ found[:, :2].T + found[:, 2], target, atol=1e-6)


def test_landmarks_that_are_all_one_point_do_no_harm() -> None:
    found = similarity_transforms(np.full((1, 5, 2), 7.0), np.arange(10.0).reshape(5, 2))
    assert np.isfinite(found).all()


def test_a_chip_is_the_part_that_its_transform_names() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    shift = np.array([[[1.0, 0, -30], [0, 1.0, -20]]])
    assert np.array_equal(cut_chips(picture, shift, 16)[0], picture[20:36, 30:46])


def test_a_shrunk_chip_is_smooth_where_the_picture_is_a_fine_grid() -> None:
    picture = np.zeros((400, 400, 3), np.uint8)
    picture[::2, ::2] = picture[1::2, 1::2] = 255
    chip = cut_chips(picture, IDENTITY / 10, 40)[0]
    assert abs(float(chip.mean()) - 127.5) < 3
    assert float(chip.std()) < 5


@pytest.mark.parametrize(("fill", "value"), [(Fill.EDGE, 200), (Fill.BLACK, 0), (Fill.GREY, 127)])
def test_beyond_the_picture_lies_what_the_filling_says(fill: Fill, value: int) -> None:
    picture = np.full((20, 20, 3), 200, np.uint8)
    chip = cut_chips(picture, IDENTITY, 40, fill=fill)[0]
    assert chip[5, 5].tolist() == [200] * 3
    assert chip[35, 35].tolist() == [value] * 3


def test_a_turned_chip_turns_clockwise_around_its_centre() -> None:
    picture = np.zeros((41, 41, 3), np.uint8)
    picture[18:23, 33:38] = 255  # at the right
    chip = cut_chips(picture, IDENTITY, 41, turn_degrees=90)[0]
    assert chip[35, 20].tolist() == [255] * 3  # at the bottom
    assert chip[20, 35].tolist() == [0] * 3


def test_the_share_outside_is_the_part_that_the_picture_does_not_cover() -> None:
    picture = np.zeros((100, 50, 3), np.uint8)
    assert outside_shares(picture, IDENTITY, 100)[0] == pytest.approx(0.5)
    assert outside_shares(picture, IDENTITY, 50)[0] == 0
