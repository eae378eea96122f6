"""Reads a TIFF's first directory and rewrites it with nothing but the tags that the decoder needs.

The rest of a TIFF's tags (text, previews, geography, makers' notes) may be large, absurd or many; the decoder
never sees them. The pixels stay where they are: the new directory is put behind them.
"""

from __future__ import annotations

import struct

from countenance.errors import ImageBroken, ImageFormatNotSupported
from countenance.images.containers.container import MAX_PROFILE_BYTES, Container, overloaded
from countenance.images.containers.directory import ORIENTATION, Directory, Tag, read_directory

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _SAMPLE_FORMAT = 256, 257, 258, 262, 277, 339
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_PROFILE = 34_675
_WHITE_IS_ZERO = 0
_UNSIGNED, _SIGNED = 1, 2

# Besides the named: compression, fill order, rows a strip, planes, fax options, predictor, old JPEG pointers.
_SINGLE = frozenset((_WIDTH, _HEIGHT, _PHOTOMETRIC, _SAMPLES, _TILE_WIDTH, _TILE_HEIGHT)) | frozenset(
    (259, 266, 278, 284, 292, 293, 317, 512, 513, 514)
)
# Besides the named: where strips and tiles are and how long, colour map, extra samples, JPEG tables, old JPEG
# tables, the parameters of YCbCr.
_LISTS = frozenset((_BITS, _SAMPLE_FORMAT)) | frozenset(
    (273, 279, 324, 325, 320, 338, 347, 519, 520, 521, 529, 530, 532)
)

_MAX_VALUES = 200_000  # a tag's; a colour map has 196,608, 30,000 rows in 4 planes, a strip a row, 120,000
_MAX_SAMPLES = 6  # a pixel's; what Pillow can unpack
_TILE_SIDE_ALWAYS_ALLOWED = 2_048


def recognises(data: bytes) -> bool:
    """Return whether the bytes begin as a TIFF does, classic or BigTIFF."""
    return data.startswith((b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b"))


def read(data: bytes) -> Container:
    """Read a TIFF's first picture.

    Raises:
        ImageBroken: its directory is cut short or contradicts itself.
        ImageFormatNotSupported: its pixels are of a kind that is not read.
    """
    tags = read_directory(data)
    width_px, height_px = tags.first(_WIDTH, 0), tags.first(_HEIGHT, 0)
    _check_parts(tags, width_px, height_px)
    bits, samples = tags.first(_BITS, 1), tags.first(_SAMPLES, 1)
    if samples > _MAX_SAMPLES:
        raise ImageFormatNotSupported(
            f"TIFF image has {samples} samples a pixel; the limit is {_MAX_SAMPLES}"
        )
    is_deep_grey = samples == 1 and bits > 8
    return Container(
        "TIFF",
        width_px,
        height_px,
        encoded=_rewritten(tags),
        orientation=_orientation(tags),
        icc_profile=_profile(tags),
        white=_white(bits, tags.first(_SAMPLE_FORMAT, _UNSIGNED)) if is_deep_grey else None,
        # Pillow turns shallower negatives into positives itself.
        is_negative=is_deep_grey and tags.first(_PHOTOMETRIC, 1) == _WHITE_IS_ZERO,
    )


def _white(bits: int, sample_format: int) -> int | None:
    """Return the largest value of a sample; None where nobody uses all of it: 32 bits, and fractions."""
    if bits > 16 or sample_format not in (_UNSIGNED, _SIGNED):
        return None
    return (1 << bits - (sample_format == _SIGNED)) - 1


def _check_parts(tags: Directory, width_px: int, height_px: int) -> None:
    """Refuse lists that are absurdly long, such as of strips, and tiles far larger than the picture."""
    if any(tags.tags[number].count > _MAX_VALUES for number in _LISTS & tags.tags.keys()):
        raise overloaded("TIFF", _MAX_VALUES, "values in a list, such as strips or tiles")
    for number, side_px in ((_TILE_WIDTH, width_px), (_TILE_HEIGHT, height_px)):
        # The decoder asks for the memory of a whole tile, however small the picture.
        if tags.first(number, 0) > max(side_px + 15, _TILE_SIDE_ALWAYS_ALLOWED):
            raise ImageBroken(
                f"TIFF image claims tiles larger than its {width_px}×{height_px} px; save it anew"
            )


def _rewritten(tags: Directory) -> bytes:
    """Return the file with a directory that holds only the tags the decoder needs."""
    entries: list[tuple[int, Tag]] = []
    outside = 0
    for number in sorted((_SINGLE | _LISTS) & tags.tags.keys()):
        tag = tags.tags[number]
        if number in _SINGLE:  # some writers give a list of equal values, of which Pillow would warn
            tag = Tag(4, 1, struct.pack(tags.order + ("I4x" if tags.is_big else "I"), _fits(number, tags)))
        elif len(tags.raw(number)) > len(tag.field):
            outside += tags.size_of(number)
        entries.append((number, tag))
    if outside > len(tags.data):
        raise ImageBroken("TIFF image's tags claim more bytes than the file has; save it anew")
    return _with_directory(tags, entries)


def _fits(number: int, tags: Directory) -> int:
    """Return a single tag's value, which must fit 32 bits."""
    value = tags.first(number, 0)
    if value > 0xFFFFFFFF:
        raise ImageBroken(f"TIFF image's tag {number} is {value}; the limit is {0xFFFFFFFF}")
    return value


def _with_directory(tags: Directory, entries: list[tuple[int, Tag]]) -> bytes:
    """Return the file's bytes followed by a directory to which its header points."""
    order, data = tags.order, tags.data
    padding = bytes(-len(data) % 8)
    start = struct.pack(order + ("Q" if tags.is_big else "I"), len(data) + len(padding))
    head = data[:8] + start if tags.is_big else data[:4] + start
    layout = struct.Struct(order + ("HHQ8s" if tags.is_big else "HHI4s"))
    table = [layout.pack(number, tag.kind, tag.count, tag.field) for number, tag in entries]
    count = struct.pack(order + ("Q" if tags.is_big else "H"), len(entries))
    return b"".join((head, memoryview(data)[len(head) :], padding, count, *table, bytes(8)))


def _orientation(tags: Directory) -> int:
    """Return the orientation, 1 where it is not sensible."""
    try:
        orientation = tags.first(ORIENTATION, 1)
    except ImageBroken:
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _profile(tags: Directory) -> bytes | None:
    """Return the colour profile; None where it is absent, too large or outside the file."""
    if _PROFILE not in tags.tags or tags.size_of(_PROFILE) > MAX_PROFILE_BYTES:
        return None
    try:
        return tags.raw(_PROFILE)
    except ImageBroken:
        return None
