"""A whole picture made anew, small enough for a page and without anything that came with the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from countenance.images.photograph import Photograph

_LONGEST_SIDE_PX = 1280
_JPEG_QUALITY = 82


def preview(photograph: Photograph, longest_side_px: int = _LONGEST_SIDE_PX) -> bytes:
    """Return a picture, upright, as a JPEG whose longer side has at most so many pixels.

    It is encoded from the pixels alone: no EXIF, comment or thumbnail of the original is in it.

    Raises:
        ImageError: the picture cannot be decoded.
    """
    pixels = photograph.decode(longest_side_px).pixels
    height, width = pixels.shape[:2]
    scale = min(1.0, longest_side_px / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    _, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY)
    )
    return encoded.tobytes()
