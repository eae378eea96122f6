"""What the operations on videos need of a database. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer. What is seen in a track is encrypted
with a data key of its own; deleting the track destroys the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from countenance.gallery.ports import GalleryReader, GalleryWriter
from countenance.jobs.ports import JobReader, JobStore, JobWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from countenance.gallery.values import Collection
    from countenance.jobs.values import Job
    from countenance.operations.videos.values import FaceInVideo, StoredVideo, TrackEntry, TrackMatch
    from countenance.video.values import Sighting, Track, VideoFacts


class VideoReader(JobReader, GalleryReader, Protocol):
    """Reads of one consistent state of the database."""

    def video(self, job: Job) -> StoredVideo:
        """Return what is kept of a job's video; raises JobNotFound where nothing is, or no more."""

    def tracks(
        self, job: Job, *, ending_from_ms: int = 0, person_from: int | None = None
    ) -> list[TrackEntry]:
        """Return a job's tracks by beginning, or by person and beginning where ``person_from`` is given."""

    def sightings(self, job: Job, track: TrackEntry) -> tuple[Sighting, ...]:
        """Return what is seen in a track; none where it was erased meanwhile; raises TemplateBroken."""

    def open_track(self, job: Job, track: TrackEntry) -> Track | None:
        """Return a track with template and portrait, None where it was erased; raises TemplateBroken."""

    def track_matches(self, track_keys: Sequence[int]) -> list[TrackMatch]:
        """Return the matches of tracks, most similar first."""

    def videos_of_faces(self, face_keys: Sequence[int]) -> list[FaceInVideo]:
        """Return the videos in which somebody is like these faces, by job and beginning."""

    def expired_videos(self, ended_before: datetime, most: int) -> list[Job]:
        """Return jobs that ended that long ago and have results."""

    def useless_videos(self, most: int) -> list[Job]:
        """Return jobs that ended without success and have tracks all the same."""

    def unsearched_videos(self) -> list[int]:
        """Return the keys of all jobs with results of no collection's search."""


class VideoWriter(VideoReader, JobWriter, GalleryWriter, Protocol):
    """Changes that become durable together when the transaction ends, or not at all."""

    def add_video(self, job: Job, collection: Collection | None) -> None:
        """Make room for the results of a job."""

    def set_video_facts(self, job: Job, facts: VideoFacts) -> None:
        """Keep what the video says of itself; raises JobNotFound where nothing may be kept now."""

    def set_video_damage(self, job: Job, damage: str) -> None:
        """Keep what of the video could not be read, in words."""

    def add_tracks(self, job: Job, tracks: Sequence[Track]) -> None:
        """Keep tracks, each with a data key of its own, after those that are there; raises JobNotFound."""

    def name_people(self, people: Mapping[int, int]) -> None:
        """Note, by track key, which of the video's people a track shows."""

    def add_track_matches(self, matches: Sequence[TrackMatch]) -> None:
        """Keep matches; a track that matches only faces that were erased meanwhile goes with them."""

    def drop_track_templates(self, job: Job) -> None:
        """Delete the templates and portraits of a job's tracks, which nothing needs any more."""

    def delete_tracks(self, job_keys: Sequence[int]) -> int:
        """Delete what was seen in the videos of jobs, and the keys; returns how many tracks that were."""

    def delete_videos(self, job_keys: Sequence[int]) -> int:
        """Delete all results of jobs; returns how many tracks that were."""


class VideoStore(JobStore, Protocol):
    """A database of jobs and their results, safe to use from many threads."""

    def reading(self) -> AbstractContextManager[VideoReader]:
        """Open a read transaction; it never waits for writers."""

    def writing(self) -> AbstractContextManager[VideoWriter]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all."""
