"""Follow a job as it goes on: who looks has asked once, with an entry, and is asked again every two seconds.

Looking leaves no entries of its own, and keeps no thread busy: whoever follows asks when it pleases them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from countenance.errors import JobNotFound, TooManyFollowers
from countenance.operations.acts import Act
from countenance.operations.callers import caller_of
from countenance.operations.manage_jobs import Job, JobState, seen_job, show_job

if TYPE_CHECKING:
    from countenance.jobs.ports import JobReader, JobStore
    from countenance.jobs.values import Progress
    from countenance.operations.acts import Register
    from countenance.operations.videos.ports import VideoReader

__all__ = [
    "MOST_FOLLOWERS",
    "FollowedJob",
    "Job",
    "JobFollowers",
    "JobState",
    "Pace",
    "faces_of",
    "follow_job",
    "look_at_job",
]

MOST_FOLLOWERS = 64
"""How many may follow jobs at a time, all together; each looks at the database once a second."""

ASK_AGAIN_SECONDS = 2.0

# What is told of the pace is that of the last while, so that a job that was stopped and goes on is told well.
_PACE_SECONDS = 30.0
_VIDEOS = ("start_face_detection", "start_face_search")
_UNITS = {"evaluate": "pictures", **dict.fromkeys(_VIDEOS, "milliseconds")}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a job gets on.

    Attributes:
        settled: how many of its parts need nothing any more: pictures, or milliseconds of a video.
        total: how many there are; None while nobody knows.
        faces: how many faces came of them.
        faces_per_second: in the last while; None where that cannot be told yet.
        seconds_left: None where that cannot be told.
    """

    settled: int
    total: int | None
    faces: int
    faces_per_second: float | None
    seconds_left: float | None


class JobFollowers:
    """Lets people follow jobs, and not too many at a time.

    Attributes:
        store: the jobs, and the keys of who follows them.
        ending: is set when the server ends, so that whoever follows a job is let go.
    """

    def __init__(self, store: JobStore, ending: threading.Event, most: int = MOST_FOLLOWERS) -> None:
        self.store = store
        self.ending = ending
        self._most = most
        self._places = threading.BoundedSemaphore(most)

    def take_place(self) -> None:
        """Count one more; raises TooManyFollowers."""
        if not self._places.acquire(blocking=False):
            raise TooManyFollowers(f"{self._most} follow jobs already, the limit; look again in a moment")

    def give_place(self) -> None:
        """Count one less."""
        self._places.release()


class FollowedJob:
    """A job that somebody follows; `leave` is called when they do not any more."""

    def __init__(self, followers: JobFollowers, act: Act, job: Job) -> None:
        self._followers = followers
        self._register: Register = act.register
        self._key_id = act.caller.key_id
        self._job_id = job.job_id
        self._asked_at = time.monotonic()
        self._marks: deque[tuple[float, int, int]] = deque()
        self.job = job
        with followers.store.reading() as reader:
            self._total = _total(reader, job)
        followers.take_place()

    @property
    def goes_on(self) -> bool:
        """Whether there is more to see."""
        return not self.job.state.ended and not self._followers.ending.is_set()

    def look(self) -> bool:
        """Look at the job again; tells whether anything changed.

        Raises:
            NotPermitted: who follows may not any more.
            JobNotFound: the job is gone, or is not theirs to see any more.
            StoreUnavailable: the database does not answer.
        """
        before = self.job
        with self._followers.store.reading() as reader:
            job = reader.job(self._job_id)
            self._total = _total(reader, job)
        if time.monotonic() - self._asked_at >= ASK_AGAIN_SECONDS:
            self._ask_again(job)
        self.job = job
        return self.job != before

    def pace(self) -> Pace:
        """Return how fast the job gets on, as of the last look."""
        settled, total = _settled(self.job), self._total
        faces, now = faces_of(self.job.progress), time.monotonic()
        while self._marks and now - self._marks[0][0] > _PACE_SECONDS:
            self._marks.popleft()
        self._marks.append((now, settled, faces))
        began, settled_then, faces_then = self._marks[0]
        seconds = now - began
        if not seconds:
            return Pace(settled, total, faces, None, None)
        left = None
        if total is not None and settled > settled_then:
            left = max(0, total - settled) * seconds / (settled - settled_then)
        return Pace(settled, total, faces, max(0, faces - faces_then) / seconds, left)

    def leave(self) -> None:
        """Make room for others."""
        self._followers.give_place()

    def _ask_again(self, job: Job) -> None:
        self._asked_at = time.monotonic()
        act = Act(caller_of(self._followers.store, self._key_id), "", self._register)
        act.permit("show_job")
        seen_job(act, job)


def follow_job(followers: JobFollowers, act: Act, job_id: str) -> FollowedJob:
    """Begin to follow a job.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, or it is somebody else's.
        TooManyFollowers: as many follow jobs as may.
    """
    return FollowedJob(followers, act, show_job(act, job_id))


def faces_of(progress: Progress) -> int:
    """Return how many faces came of a job so far."""
    return sum(progress.counts.get(name, 0) for name in ("faces", "faces_there", "tracks"))


def look_at_job(store: JobStore, act: Act, job_id: str) -> tuple[Job, Pace]:
    """Return a job and how far it is, for who looks once.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, or it is somebody else's.
    """
    job = show_job(act, job_id)
    with store.reading() as reader:
        total = _total(reader, job)
    return job, Pace(_settled(job), total, faces_of(job.progress), None, None)


def _settled(job: Job) -> int:
    unit = _UNITS.get(job.asked.kind)
    return job.progress.settled if unit is None else job.progress.counts.get(unit, 0)


def _total(reader: JobReader, job: Job) -> int | None:
    """Return how much there is to do; of a video that is how long it is, as soon as it was opened."""
    if job.asked.kind not in _VIDEOS:
        return job.progress.total
    try:
        facts = cast("VideoReader", reader).video(job).facts
    except JobNotFound:
        return None
    return facts.duration_ms if facts is not None else None
