"""Uploaded pictures on their way through an operation, and faces as pages draw them.

Nothing of an upload is kept: what a page shows of it is made anew from its pixels, and travels in the answer
to the form alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.console.downloads import picture_address
from countenance.images import preview

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from countenance.doors.console.forms import Upload
    from countenance.doors.console.visit import ConsoleDesk
    from countenance.faces import Face, Pose, RejectionReason
    from countenance.images import Photograph
    from countenance.operations.detect_faces import RejectedFace

_AXIS = 0.6  # of the distance from the middle of a face's box to its edge


class Taken:
    """A picture that somebody sent; an operation calls it to open it, once it has leave to.

    Args:
        desk: whose limits hold.
        upload: what was sent.
    """

    def __init__(self, desk: ConsoleDesk, upload: Upload) -> None:
        self._desk = desk
        self._upload = upload
        self._photograph: Photograph | None = None

    def __call__(self) -> Photograph:
        """Open it; raises ImageError."""
        limits = self._desk.limits
        self._photograph = self._desk.pictures.open(self._upload.content, limits, limits.max_bytes)
        return self._photograph

    @property
    def opened(self) -> bool:
        """Whether its header could be read."""
        return self._photograph is not None

    def drawn(self, faces: Sequence[DrawnFace] = ()) -> DrawnPicture | None:
        """Return it as a page shows it, None where it was never opened; raises ImageError."""
        photograph = self._photograph
        if photograph is None:
            return None
        source = picture_address(preview(photograph))
        return DrawnPicture(source, photograph.width_px, photograph.height_px, tuple(faces))


@dataclass(frozen=True, slots=True)
class Axis:
    """Where an axis of a head ends, in pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """A face as it is drawn over its picture.

    Attributes:
        number: by which the drawing and the list beside it name it, from 1.
        face: where it is, and what was measured.
        reasons: why it is not fit for recognition; none where it is.
        middle: where its axes begin, in pixels.
        axes: where those end that point to its right, down and forwards.
    """

    number: int
    face: Face
    reasons: tuple[RejectionReason, ...]
    middle: Axis
    axes: tuple[Axis, Axis, Axis]


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture with its faces; ``source`` is a data URI, sizes are the upright original's in pixels."""

    source: str
    width_px: int
    height_px: int
    faces: tuple[DrawnFace, ...]


def drawn_faces(fit: Iterable[Face], rejected: Iterable[RejectedFace] = ()) -> list[DrawnFace]:
    """Return faces as they are drawn, numbered in the order in which they are given, the fit ones first."""
    found: list[tuple[Face, tuple[RejectionReason, ...]]] = [(face, ()) for face in fit]
    found += [(each.face, each.reasons) for each in rejected]
    return [_drawn(number, face, reasons) for number, (face, reasons) in enumerate(found, 1)]


def _drawn(number: int, face: Face, reasons: tuple[RejectionReason, ...]) -> DrawnFace:
    box = face.box
    middle = Axis(box.left + box.width / 2, box.top + box.height / 2)
    return DrawnFace(
        number, face, reasons, middle, axes_of(face.pose, middle, _AXIS * min(box.width, box.height) / 2)
    )


def axes_of(pose: Pose, middle: Axis, length: float) -> tuple[Axis, Axis, Axis]:
    """Return where the axes of a head end in the picture: to the viewer's right, down, and to where it looks.

    The head is turned up by its pitch, then aside by its yaw, then tilted by its roll; depth is left out.
    """
    pitch, yaw, roll = (
        math.radians(angle) for angle in (pose.pitch_degrees, pose.yaw_degrees, pose.roll_degrees)
    )
    ends = (
        (math.cos(yaw), 0.0),
        (math.sin(pitch) * math.sin(yaw), math.cos(pitch)),
        (math.cos(pitch) * math.sin(yaw), -math.sin(pitch)),
    )
    right, down, ahead = (
        Axis(
            middle.x + length * (x * math.cos(roll) - y * math.sin(roll)),
            middle.y + length * (x * math.sin(roll) + y * math.cos(roll)),
        )
        for x, y in ends
    )
    return right, down, ahead
