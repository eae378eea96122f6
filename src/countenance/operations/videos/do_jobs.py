"""Do a video job: find the faces of a video, and for a search tell people apart and look for each of them.

Each step begins where the one before it, or a worker that was killed, left off; and before each step leave
is asked for again, so that moratorium, policy and key hold throughout.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from countenance.operations.videos.search_people import search_people, tell_people_apart
from countenance.operations.videos.see_video import see_video
from countenance.operations.videos.steps import DONE, SEARCHING, SEEING, Reached, as_video_writer, step

if TYPE_CHECKING:
    from countenance.jobs.run import JobRun
    from countenance.operations.videos.rooms import VideoRooms


def do_face_detection(rooms: VideoRooms, run: JobRun) -> None:
    """Find the faces of a video.

    Raises:
        NotPermitted: who asked may not any more; a MoratoriumInForce passes.
        ObjectNotReadable, FetchFailed, VideoError, ExtraMissing: the video cannot be read.
        JobStopped, JobLost: the job is not to be gone on with.
    """
    reached = Reached.of(run.job.checkpoint)
    if reached.phase == SEEING:
        _finish(rooms, run, see_video(rooms, run, reached))


def do_face_search(rooms: VideoRooms, run: JobRun) -> None:
    """Find the people of a video in a collection; raises as `do_face_detection`, and what a search raises."""
    reached = Reached.of(run.job.checkpoint)
    if reached.phase == SEEING:
        reached = tell_people_apart(rooms, run, see_video(rooms, run, reached))
    if reached.phase == SEARCHING:
        _finish(rooms, run, search_people(rooms, run, reached))


def _finish(rooms: VideoRooms, run: JobRun, reached: Reached) -> None:
    """Keep nothing that is not needed any more, and say what of the video could not be read."""
    with step(rooms, run) as act:
        act.note(finished=True)
        with act.recording() as records:
            writer = as_video_writer(records)
            writer.drop_track_templates(run.job)
            writer.set_video_damage(run.job, "; ".join(reached.damage))
            replace(reached, phase=DONE).keep(writer, run)
