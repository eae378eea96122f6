"""Frozen values of a video that was looked through at once: who is seen in it, when, and who that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countenance.video.timeline import FacePath, Presence
from countenance.video.values import VideoFacts

if TYPE_CHECKING:
    from countenance.faces import Box, Similarity, Template

__all__ = ["FacePath", "FollowedFace", "Naming", "PersonSeen", "Presence", "SeenVideo", "Shot", "VideoFacts"]


@dataclass(frozen=True, slots=True, eq=False)
class FollowedFace:
    """One face in one shot.

    Attributes:
        shot: which shot, counted from 0.
        path: where it is in each frame that was looked at.
        best_ms: when it is seen best.
        best_box: where it is then, in pixels.
        quality: of the best sighting, 0–100.
        template: made of the best sightings; None where none was fit for recognition.
        portrait: a small JPEG of the best sighting; None where none was asked for.
    """

    shot: int
    path: FacePath
    best_ms: int
    best_box: Box
    quality: float
    template: Template | None = field(repr=False)
    portrait: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Naming:
    """Who somebody was taken for.

    Attributes:
        name: the user id, else the external image id, else the face id; or the name of a reference.
        similarity: how like the person of that name they are.
        request_id: by which the answer can be explained; None where nothing is recorded.
    """

    name: str
    similarity: Similarity
    request_id: str | None


@dataclass(frozen=True, slots=True, eq=False)
class PersonSeen:
    """Somebody who is seen in a video.

    Attributes:
        number: counts people from 1, in the order in which they first appear.
        naming: who it is; None where nobody like that is known, or where people must say so first.
        review_id: the review in which people say so, where one was opened.
        faces: the person's faces by beginning, one for each shot in which they are seen without a longer
            interruption.
        spans: when they are seen, by beginning.
    """

    number: int
    naming: Naming | None
    review_id: str | None
    faces: tuple[FollowedFace, ...]
    spans: tuple[Presence, ...]

    @property
    def seen_ms(self) -> int:
        """For how long they are seen, in all."""
        return sum(span.length_ms for span in self.spans)


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of the video without a cut; very long ones come in parts that count as shots."""

    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class SeenVideo:
    """A video that was looked through.

    Attributes:
        facts: what it says of itself.
        shots: its shots in order.
        people: whoever is seen, in order of their first appearance.
        damage: what could not be read, a sentence each.
        end_ms: when its last frame is shown.
        pack: what made and compared the templates.
        request_id: under which looking through it is recorded; None where it is not.
    """

    facts: VideoFacts
    shots: tuple[Shot, ...]
    people: tuple[PersonSeen, ...]
    damage: tuple[str, ...]
    end_ms: int
    pack: str
    request_id: str | None
