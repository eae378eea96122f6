"""Every format and kind of pixels that is read comes out as the pixels that went in."""

from __future__ import annotations

import io
import re
import struct

import numpy as np
import pytest
from image_files import LOSSLESS, colourful, encoded, grey_tiff, png, tiff
from PIL import Image

from countenance.errors import ImageFormatNotSupported
from countenance.images import open_image

PIXELS = colourful(37, 23)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_a_lossless_picture_comes_out_unchanged(kind: str) -> None:
    photograph = open_image(encoded(PIXELS, kind, **LOSSLESS[kind]))
    picture = photograph.decode()
    assert (photograph.format, photograph.width_px, photograph.height_px) == (kind, 37, 23)
    assert (picture.width_px, picture.height_px) == (37, 23)
    np.testing.assert_array_equal(picture.pixels, PIXELS)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}, {"subsampling": 0}])
def test_a_jpeg_comes_out_as_pillow_decodes_it(options: dict[str, object]) -> None:
    data = encoded(PIXELS, "JPEG", **options)
    photograph = open_image(data)
    assert photograph.format == "JPEG"
    np.testing.assert_array_equal(photograph.decode().pixels, pillow_pixels(data))


def test_pixels_are_contiguous_and_read_only_whatever_the_size() -> None:
    for side in (20, 1100):  # copied whole and copied in strips
        pixels = open_image(encoded(colourful(side, side), "PNG", compress_level=1)).decode().pixels
        assert pixels.flags.c_contiguous
        assert not pixels.flags.writeable
        np.testing.assert_array_equal(pixels, colourful(side, side))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF"])
def test_a_grey_picture_becomes_three_equal_channels(kind: str) -> None:
    grey = Image.fromarray(PIXELS).convert("L")
    data = encoded(grey, kind)
    pixels = open_image(data).decode().pixels
    assert (pixels == pixels[:, :, :1]).all()
    np.testing.assert_array_equal(pixels, pillow_pixels(data))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("mode", ["1", "P"])
def test_few_colours_are_looked_up(kind: str, mode: str) -> None:
    image = Image.fromarray(PIXELS).convert(mode)
    np.testing.assert_array_equal(
        open_image(encoded(image, kind)).decode().pixels, np.asarray(image.convert("RGB"))
    )


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "lzma"])
def test_a_compressed_tiff_is_read(compression: str) -> None:
    data = encoded(PIXELS, "TIFF", compression=compression)
    np.testing.assert_array_equal(open_image(data).decode().pixels, PIXELS)


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_faxed_page_is_read(compression: str) -> None:
    page = Image.fromarray(PIXELS).convert("1")
    pixels = open_image(encoded(page, "TIFF", compression=compression)).decode().pixels
    np.testing.assert_array_equal(pixels, np.asarray(page.convert("RGB")))


def test_a_big_tiff_is_read() -> None:
    np.testing.assert_array_equal(open_image(encoded(PIXELS, "TIFF", big_tiff=True)).decode().pixels, PIXELS)


def test_a_lab_tiff_becomes_rgb() -> None:
    lab = Image.merge("LAB", [Image.new("L", (4, 4), value) for value in (255, 128, 128)])
    pixels = open_image(encoded(lab, "TIFF")).decode().pixels
    assert (pixels > 250).all()


