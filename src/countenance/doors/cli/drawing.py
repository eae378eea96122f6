"""Draws what was measured of a face onto its picture: box, landmarks, the head's axes and a label.

Pillow draws without smoothing, so each face is drawn enlarged, on a sheet of its own that is laid over the
picture.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from countenance.doors.cli.words import percent

if TYPE_CHECKING:
    from countenance.faces import Box, Face, Pixels, Pose
    from countenance.operations.detect_faces import DetectedFaces

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
KEPT: Colour = (64, 224, 178)
SET_ASIDE: Colour = (255, 176, 59)
_SHADE = (9, 18, 28)
# The axes point to the viewer's right, down, and out of the face: red, green and blue as is the custom.
_AXES: tuple[Colour, Colour, Colour] = ((255, 89, 94), (138, 220, 84), (76, 155, 255))
_MOST_SHEET_PX = 1600
_LABEL_SCALE = 4


def draw_detected(pixels: Pixels, detected: DetectedFaces) -> Image.Image:
    """Return the picture with every face marked, those set aside in another colour with the first reason."""
    picture = Image.fromarray(pixels)
    marked = [(face, KEPT, percent(face.confidence)) for face in detected.faces]
    marked += [
        (rejected.face, SET_ASIDE, rejected.reasons[0].replace("_", " ").lower())
        for rejected in detected.rejected
    ]
    for face, colour, _ in marked:
        mark_face(picture, face, colour)
    for face, colour, label in marked:
        label_face(picture, face, label, colour)
    return picture


def mark_face(picture: Image.Image, face: Face, colour: Colour = KEPT) -> None:
    """Draw one face's box, landmarks and axes onto the picture, all in proportion to both."""
    sheet = _Sheet.over(face.box, line_width_px(picture.size, face.box))
    _draw_box(sheet, face.box, colour)
    for point in face.landmarks:
        sheet.dot(point.x, point.y, 1.7, _SHADE)
        sheet.dot(point.x, point.y, 1.2, WHITE)
    _draw_axes(sheet, face)
    sheet.lay_over(picture)


