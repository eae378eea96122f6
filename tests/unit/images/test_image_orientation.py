"""Pictures come out upright, whatever their EXIF says and however broken it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from image_files import colourful, encoded, exif_with_orientation, png, png_chunk
from PIL import Image

from countenance.images import open_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Pixels

STORED = colourful(30, 20)

# What the EXIF standard says of each value, as operations on the stored array.
UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_a_lossless_picture_is_turned_upright(kind: str, orientation: int) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    photograph = open_image(encoded(STORED, kind, exif=exif_with_orientation(orientation), **options))
    picture = photograph.decode()
    expected = UPRIGHT[orientation](STORED)
    np.testing.assert_array_equal(picture.pixels, expected)
    assert (photograph.height_px, photograph.width_px) == expected.shape[:2]
    assert (picture.height_px, picture.width_px) == expected.shape[:2]


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_jpeg_is_turned_upright(orientation: int) -> None:
    upright = open_image(encoded(STORED, "JPEG")).decode()
    turned = open_image(encoded(STORED, "JPEG", exif=exif_with_orientation(orientation))).decode()
    np.testing.assert_array_equal(turned.pixels, UPRIGHT[orientation](upright.pixels))


def test_a_compressed_tiff_is_turned_once_not_twice() -> None:
    data = encoded(STORED, "TIFF", compression="tiff_lzw", exif=exif_with_orientation(6))
    np.testing.assert_array_equal(open_image(data).decode().pixels, UPRIGHT[6](STORED))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_an_orientation_that_does_not_exist_is_ignored(kind: str, orientation: int) -> None:
    photograph = open_image(encoded(STORED, kind, exif=exif_with_orientation(orientation)))
    np.testing.assert_array_equal(photograph.decode().pixels, STORED)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00",
        b"Exif\x00\x00II",
        b"Exif\x00\x00XX*\x00\x08\x00\x00\x00",
        b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x05\x00\x01\x00\x00\x00\xff\xff\xff\xff",
        b"Exif\x00\x00MM\x00\x2b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"Exif\x00\x00" + b"\xff" * 5000,
    ],
)
def test_broken_exif_does_not_fail_a_good_picture(exif: bytes) -> None:
    good = open_image(encoded(STORED, "JPEG")).decode()
    np.testing.assert_array_equal(open_image(encoded(STORED, "JPEG", exif=exif)).decode().pixels, good.pixels)


def test_the_first_exif_block_of_a_png_counts() -> None:
    blocks = [exif_with_orientation(value).tobytes()[6:] for value in (3, 6)]
    rows = b"".join(b"\x00" + row.tobytes() for row in STORED)
    data = png(30, 20, 8, 2, rows, *(png_chunk(b"eXIf", block) for block in blocks))
    np.testing.assert_array_equal(open_image(data).decode().pixels, UPRIGHT[3](STORED))


def test_a_grey_and_a_transparent_picture_are_turned_too() -> None:
    for mode in ("L", "RGBA", "P", "I;16"):
        image = Image.fromarray(STORED).convert("L" if mode == "I;16" else mode).convert(mode)
        straight = open_image(encoded(image, "PNG")).decode()
        turned = open_image(encoded(image, "PNG", exif=exif_with_orientation(8))).decode()
        np.testing.assert_array_equal(turned.pixels, UPRIGHT[8](straight.pixels))
