"""Reads a JPEG's segments up to its first scan, and keeps those that the decoder needs.

An MPO, a JPEG followed by others, is read as its first picture.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from countenance.errors import ImageBroken, ImageFormatNotSupported
from countenance.images.containers.container import MAX_PROFILE_BYTES, Container, cut_short, overloaded
from countenance.images.containers.exif import orientation_of

_MAX_SEGMENTS = 10_000  # the largest metadata in use, of thermal cameras, takes a few hundred
_MAX_TABLE_BYTES = 65_536  # all tables a JPEG can use at a time take under 4 kB
_MAX_SCANS = 64  # encoders write about 10; a scan of 80 megapixels costs 28 ms though it be nearly empty

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_TABLES = frozenset((0xC4, 0xCC, 0xDB, 0xDD))  # Huffman, arithmetic, quantisation, restart interval
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a segment
_END, _SCAN = 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE


@dataclass(slots=True)
class _Segments:
    """What has been met on the way to the first scan."""

    kept: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    table_bytes: int = 0
    frame: int = 0
    frame_body: bytes = b""
    exif: bytes = b""
    profile_parts: dict[int, bytes] = field(default_factory=dict)
    profile_part_count: int = 0


def recognises(data: bytes) -> bool:
    """Return whether the bytes begin as a JPEG does."""
    return data.startswith(b"\xff\xd8\xff")


def read(data: bytes) -> Container:
    """Read a JPEG.

    Raises:
        ImageBroken: it is cut short, without a picture, or overloaded with segments or scans.
        ImageFormatNotSupported: its samples are not of eight bits.
    """
    found = _Segments()
    scan = _walk(data, found)
    height_px, width_px, components = _check_frame(found)
    has_many_scans = found.frame in _PROGRESSIVE or data[scan + 4 : scan + 5] != bytes([components])
    if has_many_scans and data.count(b"\xff\xda", scan) > _MAX_SCANS:
        raise overloaded("JPEG", _MAX_SCANS, "scans")
    return Container(
        "JPEG",
        width_px,
        height_px,
        encoded=b"".join((*found.kept, memoryview(data)[scan:])),
        orientation=orientation_of(found.exif),
        icc_profile=_profile(found),
    )


def _walk(data: bytes, found: _Segments) -> int:
    """Take in the segments before the first scan; return where that scan's marker begins."""
    position = 2
    for _ in range(_MAX_SEGMENTS):
        position = data.find(b"\xff", position)  # what is not a marker is padding or junk, as decoders see it
        marker = data[position + 1] if 0 <= position < len(data) - 1 else _END
        if marker == _SCAN:
            return position
        if marker == _END:
            raise cut_short("JPEG")
        if marker in (0x00, 0xFF) or marker in _ALONE:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        end = position + 2 + length
        if length < 2 or end > len(data):
            raise cut_short("JPEG")
        _take(marker, data[position:end], found)
        position = end
    raise overloaded("JPEG", _MAX_SEGMENTS, "segments before its picture")


def _take(marker: int, segment: bytes, found: _Segments) -> None:
    """Keep a segment that the decoder needs; remember what the others say of orientation and colour."""
    body = segment[4:]
    if marker in _FRAMES:
        if found.frame:
            raise ImageBroken("JPEG image has two frame headers; save it anew")
        found.frame, found.frame_body = marker, body
        found.kept.append(segment)
    elif marker in _TABLES:
        found.table_bytes += len(segment)
        if found.table_bytes > _MAX_TABLE_BYTES:
            raise overloaded("JPEG", _MAX_TABLE_BYTES, "bytes of coding tables")
        found.kept.append(segment)
    elif (marker == _APP0 and body.startswith(b"JFIF")) or (marker == _APP14 and body.startswith(b"Adobe")):
        found.kept.append(segment)  # these two say which colours the components are
    elif marker == _APP1 and body.startswith(b"Exif\x00\x00") and not found.exif:
        found.exif = body
    elif marker == _APP2 and body.startswith(b"ICC_PROFILE\x00") and len(body) > 14:
        found.profile_parts.setdefault(body[12], body[14:])
        found.profile_part_count = body[13]


def _check_frame(found: _Segments) -> tuple[int, int, int]:
    """Return height, width and number of components from the frame header."""
    if not found.frame:
        raise ImageBroken("JPEG image has no frame header before its picture; save it anew")
    try:
        bits, height_px, width_px, components = struct.unpack_from(">BHHB", found.frame_body)
    except struct.error as error:
        raise cut_short("JPEG") from error
    if bits != 8:
        raise ImageFormatNotSupported(f"JPEG image has {bits} bits a sample; 8 are read: save it anew with 8")
    return height_px, width_px, components


def _profile(found: _Segments) -> bytes | None:
    """Join the parts of the colour profile; None unless every part is there."""
    numbers = range(1, found.profile_part_count + 1)
    if not numbers or set(numbers) - found.profile_parts.keys():
        return None
    profile = b"".join(found.profile_parts[number] for number in numbers)
    return profile if len(profile) <= MAX_PROFILE_BYTES else None
