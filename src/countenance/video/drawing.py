"""Draws onto the frames of a video who is where: a frame around each face, and the name above it.

Between two frames that were looked at a face is taken to move on a straight line. What is drawn looks like
the drawings of ``countenance detect``; here it is done without Pillow's sheets, for thirty frames a second.
"""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.faces import Box, Pixels
    from countenance.video.timeline import FacePath

Colour = tuple[int, int, int]

NAMED: Colour = (64, 224, 178)
UNNAMED: Colour = (222, 226, 230)
_SHADE: Colour = (9, 18, 28)
_PLATE_OPACITY = 205
# Positions are handed to OpenCV in sixteenths of a pixel, so that frames glide instead of jumping.
_SHIFT = 4
_LARGER = 3


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A face that is drawn wherever its path leads.

    Attributes:
        path: where it is when.
        label: what is written above it.
        is_named: whether it is known who it is, which has a colour of its own.
        until_ms: how long after its last sighting it is still drawn there, such as to the end of the shot.
    """

    path: FacePath
    label: str
    is_named: bool
    until_ms: int


class Overlay:
    """All that is drawn onto a video."""

    def __init__(self, marked: Sequence[Marked]) -> None:
        self._marked = list(marked)
        self._begins_ms = np.array([each.path.begin_ms for each in marked], np.int64)
        self._ends_ms = np.array([max(each.until_ms, each.path.end_ms) for each in marked], np.int64)

    def draw(self, pixels: Pixels, timestamp_ms: int) -> None:
        """Draw, in place, who is in a frame (height × width × 3) that is shown at a time."""
        there = np.flatnonzero((self._begins_ms <= timestamp_ms) & (timestamp_ms <= self._ends_ms))
        seen = [
            (self._marked[place], box) for place in there.tolist() if (box := self._box(place, timestamp_ms))
        ]
        for marked, box in seen:
            _draw_box(pixels, box, NAMED if marked.is_named else UNNAMED)
        for marked, box in seen:
            _draw_label(pixels, box, marked.label, NAMED if marked.is_named else UNNAMED)

    def _box(self, place: int, timestamp_ms: int) -> Box | None:
        path = self._marked[place].path
        return path.box_at(min(timestamp_ms, path.end_ms))


def label_of(name: str, number: int) -> str:
    """Return how a name is written onto pictures, with letters that are there: ``Jose`` for ``José``.

    A name of which nothing is left that way is given by the person's number.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(character for character in plain if character.isprintable()).strip()
    return plain[:40] or f"person {number}"


def _draw_box(pixels: Pixels, box: Box, colour: Colour) -> None:
    """Draw a thin frame with strong corners, on a dark ground that keeps it visible on any picture."""
    side = max(box.width, box.height)
    line_px = max(min(1.3, side / 28), min(max(pixels.shape[:2]) / 280, side / 30))
    corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    cv2.rectangle(pixels, _fixed(*corners[0]), _fixed(*corners[3]), colour, 1, cv2.LINE_AA, _SHIFT)
    arm = 0.18 * min(box.width, box.height)
    for lines, shade in ((1.9, _SHADE), (0.9, colour)):
        width = max(1, round(lines * line_px))
        for x, y in corners:
            inward_x, inward_y = (arm if x == box.left else -arm), (arm if y == box.top else -arm)
            for end in ((x + inward_x, y), (x, y + inward_y)):
                cv2.line(pixels, _fixed(x, y), _fixed(*end), shade, width, cv2.LINE_AA, _SHIFT)


def _draw_label(pixels: Pixels, box: Box, label: str, colour: Colour) -> None:
    """Write above the face's box, or inside it where there is no room above, within the picture."""
    height, width = pixels.shape[:2]
    plate = _plate(label, round(min(max(11.0, 3.0 + 0.03 * height), 44.0)), colour)
    plate = plate[:height, :width]
    rows, columns = plate.shape[:2]
    above = round(box.top) - rows - 3
    top = above if above >= 0 else max(round(box.top), 0) + 3
    top, left = max(0, min(top, height - rows)), max(0, min(round(box.left), width - columns))
    part = pixels[top : top + rows, left : left + columns]
    opacity = plate[..., 3:].astype(np.float32) / 255.0
    part[:] = np.rint(part * (1.0 - opacity) + plate[..., :3] * opacity).astype(np.uint8)


@functools.lru_cache(maxsize=512)
def _plate(label: str, letters_px: int, colour: Colour) -> npt.NDArray[np.uint8]:
    """Return a label on its plate, rows × columns × 4: red, green, blue and opacity."""
    letters = ImageFont.load_default(letters_px * _LARGER)
    left, top, right, bottom = letters.getbbox(label)
    # The same for all labels of a size, whichever letters they have.
    _, highest, _, lowest = letters.getbbox("Ag")
    pad = 0.28 * (lowest - highest)
    size = round(right - left + 2.4 * pad), round(max(lowest, bottom) - min(highest, top) + 2 * pad)
    plate = Image.new("RGBA", size, (*_SHADE, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=pad, fill=(*_SHADE, _PLATE_OPACITY))
    pen.text((1.2 * pad - left, pad - min(highest, top)), label, font=letters, fill=(*colour, 255))
    return np.asarray(plate.resize((size[0] // _LARGER, size[1] // _LARGER), Image.Resampling.BOX))


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT))
