"""Small files that would cost much, and large ones made of nothing, are refused or passed over quickly."""

from __future__ import annotations

import struct
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from image_files import colourful, encoded, grey_tiff, png, png_chunk, tiff

from countenance.errors import ImageBroken, ImageError, ImageTooLarge
from countenance.images import open_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEGABYTE = 1 << 20
PIXELS = colourful(32, 24)
ROWS = b"".join(b"\x00" + row.tobytes() for row in PIXELS)


@contextmanager
def quickly(seconds: float = 1.0) -> Iterator[None]:
    start = time.process_time()  # of the processor: other work on the machine does not count
    yield
    assert time.process_time() - start < seconds


def jpeg_with(segments: bytes) -> bytes:
    data = encoded(PIXELS, "JPEG")
    return data[:2] + segments + data[2:]


@pytest.mark.parametrize(
    "segments",
    [
        b"\xff\xfe\x00\x02" * (10 * MEGABYTE),
        (b"\xff\xdb\x00\x43\x00" + bytes(range(1, 65))) * 500_000,
        (b"\xff\xc4\xff\xff" + bytes(65_533)) * 600,
        b"\xff\xd0" * (20 * MEGABYTE),
    ],
    ids=["comments", "quantisation tables", "Huffman tables", "restart marks"],
)
def test_a_jpeg_of_countless_segments_is_refused(segments: bytes) -> None:
    data = jpeg_with(segments)
    with quickly(), pytest.raises(ImageBroken, match=r"JPEG image has more than .* the limit is"):
        open_image(data)


@pytest.mark.parametrize(
    "segments",
    [
        (b"\xff\xe1\xff\xffExif\x00\x00" + bytes(65_527)) * 700,
        (b"\xff\xe2\xff\xffICC_PROFILE\x00\x01\xff" + bytes(65_519)) * 700,
        b"\xff\xe5\x00\x02" + bytes(45 * MEGABYTE),
    ],
    ids=["EXIF", "colour profiles", "junk"],
)
def test_megabytes_of_metadata_in_a_jpeg_are_passed_over(segments: bytes) -> None:
    data = jpeg_with(segments)
    with quickly():
        pixels = open_image(data).decode().pixels
    np.testing.assert_array_equal(pixels, open_image(encoded(PIXELS, "JPEG")).decode().pixels)


def test_a_jpeg_of_countless_scans_is_refused() -> None:
    data = encoded(PIXELS, "JPEG", progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    for count in (20, 100_000):
        bomb = data[:-2] + last_scan * count + b"\xff\xd9"
        if count == 20:
            open_image(bomb)
            continue
        with quickly(), pytest.raises(ImageBroken, match="more than 64 scans"):
            open_image(bomb)


def test_a_png_of_countless_chunks_is_refused() -> None:
    data = png(32, 24, 8, 2, ROWS, png_chunk(b"teSt", b"") * (4 * MEGABYTE))
    with quickly(), pytest.raises(ImageBroken, match="more than 100,000 chunks"):
        open_image(data)


def test_compressed_text_in_a_png_is_never_unpacked() -> None:
    zeros = zlib.compress(bytes(64 * MEGABYTE))
    text = png_chunk(b"zTXt", b"Comment\x00\x00" + zeros)
    international = png_chunk(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + zeros)
    data = png(32, 24, 8, 2, ROWS, text * 300, international * 300)
    with quickly():
        np.testing.assert_array_equal(open_image(data).decode().pixels, PIXELS)


def test_a_profile_that_unpacks_without_end_is_ignored() -> None:
    bomb = png_chunk(b"iCCP", b"sRGB\x00\x00" + zlib.compress(bytes(512 * MEGABYTE)))
    with quickly():
        np.testing.assert_array_equal(open_image(png(32, 24, 8, 2, ROWS, bomb)).decode().pixels, PIXELS)


def test_a_webp_of_countless_chunks_is_refused() -> None:
    data = bytearray(encoded(PIXELS, "WEBP", lossless=True) + b"JUNK\x00\x00\x00\x00" * (5 * MEGABYTE))
    data[4:8] = struct.pack("<I", len(data) - 8)
    with quickly(), pytest.raises(ImageBroken, match="WebP image has more than 10,000 chunks"):
        open_image(data)


@pytest.mark.parametrize(
    "junk",
    [
        b"!\xfe" + b"\x01x" * (20 * MEGABYTE) + b"\x00",
        b"!\xfe\x00" * (15 * MEGABYTE),
        b"\x00" * (40 * MEGABYTE),
    ],
    ids=["one comment in pieces", "empty comments", "stray bytes"],
)
def test_a_gif_of_countless_blocks_is_refused(junk: bytes) -> None:
    data = encoded(PIXELS, "GIF")
    colours_end = 13 + (3 << (data[10] & 7) + 1)
    with quickly(), pytest.raises(ImageBroken, match="more than 1,048,576 bytes before its first frame"):
        open_image(data[:colours_end] + junk + data[colours_end:])


def with_tag(number: int, kind: int, count: int, field: int) -> bytes:
    """A small TIFF to which a tag is added that claims any number of values anywhere."""
    data = grey_tiff(4, 4, 8, bytes(16))
    start = struct.unpack_from("<I", data, 4)[0]
    (tags,) = struct.unpack_from("<H", data, start)
    table = data[start + 2 : start + 2 + 12 * tags]
    entries = {struct.unpack_from("<H", table, 12 * i)[0]: table[12 * i : 12 * i + 12] for i in range(tags)}
    entries[number] = struct.pack("<HHII", number, kind, count, field)
    rows = b"".join(entries[key] for key in sorted(entries))
    return data[:start] + struct.pack("<H", len(entries)) + rows + bytes(4)


@pytest.mark.parametrize("kind", [2, 3, 4, 7, 12, 16, 99])
@pytest.mark.parametrize("number", [270, 271, 700, 34665, 34675, 34853, 50341, 65000])
def test_absurd_metadata_in_a_tiff_is_never_looked_at(number: int, kind: int) -> None:
    with quickly():
        picture = open_image(with_tag(number, kind, 0xFFFFFFFF, 0xFFFFFFF0)).decode()
    assert picture.pixels.shape == (4, 4, 3)


@pytest.mark.parametrize("number", [256, 257, 258, 262, 273, 277, 279, 320, 322, 325, 338, 347])
def test_absurd_lists_in_a_tiff_are_refused(number: int) -> None:
    with quickly(), pytest.raises(ImageError):
        open_image(with_tag(number, 4, 0xFFFFFFFF, 8)).decode()


def test_a_tiff_of_countless_strips_is_refused() -> None:
    offsets = (8,) * 2_000_000
    data = tiff(
        {256: (3, (4,)), 257: (3, (4,)), 258: (3, (8,)), 262: (3, (1,)), 273: (4, offsets)}, bytes(16)
    )
    with quickly(), pytest.raises(ImageBroken, match="more than 200,000 values in a list"):
        open_image(data)


def test_a_tiff_of_a_tile_far_larger_than_itself_is_refused() -> None:
    tags: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (3, (4,)), 257: (3, (4,)), 258: (3, (8,)), 259: (3, (8,)), 262: (3, (1,)), 277: (3, (1,)),
        322: (4, (40_000,)), 323: (4, (40_000,)), 324: (4, (8,)), 325: (4, (16,)),
    }  # fmt: skip
    with quickly(), pytest.raises(ImageBroken, match="tiles larger than its 4×4 px"):
        open_image(tiff(tags, bytes(16)))


