"""Makes picture files for the tests of the images room: with Pillow where it can, by hand where it cannot."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.faces import Pixels

LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "TIFF": {}, "BMP": {}}


def colourful(width: int, height: int) -> Pixels:
    """Pixels that differ along both axes and between channels, smooth enough for a JPEG."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, 255 - (x + y) / 2], axis=-1).astype(np.uint8)


def encoded(picture: Pixels | Image.Image, kind: str, **options: Any) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif_with_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    return exif


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG of raw rows (each beginning with its filter byte) and extra chunks before the picture."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + data + png_chunk(b"IEND", b"")


def tiff(
    tags: Mapping[int, tuple[int, tuple[int, ...] | bytes]], pixels: bytes = b"", order: str = "<"
) -> bytes:
    """A TIFF of tags (number → type and values), its pixels at offset 8."""
    codes = {1: "B", 3: "H", 4: "I"}
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(pixels))
    table, outside = b"", b""
    outside_start = 8 + len(pixels) + 2 + 12 * len(tags) + 4
    for number, (kind, values) in sorted(tags.items()):
        body = (
            values
            if isinstance(values, bytes)
            else struct.pack(f"{order}{len(values)}{codes[kind]}", *values)
        )
        if len(body) <= 4:
            field = body.ljust(4, b"\x00")
        else:
            field = struct.pack(order + "I", outside_start + len(outside))
            outside += body
        table += struct.pack(order + "HHI", number, kind, len(values)) + field
    return head + pixels + struct.pack(order + "H", len(tags)) + table + bytes(4) + outside


def grey_tiff(width: int, height: int, bits: int, pixels: bytes, order: str = "<", **extra: int) -> bytes:
    tags: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (3, (width,)),
        257: (3, (height,)),
        258: (3, (bits,)),
        259: (3, (1,)),
        262: (3, (extra.get("photometric", 1),)),
        273: (4, (8,)),
        277: (3, (1,)),
        278: (3, (height,)),
        279: (4, (len(pixels),)),
        339: (3, (extra.get("sample_format", 1),)),
    }
    return tiff(tags, pixels, order)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def red_and_blue_swapped_profile() -> bytes:
    """A profile whose red is sRGB's blue and the other way round."""
    return srgb_profile().replace(b"rXYZ", b"####").replace(b"bXYZ", b"rXYZ").replace(b"####", b"bXYZ")


def linear_grey_profile() -> bytes:
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": b"curv" + bytes(8)})


def green_paper_profile() -> bytes:
    """A press profile of a paper that is green, and stays so under any ink but black."""
    green_and_black_lab = bytes((128, 48, 208, 0, 128, 128))
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    table = (
        b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + ramp * 4 + green_and_black_lab * 8 + ramp * 3
    )
    return _profile(b"CMYK", b"Lab ", {b"A2B0": table})


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A version 2 printer or scanner profile with the given tags and a D50 white."""
    white = struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"wtpt": b"XYZ " + bytes(4) + white, **tags}
    kind = b"prtr" if space == b"CMYK" else b"scnr"
    offset = 132 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += name + struct.pack(">II", offset + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = struct.pack(">I4sI4s4s4s", offset + len(bodies), bytes(4), 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + white
    return head.ljust(128, b"\x00") + table + bodies
