"""Transparency becomes white, deep greys are scaled, inks and profiles become sRGB."""

from __future__ import annotations

import io
import struct
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from image_files import (
    colourful,
    encoded,
    green_paper_profile,
    grey_tiff,
    linear_grey_profile,
    png,
    png_chunk,
    red_and_blue_swapped_profile,
    srgb_profile,
)
from PIL import Image

from countenance.images import open_image

if TYPE_CHECKING:
    from countenance.faces import Pixels

PIXELS = colourful(32, 24)


def decoded(data: bytes) -> Pixels:
    return open_image(data).decode().pixels


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_shows_a_white_page(kind: str) -> None:
    alpha = np.linspace(0, 255, 32).astype(np.uint8)
    rgba = np.dstack([PIXELS, np.broadcast_to(alpha, (24, 32))])
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    share = alpha[np.newaxis, :, np.newaxis] / 255
    expected = PIXELS * share + 255 * (1 - share)
    np.testing.assert_allclose(decoded(encoded(rgba, kind, **options)), expected, atol=1)


def test_grey_with_transparency_shows_a_white_page() -> None:
    image = Image.merge("LA", [Image.new("L", (2, 1), 100), Image.frombytes("L", (2, 1), b"\x00\xff")])
    np.testing.assert_array_equal(decoded(encoded(image, "PNG")), [[[255] * 3, [100] * 3]])


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_colour_of_a_palette_shows_white(kind: str) -> None:
    image = Image.frombytes("P", (3, 1), bytes((0, 1, 2)))
    image.putpalette(bytes((255, 0, 0, 0, 255, 0, 0, 0, 255)))
    expected = [[[255, 0, 0], [255, 255, 255], [0, 0, 255]]]
    np.testing.assert_array_equal(decoded(encoded(image, kind, transparency=1)), expected)


def test_a_palette_with_graded_transparency_shows_white_through() -> None:
    image = Image.frombytes("P", (3, 1), bytes((0, 1, 2)))
    image.putpalette(bytes((255, 0, 0, 0, 255, 0, 0, 0, 255)))
    expected = [[[255, 255, 255], [127, 255, 127], [0, 0, 255]]]
    data = encoded(image, "PNG", transparency=bytes((0, 128, 255)))
    np.testing.assert_allclose(decoded(data), expected, atol=1)


def test_a_transparent_colour_shows_white() -> None:
    image = Image.fromarray(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8))
    np.testing.assert_array_equal(
        decoded(encoded(image, "PNG", transparency=(1, 2, 3))), [[[255] * 3, [9] * 3]]
    )
    deep = png(
        2, 1, 16, 0, b"\x00" + struct.pack(">HH", 257, 514), png_chunk(b"tRNS", struct.pack(">H", 257))
    )
    np.testing.assert_array_equal(decoded(deep), [[[255] * 3, [2] * 3]])


def test_a_transparent_grey_of_four_bits_is_shown_as_it_is() -> None:
    data = png(2, 1, 4, 0, b"\x00\x3f", png_chunk(b"tRNS", struct.pack(">H", 3)))
    np.testing.assert_array_equal(decoded(data), [[[51] * 3, [255] * 3]])


@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bit_grey_is_scaled_not_clipped(order: str) -> None:
    values = np.array([0, 257, 32_768, 65_535], order + "u2")
    expected = np.repeat([[0, 1, 128, 255]], 3, axis=0).T[np.newaxis]
    np.testing.assert_array_equal(decoded(grey_tiff(4, 1, 16, values.tobytes(), order)), expected)
    big_endian = b"\x00" + values.astype(">u2").tobytes()
    np.testing.assert_array_equal(decoded(png(4, 1, 16, 0, big_endian)), expected)


def test_a_sixteen_bit_negative_is_inverted() -> None:
    data = grey_tiff(2, 1, 16, np.array([0, 65_535], "<u2").tobytes(), photometric=0)
    np.testing.assert_array_equal(decoded(data), [[[255] * 3, [0] * 3]])


def test_twelve_bit_grey_fills_the_range() -> None:
    packed = bytes((0x00, 0x0F, 0xFF))  # two samples of twelve bits: 0 and 4095
    np.testing.assert_array_equal(decoded(grey_tiff(2, 1, 12, packed)), [[[0] * 3, [255] * 3]])


def test_signed_grey_has_black_at_zero() -> None:
    data = grey_tiff(3, 1, 16, np.array([-5, 0, 32_767], "<i2").tobytes(), sample_format=2)
    np.testing.assert_array_equal(decoded(data), [[[0] * 3, [0] * 3, [255] * 3]])


