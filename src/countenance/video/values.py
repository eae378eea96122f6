"""Frozen values of videos: what a stream is, where a face was seen, and the tracks that sightings make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.faces import Face, Pixels, Template


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video says of itself.

    Attributes:
        container: the format's name, such as ``mov,mp4,m4a,3gp,3g2,mj2``.
        codec: the video stream's, such as ``h264``.
        width_px: of the upright picture, rotation applied.
        height_px: of the upright picture.
        frames_per_second: on average, 0 where the stream does not say.
        duration_ms: None where nobody can tell, as of a live stream.
        full_range: whether colours use all of 0–255; None where the stream does not say.
    """

    container: str
    codec: str
    width_px: int
    height_px: int
    frames_per_second: float
    duration_ms: int | None
    full_range: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One upright picture of a video, and when it is shown, counted from the first frame."""

    timestamp_ms: int
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face in one frame; its template is not kept."""

    timestamp_ms: int
    face: Face


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One face followed from frame to frame within one shot.

    Attributes:
        shot: which shot it is in, counted from 0.
        sightings: the face in each frame that was looked at, in order, at least one.
        best: the sighting that shows the face best.
        template: one template made of the best sightings; None where none was fit for recognition.
        portrait: a small JPEG of the best sighting; None where none was asked for.
    """

    shot: int
    sightings: tuple[Sighting, ...]
    best: Sighting
    template: Template | None
    portrait: bytes | None

    @property
    def begin_ms(self) -> int:
        """When the face is first seen."""
        return self.sightings[0].timestamp_ms

    @property
    def end_ms(self) -> int:
        """When the face is last seen."""
        return self.sightings[-1].timestamp_ms


@dataclass(frozen=True, slots=True, eq=False)
class ShotTracks:
    """The tracks of one shot, and where to go on after it.

    Attributes:
        shot: which shot, counted from 0.
        begin_ms: when its first frame is shown.
        end_ms: when its last frame is shown.
        tracks: by beginning; each person of the shot has one.
        resume_ms: when the next shot begins; None after the last.
    """

    shot: int
    begin_ms: int
    end_ms: int
    tracks: tuple[Track, ...]
    resume_ms: int | None
