"""Changes of what video jobs found, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from countenance.store.rows import in_parts
from countenance.store.sealing import data_keys, seal, seal_template
from countenance.store.subject_rows import new_leaves
from countenance.store.tables import faces
from countenance.store.video_reading import VideoReading
from countenance.store.video_rows import (
    delete_tracks_where,
    facts_as_text,
    forget_matches,
    packed_sightings,
    track_data,
)
from countenance.store.video_tables import video_matches, video_tracks, videos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from countenance.gallery.values import Collection
    from countenance.jobs.values import Job
    from countenance.operations.videos.values import TrackMatch
    from countenance.video.values import Track, VideoFacts


class VideoWriting(VideoReading):
    """Implements `VideoWriter`."""

    has_deleted_subjects: bool

    def add_video(self, job: Job, collection: Collection | None) -> None:
        """Make room for the results of a job."""
        row = {"job_key": job.key, "collection_key": collection.key if collection is not None else None}
        self._connection.execute(insert(videos).values(row))

    def set_video_facts(self, job: Job, facts: VideoFacts) -> None:
        """Keep what the video says of itself; raises JobNotFound where no results may be kept any more."""
        self.video(job)
        this = videos.c.job_key == job.key
        self._connection.execute(update(videos).where(this).values(facts=facts_as_text(facts)))

    def set_video_damage(self, job: Job, damage: str) -> None:
        """Keep what of the video could not be read, in words."""
        this = videos.c.job_key == job.key
        self._connection.execute(update(videos).where(this).values(damage=damage))

    def add_tracks(self, job: Job, tracks: Sequence[Track]) -> None:
        """Keep tracks, each with a data key of its own, after those that are there; raises JobNotFound."""
        self.video(job)
        if not tracks:
            return
        last = select(func.max(video_tracks.c.place)).where(video_tracks.c.job_key == job.key)
        before = self._connection.execute(last).scalar_one()
        first = before + 1 if before is not None else 0
        leaves = new_leaves(self._connection, self._tree, len(tracks))
        keys = data_keys(self._tree, leaves)
        rows = [
            _track_row(job, track, place, leaf, keys[leaf])
            for place, (track, leaf) in enumerate(zip(tracks, leaves, strict=True), first)
        ]
        self._connection.execute(insert(video_tracks), rows)

    def name_people(self, people: Mapping[int, int]) -> None:
        """Note, by track key, which of the video's people a track shows."""
        if not people:
            return
        change = update(video_tracks).where(video_tracks.c.key == bindparam("track"))
        rows = [{"track": track, "number": number} for track, number in people.items()]
        self._connection.execute(change.values(person=bindparam("number")), rows)

    def add_track_matches(self, matches: Sequence[TrackMatch]) -> None:
        """Keep matches; a track that matches only faces that were erased meanwhile goes with them."""
        there = select(video_tracks.c.key).where(
            video_tracks.c.key.in_(sorted({match.track_key for match in matches}))
        )
        tracks = set(self._connection.execute(there).scalars())
        rows = [
            {
                "track_key": match.track_key,
                "face_key": match.face_key,
                "similarity_percent": match.similarity.percent,
                "false_match_rate": match.similarity.false_match_rate,
            }
            for match in matches
            if match.track_key in tracks
        ]
        if not rows:
            return
        self._connection.execute(insert(video_matches), rows)
        matched = sorted({match.face_key for match in matches})
        enrolled = {
            key
            for part in in_parts(matched)
            for key in self._connection.execute(select(faces.c.key).where(faces.c.key.in_(part))).scalars()
        }
        self.forget_in_videos([key for key in matched if key not in enrolled])

    def drop_track_templates(self, job: Job) -> None:
        """Delete the templates and portraits of a job's tracks, which nothing needs any more."""
        theirs = video_tracks.c.job_key == job.key
        self._connection.execute(update(video_tracks).where(theirs).values(template=None, portrait=None))

    def delete_tracks(self, job_keys: Sequence[int]) -> int:
        """Delete what was seen in the videos of jobs, and the keys; returns how many tracks that were."""
        count = sum(
            delete_tracks_where(self._connection, video_tracks.c.job_key.in_(part))
            for part in in_parts(job_keys)
        )
        self.has_deleted_subjects |= count > 0
        return count

    def delete_videos(self, job_keys: Sequence[int]) -> int:
        """Delete all results of jobs; returns how many tracks that were."""
        count = self.delete_tracks(job_keys)
        for part in in_parts(job_keys):
            self._connection.execute(delete(videos).where(videos.c.job_key.in_(part)))
        return count

    def delete_videos_of(self, collection: Collection) -> None:
        """Delete the results of all searches of a collection."""
        theirs = select(videos.c.job_key).where(videos.c.collection_key == collection.key)
        self.delete_videos(list(self._connection.execute(theirs).scalars()))

    def forget_in_videos(self, face_keys: Sequence[int]) -> None:
        """Take faces that are erased out of what was found in videos."""
        self.has_deleted_subjects |= forget_matches(self._connection, face_keys)


def _track_row(job: Job, track: Track, place: int, leaf: int, key: AESGCM) -> dict[str, Any]:
    template, portrait = track.template, track.portrait

    def bound_to(part: str) -> bytes:
        return track_data(job.job_id, place, part)

    return {
        "job_key": job.key,
        "place": place,
        "shot": track.shot,
        "begin_ms": track.begin_ms,
        "end_ms": track.end_ms,
        "leaf": leaf,
        "sightings": seal(key, packed_sightings(track), bound_to("sightings")),
        "template": seal_template(key, template.vector, bound_to("template")) if template else None,
        "portrait": seal(key, portrait, bound_to("portrait")) if portrait is not None else None,
    }
