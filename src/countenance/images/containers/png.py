"""Reads a PNG's chunks and keeps those that the decoder needs.

Text is never inflated. An APNG is read as the picture that viewers without animation show.
"""

from __future__ import annotations

import struct
import zlib

from countenance.errors import ImageBroken
from countenance.images.containers.container import MAX_PROFILE_BYTES, Container, cut_short, overloaded
from countenance.images.containers.exif import orientation_of

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_MAX_CHUNKS = 100_000  # 50 MB in the 8 kB chunks that libpng writes are 6,400
_END = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))
_GREY, _RGB, _PALETTE = 0, 2, 3

# Pillow compares the transparent colour with samples that it has already scaled to 8 bits, so at other depths
# it would make the wrong pixels transparent; there, the colour is shown as it is.
_TRANSPARENT_COLOUR_WORKS = frozenset(((_GREY, 1), (_GREY, 8), (_GREY, 16), (_RGB, 8)))


def recognises(data: bytes) -> bool:
    """Return whether the bytes begin as a PNG does."""
    return data.startswith(_SIGNATURE)


def read(data: bytes) -> Container:
    """Read a PNG.

    Raises:
        ImageBroken: it is cut short, without a picture, or overloaded with chunks.
    """
    header, depth, colour = _read_header(data)
    wanted = {b"IDAT", b"PLTE"} if colour == _PALETTE else {b"IDAT"}
    if colour == _PALETTE or (colour, depth) in _TRANSPARENT_COLOUR_WORKS:
        wanted.add(b"tRNS")
    kept, metadata = _sort_chunks(data, wanted)
    width_px, height_px = struct.unpack_from(">II", header, 8)
    return Container(
        "PNG",
        width_px,
        height_px,
        encoded=b"".join((_SIGNATURE, header, *kept, _END)),
        orientation=orientation_of(metadata.get(b"eXIf", b"")),
        icc_profile=_inflated_profile(metadata.get(b"iCCP", b"")),
        white=65_535 if depth == 16 else None,
    )


def _read_header(data: bytes) -> tuple[bytes, int, int]:
    """Return the IHDR chunk, the bit depth and the colour type."""
    header = data[8:33]
    if len(header) < 25:
        raise cut_short("PNG")
    if header[:8] != b"\x00\x00\x00\x0dIHDR":
        raise ImageBroken("PNG image does not begin with its header; save it anew")
    return header, header[16], header[17]


def _sort_chunks(data: bytes, wanted: set[bytes]) -> tuple[list[memoryview], dict[bytes, bytes]]:
    """Return the wanted chunks as they are, and the bodies of the first EXIF and colour profile chunks."""
    view = memoryview(data)
    kept: list[memoryview] = []
    metadata: dict[bytes, bytes] = {}
    position = 33
    for _ in range(_MAX_CHUNKS):
        if position >= len(data):  # all of the picture can be there without the end mark
            return kept, metadata
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        if end > len(data):
            raise cut_short("PNG")
        if kind == b"IEND":
            return kept, metadata
        if kind in wanted:
            kept.append(view[position:end])
            if kind != b"IDAT":
                wanted.remove(kind)  # one palette, one transparency
        elif kind in (b"eXIf", b"iCCP"):
            metadata.setdefault(kind, data[position + 8 : end - 4])
        position = end
    raise overloaded("PNG", _MAX_CHUNKS, "chunks")


def _inflated_profile(body: bytes) -> bytes | None:
    """Return the colour profile of an iCCP chunk; None where it is absent, broken or too large."""
    _, _, compressed = body.partition(b"\x00")
    if not compressed or compressed[0] != 0:  # 0: deflate, the only method there is
        return None
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(compressed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return profile if inflater.eof else None
