"""Frozen values of video jobs and their results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.jobs.values import Job, JobState
from countenance.video.values import Sighting, VideoFacts

if TYPE_CHECKING:
    from countenance.faces import Similarity
    from countenance.images.sources import StoredObject
    from countenance.operations.search_faces import FaceMatch

__all__ = [
    "FaceInVideo",
    "JobState",
    "SeenFace",
    "StoredVideo",
    "TrackEntry",
    "TrackMatch",
    "VideoAsked",
    "VideoFacts",
    "VideoResults",
]


@dataclass(frozen=True, slots=True)
class VideoAsked:
    """What a client asks to be done with a video.

    Attributes:
        stored: where the video is.
        token: names the request, so that it may be sent again without a second job.
        channel: who is told when the job has ended, None for nobody.
        tag: the client's own word for the job.
    """

    stored: StoredObject
    token: str | None = None
    channel: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """What is kept of a video that a job looks at.

    Attributes:
        job_key: the job.
        collection_key: the collection that is searched, None where faces are only detected.
        facts: what the video says of itself, None before it was opened.
        damage: what of it could not be read, in words; empty where all could.
    """

    job_key: int
    collection_key: int | None
    facts: VideoFacts | None
    damage: str


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """A stored track without what is sealed of it.

    Attributes:
        key: the store's own number for it.
        place: its number within the video, from 0.
        person: which of the video's people it shows, from 0; None where people were not told apart.
        begin_ms: when the face is first seen.
        end_ms: when it is last seen.
    """

    key: int
    place: int
    person: int | None
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class TrackMatch:
    """A track, and an enrolled face that is like it."""

    track_key: int
    face_key: int
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class FaceInVideo:
    """An enrolled face that somebody in a video is like, from when to when they are seen, and how like."""

    job: Job
    face_key: int
    begin_ms: int
    end_ms: int
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face in one frame.

    Attributes:
        sighting: when and where.
        person: which of the video's people it is, from 0; None where people were not told apart.
        matches: the enrolled faces that are like this person's, most similar first.
    """

    sighting: Sighting
    person: int | None
    matches: tuple[FaceMatch, ...]


@dataclass(frozen=True, slots=True)
class VideoResults:
    """A page of what a job found.

    Attributes:
        job: the job; where it has not succeeded, nothing was found yet.
        facts: what the video says of itself, None where it was not opened, or the job goes on.
        damage: what of it could not be read, in words; empty where all could.
        seen: the faces, in the order that was asked for.
        next_after: the position after which the next page begins, None at the end.
        pack: whose templates were compared, None where none were.
    """

    job: Job
    facts: VideoFacts | None
    damage: str
    seen: list[SeenFace]
    next_after: int | None
    pack: str | None
