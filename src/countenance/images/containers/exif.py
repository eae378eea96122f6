"""Reads the one thing that matters here from an EXIF block: which way up the picture is."""

from __future__ import annotations

from countenance.errors import ImageBroken
from countenance.images.containers.directory import ORIENTATION, read_directory

_PREFIX = b"Exif\x00\x00"


def orientation_of(exif: bytes) -> int:
    """Return the orientation 1–8; 1 (upright) where the block is absent, broken or says nothing sensible.

    A picture with a broken EXIF block is still a good picture, so nothing is raised.
    """
    if not exif:
        return 1
    try:
        orientation = read_directory(exif.removeprefix(_PREFIX)).first(ORIENTATION, 1)
    except ImageBroken:
        return 1
    return orientation if 1 <= orientation <= 8 else 1
