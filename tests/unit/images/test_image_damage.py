"""Whatever the bytes, the answer is a picture or a named error: nothing else escapes, not even a warning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_files import (
    colourful,
    encoded,
    exif_with_orientation,
    green_paper_profile,
    grey_tiff,
    red_and_blue_swapped_profile,
)
from PIL import Image

from countenance.errors import ImageBroken, ImageError
from countenance.images import ImageLimits, Picture, open_image

PIXELS = colourful(31, 17)
LIMITS = ImageLimits(max_pixels=1_000_000)

_IMAGE = Image.fromarray(PIXELS)
_TAGGED = {"exif": exif_with_orientation(6), "icc_profile": red_and_blue_swapped_profile()}

SOUND = {
    "jpeg": encoded(PIXELS, "JPEG", **_TAGGED),
    "progressive jpeg": encoded(PIXELS, "JPEG", progressive=True),
    "grey jpeg": encoded(_IMAGE.convert("L"), "JPEG"),
    "press jpeg": encoded(_IMAGE.convert("CMYK"), "JPEG", icc_profile=green_paper_profile()),
    "mpo": encoded(PIXELS, "MPO", save_all=True, append_images=[_IMAGE]),
    "png": encoded(PIXELS, "PNG", **_TAGGED),
    "palette png": encoded(_IMAGE.convert("P"), "PNG", transparency=b"\x00\x80\xff"),
    "deep png": encoded(_IMAGE.convert("L").convert("I;16"), "PNG"),
    "apng": encoded(_IMAGE.convert("RGBA"), "PNG", save_all=True, append_images=[_IMAGE.rotate(90)]),
    "webp": encoded(PIXELS, "WEBP", **_TAGGED),
    "lossless webp": encoded(_IMAGE.convert("RGBA"), "WEBP", lossless=True),
    "animated webp": encoded(PIXELS, "WEBP", save_all=True, append_images=[_IMAGE.rotate(180)]),
    "tiff": encoded(PIXELS, "TIFF", **_TAGGED),
    "lzw tiff": encoded(PIXELS, "TIFF", compression="tiff_lzw"),
    "jpeg tiff": encoded(PIXELS, "TIFF", compression="jpeg"),
    "fax tiff": encoded(_IMAGE.convert("1"), "TIFF", compression="group4"),
    "big tiff": encoded(PIXELS, "TIFF", big_tiff=True),
    "fraction tiff": grey_tiff(4, 4, 32, bytes(range(64)), sample_format=3),
    "bmp": encoded(PIXELS, "BMP"),
    "palette bmp": encoded(_IMAGE.convert("P"), "BMP"),
    "gif": encoded(PIXELS, "GIF", transparency=3),
    "animated gif": encoded(PIXELS, "GIF", save_all=True, append_images=[_IMAGE.rotate(180)]),
}


def picture_or_error(data: bytes, longest_side_px: int | None = None) -> Picture | ImageError:
    """What is made of the bytes; anything but these two fails the test by itself."""
    try:
        photograph = open_image(data, LIMITS)
        picture = photograph.decode(longest_side_px)
    except ImageError as error:
        return error
    assert (picture.width_px, picture.height_px) == (photograph.width_px, photograph.height_px)
    if longest_side_px is None:
        assert picture.pixels.shape == (picture.height_px, picture.width_px, 3)
    return picture


@pytest.mark.parametrize("name", SOUND)
def test_the_undamaged_files_are_sound(name: str) -> None:
    assert isinstance(picture_or_error(SOUND[name]), Picture)


@pytest.mark.parametrize("name", SOUND)
def test_a_file_cut_anywhere_is_a_picture_or_a_named_error(name: str) -> None:
    data = SOUND[name]
    for length in range(len(data)):
        picture_or_error(data[:length])


@pytest.mark.parametrize("name", [name for name in SOUND if not name.startswith(("mpo", "animated", "apng"))])
def test_a_file_cut_in_half_is_broken(name: str) -> None:
    error = picture_or_error(SOUND[name][: len(SOUND[name]) // 2])
    assert isinstance(error, ImageBroken), name


@pytest.mark.parametrize("name", SOUND)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_flipped_bytes_give_a_picture_or_a_named_error(name: str, data: st.DataObject) -> None:
    damaged = bytearray(SOUND[name])
    flips = st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255))
    for position, value in data.draw(st.lists(flips, min_size=1, max_size=8)):
        damaged[position] = value
    picture_or_error(bytes(damaged), data.draw(st.sampled_from([None, 8])))


@given(
    first=st.sampled_from(sorted(SOUND)),
    second=st.sampled_from(sorted(SOUND)),
    cut=st.floats(0, 1),
    skip=st.floats(0, 1),
)
@settings(max_examples=300, deadline=None)
def test_spliced_files_give_a_picture_or_a_named_error(
    first: str, second: str, cut: float, skip: float
) -> None:
    head, tail = SOUND[first], SOUND[second]
    picture_or_error(head[: int(cut * len(head))] + tail[int(skip * len(tail)) :])


@given(
    signature=st.sampled_from(sorted({data[:16] for data in SOUND.values()})),
    keep=st.integers(0, 16),
    rest=st.binary(max_size=400),
)
@settings(max_examples=500, deadline=None)
def test_random_bytes_give_a_named_error(signature: bytes, keep: int, rest: bytes) -> None:
    picture_or_error(signature[:keep] + rest)
