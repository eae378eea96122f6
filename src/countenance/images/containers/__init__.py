"""Reads what stands before a picture's pixels: size, orientation, colour profile.

One reader per format, all with the same signature ``read(data) -> Container``. They are our own, in front of
Pillow, for three reasons: the limits must hold before anything is allocated; metadata (comments, thumbnails,
text, thousands of empty segments) must cost nothing, so Pillow never sees it; and Pillow tells of odd
metadata with warnings, which cannot be silenced in a thread-safe way.
"""

from __future__ import annotations

from countenance.errors import ImageFormatNotSupported
from countenance.images.containers import bmp, gif, jpeg, png, tiff, webp
from countenance.images.containers.container import Container

__all__ = ["Container", "read_container"]

_FORMATS = "JPEG, PNG, WebP, TIFF, BMP and GIF"
_READERS = (jpeg, png, webp, tiff, bmp, gif)


def read_container(data: bytes) -> Container:
    """Read the header of a picture of any format that is read.

    Raises:
        ImageFormatNotSupported: the bytes are none of these formats.
        ImageBroken: they claim a format but are cut short or contradict themselves.
    """
    for reader in _READERS:
        if reader.recognises(data):
            container: Container = reader.read(data)
            return container
    seen = f"its first bytes are {data[:8].hex(' ')}" if data else "it has no bytes"
    raise ImageFormatNotSupported(f"image is of no format that is read ({seen}); {_FORMATS} are: convert it")
