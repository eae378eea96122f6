"""Reads TIFF directories: the tables of tags in TIFF pictures and in EXIF blocks."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from countenance.errors import ImageBroken

ORIENTATION = 274

# By type: whole numbers of 1, 2, 4 and 8 bytes, text, pairs for fractions, floating point.
_UNIT_BYTES = dict(
    zip((*range(1, 14), 16, 17, 18), (1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 8, 8, 8), strict=True)
)
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
_MAX_TAGS = 65_535  # what a classic directory can count; BigTIFF could claim 2**64


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry: its type, its number of values, and the field that holds them or says where they are."""

    kind: int
    count: int
    field: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """The first directory of a TIFF structure."""

    data: bytes
    order: str
    is_big: bool
    tags: dict[int, Tag]

    def raw(self, number: int) -> bytes:
        """Return the bytes of a tag's values, none if the tag is absent.

        Raises:
            ImageBroken: the values would lie outside the file.
        """
        tag = self.tags.get(number)
        if tag is None:
            return b""
        size = self.size_of(number)
        if size <= len(tag.field):
            return tag.field[:size]
        (offset,) = struct.unpack(self.order + ("Q" if self.is_big else "I"), tag.field)
        if offset + size > len(self.data):
            raise ImageBroken(f"image's tag {number} claims {size:,} bytes that lie outside the file")
        return self.data[offset : offset + size]

    def size_of(self, number: int) -> int:
        """Return how many bytes the tag's values take."""
        tag = self.tags[number]
        return tag.count * _UNIT_BYTES.get(tag.kind, 1)

    def first(self, number: int, default: int) -> int:
        """Return a tag's first value, or the default where there is none.

        Raises:
            ImageBroken: it is not a whole number, or lies outside the file.
        """
        tag = self.tags.get(number)
        if tag is None or tag.count == 0:
            return default
        if tag.kind not in _WHOLE_NUMBERS:
            raise ImageBroken(f"image's tag {number} is of type {tag.kind}, not a whole number")
        value: int = struct.unpack_from(self.order + _WHOLE_NUMBERS[tag.kind], self.raw(number))[0]
        return value


def read_directory(data: bytes) -> Directory:
    """Read the first directory of a TIFF structure, classic or BigTIFF.

    Raises:
        ImageBroken: the bytes are no such structure or end too early.
    """
    try:
        order = {b"II": "<", b"MM": ">"}[data[:2]]
        is_big = struct.unpack_from(order + "H", data, 2)[0] == 43
        (start,) = struct.unpack_from(order + ("Q" if is_big else "I"), data, 8 if is_big else 4)
        (count,) = struct.unpack_from(order + ("Q" if is_big else "H"), data, start)
    except (KeyError, struct.error, OverflowError) as error:
        raise ImageBroken("image's table of tags is missing or lies outside the file") from error
    layout = struct.Struct(order + ("HHQ8s" if is_big else "HHI4s"))
    start += 8 if is_big else 2
    table = data[start : start + min(count, _MAX_TAGS) * layout.size]
    if count > _MAX_TAGS or len(table) < count * layout.size:
        raise ImageBroken(f"image's table of tags claims {count:,} tags and ends before")
    tags: dict[int, Tag] = {}
    for number, kind, values, field in layout.iter_unpack(table):
        tags.setdefault(number, Tag(kind, values, field))
    return Directory(data, order, is_big, tags)
