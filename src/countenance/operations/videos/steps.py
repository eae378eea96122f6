"""What the steps of a video job share: how far it is, and that leave is asked for before each of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from countenance.images.sources import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from countenance.governance import GovernanceWriter
    from countenance.jobs.run import JobRun
    from countenance.operations.acts import Act
    from countenance.operations.videos.ports import VideoWriter
    from countenance.operations.videos.rooms import VideoRooms

SEEING, SEARCHING, DONE = "seeing", "searching", "done"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a video job is, as its checkpoint says.

    Attributes:
        phase: what is being done.
        resume_ms: where in the video to go on.
        shot: the number of the shot that begins there.
        tracks: how many tracks were kept.
        damage: what could not be read before that, in words.
        person: how many people were looked for.
    """

    phase: str = SEEING
    resume_ms: int = 0
    shot: int = 0
    tracks: int = 0
    damage: tuple[str, ...] = ()
    person: int = 0

    @classmethod
    def of(cls, checkpoint: Mapping[str, Any]) -> Self:
        """Return what a checkpoint says; the empty one is that of the beginning."""
        return cls(**{**checkpoint, "damage": tuple(checkpoint.get("damage", ()))})

    def keep(self, writer: VideoWriter, run: JobRun) -> None:
        """Make it the checkpoint; raises JobLost."""
        counts = {"milliseconds": self.resume_ms, "tracks": self.tracks, "people": self.person}
        writer.save_checkpoint(run.job, run.claim, asdict(self), counts=counts)


def stored_video(run: JobRun) -> StoredObject:
    """Return where the job's video is."""
    parameters = run.job.asked.parameters
    return StoredObject(parameters["bucket"], parameters["name"], parameters["version"])


@contextmanager
def step(rooms: VideoRooms, run: JobRun) -> Iterator[Act]:
    """Open an act of who asked for the job, which got leave for it again.

    Raises:
        NotPermitted: the key, a moratorium or the policy does not allow it any more.
        JobStopped, JobLost: the job is not to be gone on with.
    """
    run.check()
    asked = run.job.asked
    with rooms.register.act(run.caller(), asked.request_id) as act:
        act.permit(asked.kind, asked.collection_id)
        act.note(job=run.job.job_id)
        yield act


def as_video_writer(writer: GovernanceWriter) -> VideoWriter:
    """Return the writer of a change of the records as that of videos, which it also is."""
    return cast("VideoWriter", writer)