def label_face(picture: Image.Image, face: Face, label: str, colour: Colour = KEPT) -> None:
    """Write a label above the face's box, or inside it where there is no room above, within the picture."""
    line_px = line_width_px(picture.size, face.box)
    letters = font(round(max(10.0, 6.5 * line_px) * _LABEL_SCALE))
    left, top, right, bottom = letters.getbbox(label)
    pad = 0.32 * (bottom - top)
    size = (math.ceil(right - left + 2.4 * pad), math.ceil(bottom - top + 2 * pad))
    plate = Image.new("RGBA", size, (*_SHADE, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=pad, fill=(*_SHADE, 205))
    pen.text((1.2 * pad - left, pad - top), label, font=letters, fill=(*colour, 255))
    small = plate.resize((size[0] // _LABEL_SCALE, size[1] // _LABEL_SCALE), Image.Resampling.BOX)
    gap = round(1.6 * line_px)
    above = round(face.box.top) - gap - small.height
    y = above if above >= 0 else max(round(face.box.top), 0) + gap
    x = max(0, min(round(face.box.left), picture.width - small.width))
    picture.paste(small.convert("RGB"), (x, y), small.getchannel("A"))


def line_width_px(size: tuple[int, int], box: Box) -> float:
    """Return a line's width: in proportion to the picture, but thin enough for a small face."""
    side = max(box.width, box.height)
    return max(min(1.3, side / 28), min(max(size) / 280, side / 30))


@functools.lru_cache(maxsize=64)
def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font, of which only ASCII and ° can be relied on."""
    return ImageFont.load_default(max(6, size_px))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A transparent sheet over a part of a picture, enlarged; positions and lengths are the picture's.

    Sizes called ``lines`` are in widths of a line.
    """

    image: Image.Image
    left: float
    top: float
    scale: float
    line_px: float

    @classmethod
    def over(cls, box: Box, line_px: float) -> _Sheet:
        """Return a sheet over a face and what is drawn around it."""
        margin = 4 * line_px + 0.35 * max(box.width, box.height)
        width, height = box.width + 2 * margin, box.height + 2 * margin
        scale = max(1, min(4, int(_MOST_SHEET_PX / max(width, height))))
        size = (math.ceil(width) * scale, math.ceil(height) * scale)
        # Whole pixels, so that the sheet is laid over the picture without a shift.
        left, top = math.floor(box.left - margin), math.floor(box.top - margin)
        return cls(Image.new("RGBA", size, (*_SHADE, 0)), left, top, scale, line_px)

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        """Return something to draw with, in the sheet's own pixels."""
        return ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a position of the picture is on the sheet."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def line(
        self, start: tuple[float, float], end: tuple[float, float], lines: float, colour: Colour
    ) -> None:
        """Draw a line with round ends."""
        width = max(1, round(lines * self.line_px * self.scale))
        self.pen.line([self.at(*start), self.at(*end)], fill=(*colour, 255), width=width)
        for x, y in (start, end):
            self.dot(x, y, lines / 2, colour)

    def dot(self, x: float, y: float, lines: float, colour: Colour) -> None:
        """Draw a disc; ``lines`` is its radius."""
        radius = max(0.5, lines * self.line_px * self.scale)
        centre_x, centre_y = self.at(x, y)
        bounds = (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius)
        self.pen.ellipse(bounds, fill=(*colour, 255))

    def lay_over(self, picture: Image.Image) -> None:
        """Put the sheet onto the picture; what lies beyond its edges is lost."""
        size = (round(self.image.width / self.scale), round(self.image.height / self.scale))
        small = self.image.resize(size, Image.Resampling.BOX)
        picture.paste(small.convert("RGB"), (int(self.left), int(self.top)), small.getchannel("A"))


def _draw_box(sheet: _Sheet, box: Box, colour: Colour) -> None:
    """Draw a thin frame with strong corners, on a dark ground that keeps it visible on any picture."""
    thin = max(1, round(0.5 * sheet.line_px * sheet.scale))
    bounds = [*sheet.at(box.left, box.top), *sheet.at(box.right, box.bottom)]
    sheet.pen.rectangle(bounds, outline=(*colour, 150), width=thin)
    arm = 0.18 * min(box.width, box.height)
    for lines, shade in ((1.9, _SHADE), (1.1, colour)):
        for x, inward_x in ((box.left, arm), (box.right, -arm)):
            for y, inward_y in ((box.top, arm), (box.bottom, -arm)):
                sheet.line((x, y), (x + inward_x, y), lines, shade)
                sheet.line((x, y), (x, y + inward_y), lines, shade)


def _draw_axes(sheet: _Sheet, face: Face) -> None:
    nose = face.landmarks.nose
    length = 0.42 * face.box.width
    # What points away from the viewer is drawn first.
    axes = sorted(zip(head_axes(face.pose), _AXES, strict=True), key=lambda axis: axis[0][2])
    for (x, y, _), colour in axes:
        end = (nose.x + length * x, nose.y + length * y)
        sheet.line((nose.x, nose.y), end, 1.3, _SHADE)
        sheet.line((nose.x, nose.y), end, 0.8, colour)


def head_axes(pose: Pose) -> tuple[tuple[float, float, float], ...]:
    """Return where the head's right, down and forward axes point: x right, y down, z towards the viewer."""
    pitch, yaw, roll = (
        math.radians(angle) for angle in (pose.pitch_degrees, pose.yaw_degrees, pose.roll_degrees)
    )
    sin_pitch, cos_pitch, sin_yaw, cos_yaw = math.sin(pitch), math.cos(pitch), math.sin(yaw), math.cos(yaw)
    upright = (
        (cos_yaw, 0.0, -sin_yaw),
        (sin_yaw * sin_pitch, cos_pitch, cos_yaw * sin_pitch),
        (sin_yaw * cos_pitch, -sin_pitch, cos_yaw * cos_pitch),
    )
    cos_roll, sin_roll = math.cos(roll), math.sin(roll)
    return tuple((cos_roll * x - sin_roll * y, sin_roll * x + cos_roll * y, z) for x, y, z in upright)