@pytest.mark.parametrize(
    ("brightest", "middle", "expected"),
    [(1.0, 0.5, 128), (255.0, 100.0, 100), (65_535.0, 25_700.0, 100), (1e6, 5e5, 128)],
)
def test_fractions_are_scaled_by_the_customary_white(brightest: float, middle: float, expected: int) -> None:
    values = np.array([-1, middle, brightest, np.nan, np.inf], "<f4")
    data = grey_tiff(5, 1, 32, values.tobytes(), sample_format=3)
    np.testing.assert_array_equal(decoded(data)[0, :, 0], [0, expected, 255, 0, 255])


def test_thirty_two_bit_grey_is_scaled_by_the_customary_white() -> None:
    for brightest, middle in ((255, 51), (65_535, 13_107), (1_000_000, 200_000)):
        values = np.array([0, middle, brightest], "<i4")
        data = grey_tiff(3, 1, 32, values.tobytes(), sample_format=2)
        np.testing.assert_array_equal(decoded(data)[0, :, 0], [0, 51, 255])


def test_a_black_deep_picture_stays_black() -> None:
    assert not decoded(grey_tiff(2, 2, 32, bytes(16), sample_format=3)).any()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_press_inks_become_light(kind: str) -> None:
    inks = [(0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255)]
    lights = [(255, 255, 255), (0, 255, 255), (255, 0, 255), (255, 255, 0), (0, 0, 0)]
    for ink, light in zip(inks, lights, strict=True):
        pixels = decoded(encoded(Image.new("CMYK", (8, 8), ink), kind))
        np.testing.assert_allclose(pixels, np.broadcast_to(light, (8, 8, 3)), atol=2)


def test_a_ycck_jpeg_becomes_light() -> None:
    data = bytearray(encoded(Image.fromarray(PIXELS).convert("CMYK"), "JPEG"))
    adobe = data.index(b"Adobe")
    assert data[adobe + 11] == 0
    data[adobe + 11] = 2  # the same samples, now said to be YCCK
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image.convert("RGB"))
    assert (expected != decoded(encoded(Image.fromarray(PIXELS).convert("CMYK"), "JPEG"))).any()
    np.testing.assert_array_equal(decoded(bytes(data)), expected)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_colour_profile_is_applied(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    pixels = decoded(encoded(red, kind, icc_profile=red_and_blue_swapped_profile(), **options))
    np.testing.assert_allclose(pixels, np.broadcast_to([0, 0, 255], (8, 8, 3)), atol=3)


def test_a_profile_in_several_parts_is_joined() -> None:
    padded = red_and_blue_swapped_profile() + bytes(150_000)
    long_profile = struct.pack(">I", len(padded)) + padded[4:]
    pixels = decoded(encoded(Image.new("RGB", (8, 8), (255, 0, 0)), "JPEG", icc_profile=long_profile))
    assert pixels[0, 0, 2] > 250 > 5 > pixels[0, 0, 0]


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_profile_is_applied_under_transparency_and_through_a_palette(mode: str) -> None:
    red = Image.new("RGB", (8, 8), (255, 0, 0)).convert(mode)
    pixels = decoded(encoded(red, "PNG", icc_profile=red_and_blue_swapped_profile()))
    np.testing.assert_allclose(pixels, np.broadcast_to([0, 0, 255], (8, 8, 3)), atol=3)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_applied(mode: str) -> None:
    grey = Image.new("L", (8, 8), 64).convert(mode)
    pixels = decoded(encoded(grey, "PNG", icc_profile=linear_grey_profile()))
    assert set(pixels.ravel().tolist()) <= {136, 137, 138}  # a quarter of the light is 137 in sRGB


def test_a_press_profile_is_applied() -> None:
    inks = Image.new("CMYK", (8, 8), (0, 0, 0, 0))
    red, green, blue = decoded(encoded(inks, "JPEG", icc_profile=green_paper_profile()))[0, 0].tolist()
    assert green > 100 > red
    assert green > 100 > blue


def test_srgbs_own_profile_changes_nothing() -> None:
    np.testing.assert_array_equal(decoded(encoded(PIXELS, "PNG", icc_profile=srgb_profile())), PIXELS)


@pytest.mark.parametrize(
    "profile",
    [b"nonsense", bytes(200), srgb_profile()[:300], linear_grey_profile(), green_paper_profile()],
    ids=["nonsense", "zeros", "cut short", "of greys", "of inks"],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_broken_or_unfitting_profile_is_ignored(kind: str, profile: bytes) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    plain, tagged = encoded(PIXELS, kind, **options), encoded(PIXELS, kind, icc_profile=profile, **options)
    np.testing.assert_array_equal(decoded(tagged), decoded(plain))


def test_threads_that_share_a_profile_get_the_same_colours() -> None:
    data = encoded(colourful(400, 300), "PNG", icc_profile=red_and_blue_swapped_profile())
    expected, results = decoded(data), list[bool]()

    def work() -> None:
        results.extend(bool((decoded(data) == expected).all()) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 40
