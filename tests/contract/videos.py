"""Made-up video jobs: queued and ended as operations do it, with tracks of made-up faces."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from contract.offices import CLERK, acting, key, vision
from countenance.faces import Box, Face, Landmarks, Pose, Quality, Similarity, Template
from countenance.images.sources import LocalBuckets, StoredObject, VideoSources
from countenance.jobs.values import JobState, Runner
from countenance.jobs.worker import Pace, Worker
from countenance.notices import Channels
from countenance.operations.videos import see_video
from countenance.operations.videos.do_jobs import do_face_detection, do_face_search
from countenance.operations.videos.get_results import (
    Order,
    get_face_detection_in_video,
    get_face_search_in_video,
)
from countenance.operations.videos.rooms import VideoRooms
from countenance.operations.videos.start_jobs import (
    DETECTION,
    SEARCH,
    start_face_detection_in_video,
    start_face_search_in_video,
)
from countenance.operations.videos.values import TrackMatch, VideoAsked, VideoResults
from countenance.video.values import Sighting, Track, VideoFacts
from new_faces import PACK, template

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.access import AccessKey
    from countenance.gallery.values import EnrolledFace
    from countenance.jobs.values import Job
    from countenance.wiring import Office

FACTS = VideoFacts("mov,mp4", "h264", 640, 360, 29.97, 10_000, False)
CLIP = StoredObject("clips", "clip.mp4")
HELD = "one worker's claim"


def rooms_of(office: Office, folder: Path, channels: Channels | None = None) -> VideoRooms:
    """Return the rooms of video jobs; the folder is the bucket ``clips``, and has a file ``clip.mp4``."""
    if not (folder / "clip.mp4").exists():
        (folder / "clip.mp4").write_bytes(b"a video, of which nobody here reads anything")
    sources = VideoSources(LocalBuckets({"clips": folder}), None, max_bytes=100_000_000)
    return VideoRooms(
        vision(), office.gallery, office.store, office.register, sources, channels or Channels(None, None)
    )


def started(rooms: VideoRooms, office: Office, by: AccessKey = CLERK, **asked: Any) -> str:
    """Ask for the faces of the clip, as StartFaceDetection does; return the job's id."""
    with acting(office, by) as act:
        return start_face_detection_in_video(rooms, act, VideoAsked(CLIP, **asked))


def searching(rooms: VideoRooms, office: Office, collection_id: str, by: AccessKey = CLERK) -> str:
    """Ask for a search, as StartFaceSearch does; return the job's id."""
    with acting(office, by) as act:
        return start_face_search_in_video(rooms, act, collection_id, VideoAsked(CLIP), least_similarity=80.0)


def worker_of(rooms: VideoRooms) -> Worker:
    """Return a worker that does video jobs, and keeps what it saw at the end of each shot."""
    see_video.SECONDS_BETWEEN_STEPS = 0.0
    handlers = {DETECTION: partial(do_face_detection, rooms), SEARCH: partial(do_face_search, rooms)}
    pace = Pace(lease=0.5, renewal=0.1, poll=0.01)
    return Worker(rooms.store, handlers, anybody, pace=pace)


def anybody(key_id: str) -> AccessKey:
    """Return a key that may do everything, as which made-up clients ask."""
    return key(key_id)


def claimed(office: Office, job_id: str, at: datetime | None = None) -> Job:
    """Take a job as a worker does."""
    now = at or datetime.now(UTC)
    job = office.store.claim_job(
        HELD, now, kinds=[DETECTION, SEARCH], runner=Runner.WORKERS, held_for=now - now, job_id=job_id
    )
    assert job is not None
    return job


def face(at: int, number: int = 1) -> Face:
    """Return a face that moves to the right."""
    points = np.array([[10.25, 20.0], [30.0, 20.0], [20.0, 30.0], [12.0, 40.0], [28.0, 40.5]])
    return Face(
        box=Box(at / 100, 5.25, 40.0, 50.0 + number),
        landmarks=Landmarks.from_array(points + at / 100),
        confidence=99.25,
        pose=Pose(1.5, -2.0, 3.25),
        quality=Quality(50.0, 60.0, 70.0, 80.0, 90.0, 91.0, 92.0, 24.5, 77.75),
    )


def track(number: int, *times_ms: int, shot: int = 0, portrait: bytes | None = None) -> Track:
    """Return a track of a numbered face."""
    sightings = tuple(Sighting(time, face(time, number)) for time in times_ms)
    vector = Template(PACK, template(number))
    return Track(shot, sightings, sightings[len(sightings) // 2], vector, portrait)


def add(office: Office, job: Job, *tracks: Track) -> list[int]:
    """Keep tracks; return the keys of all."""
    with office.store.writing() as writer:
        writer.add_tracks(job, tracks)
        return [entry.key for entry in writer.tracks(job)]


def matching(track_key: int, enrolled: EnrolledFace, percent: float = 99.0) -> TrackMatch:
    """Return a match."""
    return TrackMatch(track_key, enrolled.key, Similarity(percent, 1e-4))


def done(
    office: Office,
    job: Job,
    people: dict[int, int],
    *matches: TrackMatch,
    state: JobState = JobState.SUCCEEDED,
) -> None:
    """End a job that found these people."""
    with office.store.writing() as writer:
        writer.set_video_facts(job, FACTS)
        writer.name_people(people)
        writer.add_track_matches(matches)
        writer.drop_track_templates(job)
        writer.end_job(job, HELD, state, "", datetime.now(UTC))


def read(
    office: Office, job_id: str, by: AccessKey = CLERK, order: Order = Order.TIME, **page: int
) -> VideoResults:
    """Read what a search found, as GetFaceSearch does."""
    with acting(office, by) as act:
        return get_face_search_in_video(
            office.store, act, job_id, order=order, most=page.get("most", 1000), after=page.get("after", 0)
        )


def detected(office: Office, job_id: str, by: AccessKey = CLERK, **page: int) -> VideoResults:
    """Read what a detection found, as GetFaceDetection does."""
    with acting(office, by) as act:
        return get_face_detection_in_video(
            office.store, act, job_id, most=page.get("most", 1000), after=page.get("after", 0)
        )


def seen_by(results: VideoResults) -> list[tuple[int, int | None, list[str | None]]]:
    """Return of each face when, who, and whom it is like."""
    return [
        (
            each.sighting.timestamp_ms,
            each.person,
            [match.face.external_image_id for match in each.matches],
        )
        for each in results.seen
    ]