def test_the_first_picture_of_several_is_read() -> None:
    first, second = (Image.new("RGB", (16, 8), colour) for colour in ("red", "blue"))
    for kind in ("GIF", "WEBP", "TIFF", "MPO", "PNG"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encoded(first, kind, save_all=True, append_images=[second], **options)
        photograph = open_image(data)
        assert photograph.format == {"MPO": "JPEG"}.get(kind, kind)
        np.testing.assert_allclose(
            photograph.decode().pixels, np.broadcast_to([255, 0, 0], (8, 16, 3)), atol=3, err_msg=kind
        )


def test_an_animated_png_with_a_separate_default_picture_is_read_as_that() -> None:
    default, frame = (Image.new("RGB", (16, 8), colour) for colour in ("red", "blue"))
    data = encoded(default, "PNG", save_all=True, default_image=True, append_images=[frame])
    assert (open_image(data).decode().pixels == (255, 0, 0)).all()


def test_a_gif_frame_beyond_its_canvas_extends_the_picture() -> None:
    data = bytearray(encoded(PIXELS, "GIF"))
    data[6:10] = struct.pack("<HH", 10, 10)
    photograph = open_image(bytes(data))
    assert (photograph.width_px, photograph.height_px) == (37, 23)
    assert photograph.decode().pixels.shape == (23, 37, 3)


def test_a_run_length_encoded_bmp_is_read() -> None:
    palette = bytes((0, 0, 255, 0, 255, 0, 0, 0))  # red, blue
    runs = bytes((4, 0, 0, 0, 4, 1, 0, 1))
    header = struct.pack("<IiiHHIIiiII", 40, 4, 2, 1, 8, 1, len(runs), 0, 0, 2, 0)
    data = b"BM" + struct.pack("<III", 62 + len(runs), 0, 62) + header + palette + runs
    expected = [[[0, 0, 255]] * 4, [[255, 0, 0]] * 4]  # rows run upwards
    np.testing.assert_array_equal(open_image(data).decode().pixels, expected)


def test_a_bmp_may_run_from_the_top_down() -> None:
    upwards = encoded(PIXELS, "BMP")
    stride = (37 * 3 + 3) // 4 * 4
    rows = [upwards[54 + row * stride : 54 + (row + 1) * stride] for row in range(23)]
    downwards = upwards[:22] + struct.pack("<i", -23) + upwards[26:54] + b"".join(reversed(rows))
    np.testing.assert_array_equal(open_image(downwards).decode().pixels, PIXELS)


def test_sixteen_bit_colour_keeps_its_upper_eight() -> None:
    deep = PIXELS.astype(">u2") * 257
    rows = b"".join(b"\x00" + row.tobytes() for row in deep)
    np.testing.assert_array_equal(open_image(png(37, 23, 16, 2, rows)).decode().pixels, PIXELS)
    tags: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (3, (37,)), 257: (3, (23,)), 258: (3, (16, 16, 16)), 259: (3, (1,)), 262: (3, (2,)),
        273: (4, (8,)), 277: (3, (3,)), 278: (3, (23,)), 279: (4, (37 * 23 * 6,)),
    }  # fmt: skip
    for order in "<>":
        data = tiff(tags, deep.astype(order + "u2").tobytes(), order)
        np.testing.assert_array_equal(open_image(data).decode().pixels, PIXELS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 64,
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x1cftypavif" + bytes(40),
        b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40),
        b"P5 2 2 255\n" + bytes(4),
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_other_formats_are_refused_with_the_names_of_those_that_are_read(data: bytes) -> None:
    with pytest.raises(ImageFormatNotSupported, match=re.escape("JPEG, PNG, WebP, TIFF, BMP and GIF")):
        open_image(data)


def test_a_twelve_bit_jpeg_is_refused_by_name() -> None:
    data = bytearray(encoded(PIXELS, "JPEG"))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(ImageFormatNotSupported, match="12 bits a sample; 8 are read"):
        open_image(bytes(data))


def test_a_tiff_of_unknown_pixels_is_refused_by_name() -> None:
    photograph = open_image(grey_tiff(2, 2, 24, bytes(12)))
    with pytest.raises(ImageFormatNotSupported, match=r"of a kind that is not read .*save it as PNG"):
        photograph.decode()


def test_a_tiff_of_too_many_samples_is_refused_by_name() -> None:
    with pytest.raises(ImageFormatNotSupported, match="9 samples a pixel; the limit is 6"):
        open_image(tiff({256: (3, (2,)), 257: (3, (2,)), 277: (3, (9,))}))


def pillow_pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))
