"""Reads a WebP's canvas size, EXIF and colour profile. Of an animation the first picture is read."""

from __future__ import annotations

import struct

from countenance.errors import ImageBroken
from countenance.images.containers.container import MAX_PROFILE_BYTES, Container, cut_short, overloaded
from countenance.images.containers.exif import orientation_of

_MAX_CHUNKS = 10_000


def recognises(data: bytes) -> bool:
    """Return whether the bytes begin as a WebP does; sound and film share the first four."""
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def read(data: bytes) -> Container:
    """Read a WebP; it goes to the decoder as it is, since libwebp passes over metadata without unpacking it.

    Raises:
        ImageBroken: it is cut short or overloaded with chunks.
    """
    width_px, height_px = _canvas_size(data)
    metadata = _find_metadata(data)
    profile = metadata.get(b"ICCP", b"")
    return Container(
        "WEBP",
        width_px,
        height_px,
        encoded=data,
        orientation=orientation_of(metadata.get(b"EXIF", b"")),
        icc_profile=profile if 0 < len(profile) <= MAX_PROFILE_BYTES else None,
    )


def _canvas_size(data: bytes) -> tuple[int, int]:
    """Return width and height; each of the three kinds of first chunk has its own packing."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise cut_short("WebP")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise ImageBroken("WebP image does not begin with a picture; save it anew")


def _find_metadata(data: bytes) -> dict[bytes, bytes]:
    """Return the bodies of the first EXIF and colour profile chunks."""
    metadata: dict[bytes, bytes] = {}
    position = 12
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(data):
            return metadata
        kind = data[position : position + 4]
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        if kind in (b"EXIF", b"ICCP"):
            metadata.setdefault(kind, data[position + 8 : position + 8 + size])
        position += 8 + size + size % 2
    raise overloaded("WebP", _MAX_CHUNKS, "chunks")
