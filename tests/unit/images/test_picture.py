"""A picture of an array that a notebook has."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from image_files import colourful

from countenance.errors import ImageFormatNotSupported
from countenance.images import Picture


def test_an_rgb_array_is_taken_without_a_copy() -> None:
    array = colourful(7, 5)
    picture = Picture.from_pixels(array)
    assert (picture.width_px, picture.height_px, picture.scale_x, picture.scale_y) == (7, 5, 1.0, 1.0)
    assert np.shares_memory(picture.pixels, array)
    assert array.flags.writeable  # the caller's own array stays as it was
    assert not picture.pixels.flags.writeable


def test_a_grey_array_becomes_three_equal_channels() -> None:
    array = colourful(7, 5)[:, :, 0]
    pixels = Picture.from_pixels(array).pixels
    assert pixels.shape == (5, 7, 3)
    assert all((pixels[:, :, channel] == array).all() for channel in range(3))


def test_a_slice_is_made_contiguous() -> None:
    array = colourful(8, 6)[::2, ::-1]
    picture = Picture.from_pixels(array)
    assert picture.pixels.flags.c_contiguous
    np.testing.assert_array_equal(picture.pixels, array)


def test_a_picture_cannot_be_changed() -> None:
    picture = Picture.from_pixels(colourful(7, 5))
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        picture.width_px = 9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4, 3), np.float32), r"float32, not uint8; .*times 255"),
        (np.zeros((4, 4), bool), "bool, not uint8"),
        (np.zeros((4, 4, 4), np.uint8), r"shape \(4, 4, 4\), and alpha"),
        (np.zeros((3, 4, 4), np.uint8), r"shape \(3, 4, 4\), and alpha"),
        (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\); give height × width × 3 RGB"),
        (np.zeros(4, np.uint8), r"shape \(4,\)"),
        (np.zeros((1, 4, 4, 3), np.uint8), r"shape \(1, 4, 4, 3\)"),
        (np.zeros((0, 4, 3), np.uint8), r"shape \(0, 4, 3\)"),
        ([[1, 2], [3, 4]], "a list, not a numpy array"),
        (None, "a NoneType, not a numpy array"),
    ],
)
def test_what_is_not_a_picture_is_refused_with_what_is(array: Any, message: str) -> None:
    with pytest.raises(ImageFormatNotSupported, match=message):
        Picture.from_pixels(array)