def test_a_tiff_that_repeats_single_values_is_read_without_a_word() -> None:
    tags: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (3, (4, 4, 4)), 257: (4, (4, 4)), 258: (3, (8,)), 259: (3, (1, 1, 1)), 262: (3, (1,)),
        273: (4, (8,)), 277: (3, (1,)), 278: (3, (4,)), 279: (4, (16,)),
    }  # fmt: skip
    assert (open_image(tiff(tags, b"\x07" * 16)).decode().pixels == 7).all()


def test_a_circle_of_tiff_directories_is_read_once() -> None:
    data = bytearray(grey_tiff(4, 4, 8, b"\x07" * 16))
    start = struct.unpack_from("<I", data, 4)[0]
    data[-4:] = struct.pack("<I", start)
    with quickly():
        assert (open_image(data).decode().pixels == 7).all()


@pytest.mark.parametrize("count", [65_535, 2**64 - 1])
def test_a_directory_longer_than_its_file_is_refused(count: int) -> None:
    data = b"II\x2b\x00\x08\x00\x00\x00" + struct.pack("<QQ", 16, count) + bytes(100)
    with quickly(), pytest.raises(ImageBroken, match=r"claims .* tags"):
        open_image(data)


@pytest.mark.parametrize("runs", [b"\x01\x01\x00\x00" * 2_000, b"\x01\x01" * 2_000_000])
def test_the_dearest_run_length_encoded_bmp_is_bearable(runs: bytes) -> None:
    header = struct.pack("<IiiHHIIiiII", 40, 2_000, 2_000, 1, 8, 1, len(runs), 0, 0, 2, 0)
    data = b"BM" + struct.pack("<III", 62 + len(runs), 0, 62) + header + bytes(8) + runs
    with quickly(5.0):
        outcome(lambda: open_image(data).decode())


def test_a_tiny_file_of_a_large_picture_is_refused_by_its_size_alone() -> None:
    row = b"\x00" + bytes(9_000 * 3)
    compressor = zlib.compressobj()
    idat = b"".join(compressor.compress(row) for _ in range(100)) + compressor.flush()
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 9_000, 9_000, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", idat) + png_chunk(b"IEND", b"")
    with quickly(), pytest.raises(ImageTooLarge, match="9000×9000 px; the limit is 80 megapixels"):
        open_image(data)


def outcome(action: Callable[[], object]) -> object:
    try:
        return action()
    except ImageError as error:
        return error
