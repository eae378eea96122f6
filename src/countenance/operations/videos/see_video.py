"""Go through a video shot by shot, and keep what was seen every few seconds, with where to go on.

What a worker that is killed saw since then is seen again; nothing is kept twice or left out.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from countenance.operations.answers import must_review
from countenance.operations.videos.start_jobs import SEARCH
from countenance.operations.videos.steps import Reached, as_video_writer, step, stored_video
from countenance.video.following import follow_faces
from countenance.video.reading import open_video

if TYPE_CHECKING:
    from countenance.jobs.run import JobRun
    from countenance.operations.videos.rooms import VideoRooms
    from countenance.video.reading import VideoReader
    from countenance.video.values import ShotTracks, Track

SECONDS_BETWEEN_STEPS = 5.0
"""At the end of the first shot after so long, leave is asked for and what was seen becomes durable."""


def see_video(rooms: VideoRooms, run: JobRun, reached: Reached) -> Reached:
    """Find the faces of a video from where it was left; returns how far the job is then.

    Raises:
        NotPermitted: who asked may not any more.
        ObjectNotReadable, FetchFailed, VideoError, ExtraMissing: the video cannot be read.
        JobStopped, JobLost: the job is not to be gone on with.
    """
    stored, searches = stored_video(run), run.job.asked.kind == SEARCH
    with step(rooms, run) as act:
        act.caller.permit_bucket(stored.bucket)
        portraits = searches and must_review(act)
    with ExitStack() as open_things:
        path = open_things.enter_context(rooms.sources.opened(stored, run.check))
        reader = open_things.enter_context(open_video(path, name=stored.name))
        seen = _Seen(rooms, run, reader, reached)
        for shot in follow_faces(
            rooms.vision,
            reader,
            templates=searches,
            portraits=portraits,
            start_ms=reached.resume_ms,
            first_shot=reached.shot,
            looked=lambda _: run.check(),
        ):
            seen.add(shot)
            if seen.is_due:
                seen.keep()
        seen.keep()
        return seen.reached


@dataclass(slots=True)
class _Seen:
    """What was seen; ``reached`` is what of it is durable."""

    rooms: VideoRooms
    run: JobRun
    reader: VideoReader
    reached: Reached
    _tracks: list[Track] = field(default_factory=list)
    _next: Reached | None = None
    _kept_at: float = field(default_factory=time.monotonic)
    _damage_before: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._damage_before = self.reached.damage

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._kept_at >= SECONDS_BETWEEN_STEPS

    def add(self, shot: ShotTracks) -> None:
        self._tracks += shot.tracks
        resume_ms = shot.resume_ms if shot.resume_ms is not None else shot.end_ms
        self._next = replace(self.reached, resume_ms=resume_ms, shot=shot.shot + 1)

    def keep(self) -> None:
        """Make what was seen since the last time durable, in one transaction with where to go on."""
        damage = tuple(dict.fromkeys((*self._damage_before, *self.reader.damage.sentences())))
        reached = replace(
            self._next or self.reached, tracks=self.reached.tracks + len(self._tracks), damage=damage
        )
        with step(self.rooms, self.run) as act:
            act.note(milliseconds=reached.resume_ms, tracks=len(self._tracks))
            with act.recording() as records:
                writer = as_video_writer(records)
                writer.set_video_facts(self.run.job, self.reader.facts)
                writer.add_tracks(self.run.job, self._tracks)
                reached.keep(writer, self.run)
        self.reached, self._tracks, self._kept_at = reached, [], time.monotonic()
