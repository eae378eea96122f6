"""What drawings of comparisons are made of: crops of faces, rounded pictures, captions and bars."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from countenance.doors.cli.drawing import KEPT, SET_ASIDE, Colour, font
from countenance.faces import Box, Face, Landmarks, Point

if TYPE_CHECKING:
    from countenance.faces import Pixels

BACKGROUND: Colour = (12, 18, 28)
CARD: Colour = (22, 31, 45)
INK: Colour = (236, 242, 248)
MUTED: Colour = (140, 156, 178)
_TRACK: Colour = (44, 56, 74)
# From here on a colour says "alike" and "perhaps": false match rates of 1 in 1,000 and 1 in 10.
_ALIKE_PERCENT, _PERHAPS_PERCENT = 80.0, 40.0
# How much of its surroundings a crop shows, in sides of the face.
_CROP_SIDES = 1.7
_SMOOTH = 4


def likeness_colour(percent: float) -> Colour:
    """Return the colour of a similarity."""
    if percent >= _ALIKE_PERCENT:
        return KEPT
    return SET_ASIDE if percent >= _PERHAPS_PERCENT else MUTED


def face_crop(pixels: Pixels, face: Face, side_px: int) -> Image.Image:
    """Return a square of the picture around a face; what lies beyond the picture is left dark."""
    side = _CROP_SIDES * max(face.box.width, face.box.height)
    left = face.box.left + face.box.width / 2 - side / 2
    top = face.box.top + face.box.height / 2 - side / 2
    return _cut(pixels, Box(left, top, side, side), (side_px, side_px))


def picture_with(
    pixels: Pixels, face: Face | None, size: tuple[int, int], sides: float = math.inf
) -> tuple[Image.Image, Face | None]:
    """Return as much of the picture as fills a size, the face in its middle as far as that goes.

    Args:
        pixels: the picture.
        face: the face; without one the picture's middle is shown.
        size: width and height wanted, in pixels.
        sides: how many sides of the face the shorter side shows at most.

    Returns:
        What is shown, and the face where it is then.
    """
    height, width = pixels.shape[:2]
    middle_x, middle_y, across = width / 2, height / 2, math.inf
    if face is not None:
        middle_x, middle_y = face.box.left + face.box.width / 2, face.box.top + face.box.height / 2
        across = sides * max(face.box.width, face.box.height)
    scale = min(width / size[0], height / size[1], across / min(size))
    shown_width, shown_height = size[0] * scale, size[1] * scale
    left = min(max(0.0, middle_x - shown_width / 2), width - shown_width)
    top = min(max(0.0, middle_y - shown_height / 2), height - shown_height)
    frame = Box(left, top, shown_width, shown_height)
    return _cut(pixels, frame, size), face and _seen_in(frame, face, 1 / scale)


def paste_rounded(sheet: Image.Image, picture: Image.Image, place: tuple[int, int], radius: int = 14) -> None:
    """Put a picture onto a sheet with rounded corners."""
    mask = Image.new("L", (picture.width * _SMOOTH, picture.height * _SMOOTH), 0)
    bounds = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(bounds, radius * _SMOOTH, fill=255)
    sheet.paste(picture, place, mask.resize(picture.size, Image.Resampling.BOX))


def card(sheet: Image.Image, place: tuple[int, int], size: tuple[int, int]) -> None:
    """Put a rounded, slightly lighter ground onto a sheet."""
    paste_rounded(sheet, Image.new("RGB", size, CARD), place, radius=20)


def write(
    sheet: Image.Image,
    place: tuple[float, float],
    text: str,
    size_px: int,
    colour: Colour = INK,
    anchor: str = "ls",
) -> None:
    """Write a line; the anchor is Pillow's, by default the start of the base line."""
    ImageDraw.Draw(sheet).text(place, text, font=font(size_px), fill=colour, anchor=anchor)


def likeness_bar(sheet: Image.Image, place: tuple[int, int], size: tuple[int, int], percent: float) -> None:
    """Draw a bar that is filled up to a similarity."""
    bar = Image.new("RGB", (size[0] * _SMOOTH, size[1] * _SMOOTH), CARD)
    pen, radius = ImageDraw.Draw(bar), size[1] * _SMOOTH / 2
    pen.rounded_rectangle((0, 0, bar.width - 1, bar.height - 1), radius, fill=_TRACK)
    filled = max(bar.height, bar.width * percent / 100)
    pen.rounded_rectangle((0, 0, filled - 1, bar.height - 1), radius, fill=likeness_colour(percent))
    sheet.paste(bar.resize(size, Image.Resampling.BOX), place)


def _cut(pixels: Pixels, frame: Box, size: tuple[int, int]) -> Image.Image:
    """Return what a frame shows of a picture, and around it."""
    height, width = pixels.shape[:2]
    left, top = max(0.0, frame.left), max(0.0, frame.top)
    right, bottom = min(float(width), frame.right), min(float(height), frame.bottom)
    cut = Image.new("RGB", size, (5, 8, 13))
    scale = size[0] / frame.width
    shown = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    if right > left and bottom > top:
        part = Image.fromarray(pixels).resize(shown, Image.Resampling.LANCZOS, box=(left, top, right, bottom))
        cut.paste(part, (round((left - frame.left) * scale), round((top - frame.top) * scale)))
    return cut


def _seen_in(frame: Box, face: Face, scale: float) -> Face:
    box = Box(
        (face.box.left - frame.left) * scale,
        (face.box.top - frame.top) * scale,
        face.box.width * scale,
        face.box.height * scale,
    )
    points = (
        Point((point.x - frame.left) * scale, (point.y - frame.top) * scale) for point in face.landmarks
    )
    return dataclasses.replace(face, box=box, landmarks=Landmarks(*points))
