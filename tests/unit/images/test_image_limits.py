"""The limits hold on what a header claims, before any memory is asked for."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from image_files import colourful, encoded, exif_with_orientation, grey_tiff, png
from PIL import Image, ImageFile

from countenance.errors import ImageBroken, ImageTooLarge
from countenance.images import ImageLimits, open_image


def header_only(kind: str, width: int, height: int) -> bytes:
    """A file whose header claims a size and which holds next to no picture."""
    if kind == "PNG":
        return png(width, height, 8, 2, b"")
    if kind == "TIFF":
        return grey_tiff(width, height, 8, b"")
    if kind == "BMP":
        header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
        return b"BM" + struct.pack("<III", 54, 0, 54) + header
    if kind == "GIF":
        frame = struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00;"
        return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b"," + frame
    if kind == "WEBP":
        canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + canvas
    data = bytearray(encoded(colourful(16, 16), "JPEG"))
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize(
    ("width", "height", "message"),
    [
        (60_000, 60_000, r"60000×60000 px; the limit is 30000 px a side \(image_max_side_px\)"),
        (29_000, 29_000, r"29000×29000 px; the limit is 80 megapixels \(image_max_pixels\)"),
        (2, 30_001, r"2×30001 px; the limit is 30000 px a side"),
    ],
)
def test_a_claimed_size_is_refused_without_allocation(
    kind: str, width: int, height: int, message: str
) -> None:
    data = header_only(kind, width, height)
    tracemalloc.start()
    try:
        with pytest.raises(ImageTooLarge, match=message):
            open_image(data)
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


def test_a_picture_at_the_limits_is_read() -> None:
    limits = ImageLimits(max_pixels=600, max_side_px=30)
    assert open_image(encoded(colourful(30, 20), "PNG"), limits).decode().pixels.shape == (20, 30, 3)
    with pytest.raises(ImageTooLarge, match=r"the limit is 0\.0006 megapixels"):
        open_image(encoded(colourful(30, 21), "PNG"), limits)
    with pytest.raises(ImageTooLarge, match="31×19 px; the limit is 30 px a side"):
        open_image(encoded(colourful(31, 19), "PNG"), limits)


def test_a_picture_on_its_side_is_measured_all_the_same() -> None:
    data = encoded(colourful(40, 10), "JPEG", exif=exif_with_orientation(6))
    with pytest.raises(ImageTooLarge, match="40×10 px; the limit is 39 px a side"):
        open_image(data, ImageLimits(max_side_px=39))


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_too_many_bytes_are_refused_in_memory(wrap: type) -> None:
    with pytest.raises(ImageTooLarge, match=r"101 bytes; the limit is 100 bytes \(image_max_bytes\)"):
        open_image(wrap(bytes(101)), ImageLimits(max_bytes=100))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF", "JPEG"])
def test_a_picture_without_width_or_height_is_broken(kind: str) -> None:
    for width, height in ((0, 5), (5, 0)):
        data = bytearray(header_only(kind, width, height))
        if kind == "GIF":  # its canvas grows with its frame, so the frame must be the empty one
            data[18:22] = struct.pack("<HH", width, height)
        with pytest.raises(ImageBroken, match=f"claims .*{width}×{height} px"):
            open_image(data)


def test_a_gif_frame_cannot_reach_past_the_limit() -> None:
    data = bytearray(header_only("GIF", 1, 1))
    data[14:18] = struct.pack("<HH", 40_000, 1)  # where the frame begins
    with pytest.raises(ImageTooLarge, match="40001×2 px"):
        open_image(data)


def test_a_run_length_encoded_bmp_has_a_limit_of_its_own() -> None:
    data = bytearray(header_only("BMP", 3_000, 3_000))
    data[28:34] = struct.pack("<HI", 8, 1)
    with pytest.raises(
        ImageTooLarge, match="run-length encoded and 3000×3000 px; the limit for such is 4 mega"
    ):
        open_image(data)


def test_pillows_own_settings_are_neither_needed_nor_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    for kind in ("JPEG", "PNG", "BMP", "GIF"):
        assert open_image(encoded(colourful(30, 20), kind)).decode().width_px == 30
    with pytest.raises(
        ImageTooLarge, match=r"but not Pillow's own guard for TIFF \(PIL.Image.MAX_IMAGE_PIXELS\)"
    ):
        open_image(encoded(colourful(30, 20), "TIFF")).decode()
    assert Image.MAX_IMAGE_PIXELS == 10
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_want_of_memory_is_told_as_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", no_memory)
    with pytest.raises(ImageTooLarge, match="30×20 px, too large for this machine's memory"):
        open_image(encoded(colourful(30, 20), "JPEG")).decode()
