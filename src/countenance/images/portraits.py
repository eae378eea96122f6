"""A small picture of one face, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from countenance.faces import Box, Pixels
    from countenance.images.photograph import Photograph

_MARGIN = 0.3
_SIDE_PX = 224
_JPEG_QUALITY = 88


def portrait(photograph: Photograph, box: Box) -> bytes:
    """Return a face with some margin as a JPEG, its longer side at most 224 px.

    Args:
        photograph: the picture.
        box: the face in it, in pixels.

    Raises:
        ImageError: the picture cannot be decoded.
    """
    return cut_portrait(photograph.decode().pixels, box)


def cut_portrait(pixels: Pixels, box: Box) -> bytes:
    """Return a face of a decoded picture, height × width × 3, as `portrait` does."""
    height, width = pixels.shape[:2]
    aside, above = _MARGIN * box.width, _MARGIN * box.height
    left, right = max(0, int(box.left - aside)), min(width, int(box.left + box.width + aside) + 1)
    top, bottom = max(0, int(box.top - above)), min(height, int(box.top + box.height + above) + 1)
    crop = pixels[top:bottom, left:right]
    scale = min(1.0, _SIDE_PX / max(crop.shape[:2]))
    size = max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY)
    )
    return encoded.tobytes()
