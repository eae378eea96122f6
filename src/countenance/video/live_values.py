"""Frozen values of live sources: what a reader gives out, and what is seen in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.faces import Face, Pixels, Template


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """One upright picture and when it was taken; of a file that is read fast, when it would have been."""

    taken_at: datetime
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Connected:
    """Pictures come now; ``again``: they had stopped coming."""

    at: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Pictures do not come any more; the source is tried again in so many seconds."""

    at: datetime
    reason: str
    retry_seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """No picture will come; ``failed``: because the source cannot be read at all."""

    at: datetime
    reason: str
    failed: bool


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """How many pictures there were.

    Attributes:
        read: all that the source sent and that could be decoded.
        looked_at: those in which faces were looked for.
        dropped: those that were to be looked at and gave way to newer ones; the others of those read are more
            than are looked at in a second.
    """

    read: int = 0
    looked_at: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Appeared:
    """A face came into the picture; ``track`` counts faces from 1."""

    track: int
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Recognisable:
    """Enough is seen of a face to say who it is, or more than when that was said last.

    Attributes:
        track: which face.
        at: when the last of what is seen was seen.
        template: one template of the best sightings.
        portrait: a small JPEG of the best sighting, where portraits are wanted.
    """

    track: int
    at: datetime
    template: Template
    portrait: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """A face is not seen any more.

    Attributes:
        track: which face.
        at: when that was noticed.
        first_seen_at: when it was seen first.
        last_seen_at: when it was seen last.
    """

    track: int
    at: datetime
    first_seen_at: datetime
    last_seen_at: datetime


Happening = Appeared | Recognisable | Left
"""What becomes of a face before a camera."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A picture and the faces in it, for who looks at the preview."""

    frame: LiveFrame
    faces: tuple[Face, ...]
