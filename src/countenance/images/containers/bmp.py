"""Reads a BMP's size. A BMP carries no metadata that matters here."""

from __future__ import annotations

import struct

from countenance.errors import ImageBroken, ImageTooLarge
from countenance.images.containers.container import Container, cut_short

_MAX_RUN_LENGTH_PIXELS = 4_000_000
"""Pillow decodes run lengths in Python: 80 megapixels out of 10 kB would hold a processor for 10 seconds."""


def recognises(data: bytes) -> bool:
    """Return whether the bytes begin as a BMP does."""
    return data.startswith(b"BM")


def read(data: bytes) -> Container:
    """Read a BMP.

    Raises:
        ImageBroken: it is cut short.
        ImageTooLarge: it is run-length encoded and has more pixels than such a one may have.
    """
    try:
        (header_bytes,) = struct.unpack_from("<I", data, 14)
        if header_bytes == 12:  # the oldest header, of OS/2
            width_px, height_px = struct.unpack_from("<HH", data, 18)
            compression = 0
        else:
            width_px, height_px, compression = struct.unpack_from("<iixxxxI", data, 18)
    except struct.error as error:
        raise cut_short("BMP") from error
    if len(data) < 14 + header_bytes:
        raise cut_short("BMP")
    if width_px < 0:
        raise ImageBroken(f"BMP image claims a width of {width_px} px")
    height_px = abs(height_px)  # negative where the rows run from the top down
    if compression in (1, 2) and width_px * height_px > _MAX_RUN_LENGTH_PIXELS:
        raise ImageTooLarge(
            f"BMP image is run-length encoded and {width_px}×{height_px} px; "
            f"the limit for such is {_MAX_RUN_LENGTH_PIXELS / 1e6:g} megapixels: save it without compression"
        )
    return Container("BMP", width_px, height_px, encoded=data)
