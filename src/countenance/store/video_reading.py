"""Reads of what video jobs found, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from countenance.errors import JobNotFound
from countenance.faces import Similarity, Template
from countenance.jobs.values import JobState
from countenance.operations.videos.values import FaceInVideo, StoredVideo, TrackEntry, TrackMatch
from countenance.store.job_rows import as_job
from countenance.store.job_tables import jobs
from countenance.store.rows import in_parts, in_utc
from countenance.store.sealing import open_sealed, open_template
from countenance.store.tables import collections
from countenance.store.video_rows import facts_of_text, track_data, unpacked_sightings
from countenance.store.video_tables import video_matches, video_tracks, videos
from countenance.video.values import Track

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from countenance.jobs.values import Job
    from countenance.store.key_tree import KeyTree
    from countenance.video.values import Sighting

_ENTRY = (
    video_tracks.c.key,
    video_tracks.c.place,
    video_tracks.c.person,
    video_tracks.c.begin_ms,
    video_tracks.c.end_ms,
)
_WITHOUT_SUCCESS = (JobState.FAILED.value, JobState.CANCELLED.value)


class VideoReading:
    """Implements `VideoReader`."""

    _connection: Connection
    _tree: KeyTree

    def video(self, job: Job) -> StoredVideo:
        """Return what is kept of a job's video; raises JobNotFound where nothing is, or no more."""
        joined = videos.outerjoin(collections, videos.c.collection_key == collections.c.key)
        this = (videos.c.job_key == job.key, collections.c.deleted_at.is_(None))
        row = self._connection.execute(select(videos).select_from(joined).where(*this)).one_or_none()
        if row is None:
            raise JobNotFound(f"there is no job {job.job_id}, or its results were kept long enough")
        return StoredVideo(row.job_key, row.collection_key, facts_of_text(row.facts), row.damage)

    def tracks(
        self, job: Job, *, ending_from_ms: int = 0, person_from: int | None = None
    ) -> list[TrackEntry]:
        """Return a job's tracks by beginning, or by person and beginning where ``person_from`` is given."""
        query = select(*_ENTRY).where(
            video_tracks.c.job_key == job.key, video_tracks.c.end_ms >= ending_from_ms
        )
        order = [video_tracks.c.begin_ms, video_tracks.c.place]
        if person_from is not None:
            query = query.where(video_tracks.c.person >= person_from)
            order = [video_tracks.c.person, *order]
        return [TrackEntry(*row) for row in self._connection.execute(query.order_by(*order))]

    def sightings(self, job: Job, track: TrackEntry) -> tuple[Sighting, ...]:
        """Return what is seen in a track; none where it was erased meanwhile; raises TemplateBroken."""
        row = self._track_row(track)
        return self._seen(job, row)[0] if row is not None else ()

    def open_track(self, job: Job, track: TrackEntry) -> Track | None:
        """Return a track with template and portrait, None where it was erased; raises TemplateBroken."""
        row = self._track_row(track)
        if row is None:
            return None
        sightings, best = self._seen(job, row)
        key, portrait, template = AESGCM(self._tree.key(row.leaf)), None, None
        if row.portrait is not None:
            bound_to = track_data(job.job_id, row.place, "portrait")
            portrait = open_sealed(key, row.portrait, bound_to, "a stored portrait")
        if row.template is not None:
            vector = open_template(key, row.template, track_data(job.job_id, row.place, "template"))
            template = Template(row.pack, vector)
        return Track(row.shot, sightings, sightings[best], template, portrait)

    def track_matches(self, track_keys: Sequence[int]) -> list[TrackMatch]:
        """Return the matches of tracks, most similar first."""
        of = video_matches.c
        found = [
            TrackMatch(row.track_key, row.face_key, Similarity(row.similarity_percent, row.false_match_rate))
            for part in in_parts(track_keys)
            for row in self._connection.execute(select(video_matches).where(of.track_key.in_(part)))
        ]
        return sorted(found, key=lambda each: (-each.similarity.percent, each.face_key))

    def videos_of_faces(self, face_keys: Sequence[int]) -> list[FaceInVideo]:
        """Return the videos in which somebody is like these faces, by job and beginning."""
        joined = video_matches.join(video_tracks).join(jobs, video_tracks.c.job_key == jobs.c.key)
        columns = (*video_matches.c, video_tracks.c.begin_ms, video_tracks.c.end_ms)
        query = select(*columns, *jobs.c).select_from(joined)
        found = [
            FaceInVideo(
                as_job(row),
                row.face_key,
                row.begin_ms,
                row.end_ms,
                Similarity(row.similarity_percent, row.false_match_rate),
            )
            for part in in_parts(face_keys)
            for row in self._connection.execute(query.where(video_matches.c.face_key.in_(part)))
        ]
        return sorted(found, key=lambda each: (each.job.key, each.begin_ms, each.face_key))

    def expired_videos(self, ended_before: datetime, most: int) -> list[Job]:
        """Return jobs that ended that long ago and have results."""
        has_results = select(videos.c.job_key).where(videos.c.job_key == jobs.c.key).exists()
        return self._jobs(jobs.c.ended_at <= in_utc(ended_before), has_results, most)

    def useless_videos(self, most: int) -> list[Job]:
        """Return jobs that ended without success and have tracks all the same."""
        has_tracks = select(video_tracks.c.key).where(video_tracks.c.job_key == jobs.c.key).exists()
        return self._jobs(jobs.c.state.in_(_WITHOUT_SUCCESS), has_tracks, most)

    def unsearched_videos(self) -> list[int]:
        """Return the keys of all jobs with results of no collection's search."""
        query = select(videos.c.job_key).where(videos.c.collection_key.is_(None))
        return list(self._connection.execute(query).scalars())

    def _jobs(self, which: ColumnElement[bool], having: ColumnElement[bool], most: int) -> list[Job]:
        query = select(jobs).where(which, having).order_by(jobs.c.key).limit(most)
        return [as_job(row) for row in self._connection.execute(query)]

    def _track_row(self, track: TrackEntry) -> Row[Any] | None:
        joined = video_tracks.join(videos).outerjoin(collections)
        query = select(video_tracks, collections.c.pack).select_from(joined)
        return self._connection.execute(query.where(video_tracks.c.key == track.key)).one_or_none()

    def _seen(self, job: Job, row: Row[Any]) -> tuple[tuple[Sighting, ...], int]:
        key = AESGCM(self._tree.key(row.leaf))
        bound_to = track_data(job.job_id, row.place, "sightings")
        return unpacked_sightings(open_sealed(key, row.sightings, bound_to, "a stored track"))
