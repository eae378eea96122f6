"""A JPEG is decoded no larger than needed, and coordinates carry over."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from image_files import LOSSLESS, colourful, encoded, exif_with_orientation

from countenance.images import open_image


@pytest.mark.parametrize(
    ("width", "height", "longest", "expected"),
    [
        (800, 600, None, (800, 600)),
        (800, 600, 801, (800, 600)),
        (800, 600, 800, (800, 600)),
        (800, 600, 401, (800, 600)),
        (800, 600, 400, (400, 300)),
        (800, 600, 201, (400, 300)),
        (800, 600, 200, (200, 150)),
        (800, 600, 100, (100, 75)),
        (800, 600, 1, (100, 75)),
        (801, 603, 401, (401, 302)),
        (801, 603, 201, (201, 151)),
        (801, 603, 101, (101, 76)),
        (15, 1000, 100, (2, 125)),
    ],
)
def test_a_jpeg_is_reduced_as_far_as_the_longer_side_allows(
    width: int, height: int, longest: int | None, expected: tuple[int, int]
) -> None:
    picture = open_image(encoded(colourful(width, height), "JPEG")).decode(longest_side_px=longest)
    assert (picture.width_px, picture.height_px) == (width, height)
    assert picture.pixels.shape == (expected[1], expected[0], 3)


@pytest.mark.parametrize(("width", "height"), [(1, 64), (64, 1), (3, 3), (1, 1)])
def test_a_very_thin_jpeg_may_be_reduced_less(width: int, height: int) -> None:
    pixels = open_image(encoded(colourful(width, height), "JPEG")).decode(longest_side_px=1).pixels
    assert 1 <= pixels.shape[0] <= height
    assert 1 <= pixels.shape[1] <= width


@pytest.mark.parametrize("kind", LOSSLESS)
def test_other_formats_are_decoded_in_full(kind: str) -> None:
    picture = open_image(encoded(colourful(80, 60), kind)).decode(longest_side_px=10)
    assert picture.pixels.shape == (60, 80, 3)
    assert (picture.scale_x, picture.scale_y) == (1.0, 1.0)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_reduced_pixel_shows_what_the_original_shows_there(orientation: int) -> None:
    photograph = open_image(encoded(colourful(801, 603), "JPEG", exif=exif_with_orientation(orientation)))
    whole, reduced = photograph.decode(), photograph.decode(longest_side_px=150)
    assert max(reduced.pixels.shape) == 201
    assert reduced.scale_x == pytest.approx(1 / 4, rel=0.01)
    assert (reduced.scale_x, reduced.scale_y) == (
        reduced.pixels.shape[1] / whole.width_px,
        reduced.pixels.shape[0] / whole.height_px,
    )
    for x, y in ((100.0, 50.0), (300.0, 400.0), (590.0, 590.0)):
        here = whole.pixels[int(y), int(x)].astype(int)
        there = reduced.pixels[int(y * reduced.scale_y), int(x * reduced.scale_x)].astype(int)
        np.testing.assert_allclose(there, here, atol=5)


def test_a_progressive_and_a_grey_jpeg_are_reduced_too() -> None:
    for options in ({"progressive": True}, {}):
        data = encoded(colourful(640, 480), "JPEG", **options)
        assert open_image(data).decode(160).pixels.shape == (120, 160, 3)
    grey = encoded(colourful(640, 480)[:, :, 0], "JPEG")
    assert open_image(grey).decode(160).pixels.shape == (120, 160, 3)


def test_several_threads_may_decode_one_photograph() -> None:
    photograph = open_image(encoded(colourful(640, 480), "JPEG"))
    expected = {size: photograph.decode(size).pixels for size in (None, 320, 80)}
    same: list[bool] = []

    def work() -> None:
        for size, pixels in expected.items():
            same.append(bool((photograph.decode(size).pixels == pixels).all()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [True] * 24
