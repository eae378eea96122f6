"""A picture with a frame around each face that was found in it, as a JPEG; it does not say whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from countenance.video.live_values import Looked

_LONGEST_SIDE_PX = 960
_JPEG_QUALITY = 75
_COLOUR = (80, 220, 120)


def marked_jpeg(looked: Looked) -> bytes:
    """Return the picture, its longer side at most 960 px."""
    pixels = looked.frame.pixels
    height, width = pixels.shape[:2]
    scale = min(1.0, _LONGEST_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1.0 else pixels.copy()
    for face in looked.faces:
        box = face.box
        begin = round(box.left * scale), round(box.top * scale)
        cv2.rectangle(shown, begin, (round(box.right * scale), round(box.bottom * scale)), _COLOUR, 2)
    _, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY)
    )
    return encoded.tobytes()
