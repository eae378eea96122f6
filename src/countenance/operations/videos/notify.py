"""Tell who wanted to be told that a video job has ended.

It is a job of its own that follows the other one, queued together with it: so it is done however that ended,
whatever is killed in between, and never delays it. What is not taken is sent again for a day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countenance.errors import JobNotFound, NotificationFailed
from countenance.jobs.run import JobWaits
from countenance.jobs.values import JobState
from countenance.notices import Notice
from countenance.operations.videos.start_jobs import DETECTION, NOTIFICATION, SEARCH

if TYPE_CHECKING:
    from countenance.jobs.run import JobRun
    from countenance.jobs.values import Job
    from countenance.operations.videos.rooms import VideoRooms

_AGAIN_AFTER_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
_APIS = {DETECTION: "StartFaceDetection", SEARCH: "StartFaceSearch"}


def notify(rooms: VideoRooms, run: JobRun) -> None:
    """Send the notification of a job that has ended, in the words of Amazon's.

    Raises:
        JobWaits: it was not taken; it is sent again later.
        NotificationRefused: there is no way any more to notify whom the client named.
        NotificationFailed: it was not taken for a day.
    """
    tries = int(run.job.checkpoint.get("tries", 0))
    with rooms.store.reading() as reader:
        try:
            ended = reader.job(str(run.job.asked.follows))
        except JobNotFound:
            return
    notice = Notice(run.job.job_id, run.job.asked.parameters["channel"], _body(ended))
    try:
        with rooms.register.following(run.job.asked.request_id, NOTIFICATION, run.caller()) as act:
            act.note(job=ended.job_id, state=ended.state.value)
            rooms.channels.send(notice)
    except NotificationFailed as error:
        if tries >= len(_AGAIN_AFTER_SECONDS):
            raise
        with rooms.store.writing() as writer:
            writer.save_checkpoint(run.job, run.claim, {"tries": tries + 1})
        raise JobWaits(str(error), timedelta(seconds=_AGAIN_AFTER_SECONDS[tries])) from None


def _body(job: Job) -> dict[str, Any]:
    """Return what Amazon publishes of a job that has ended; the time is in milliseconds since 1970."""
    parameters, ended_at = job.asked.parameters, job.ended_at or datetime.now(UTC)
    video = {"S3ObjectName": parameters["name"], "S3Bucket": parameters["bucket"]}
    tag = {"JobTag": job.asked.tag} if job.asked.tag is not None else {}
    return {
        "JobId": job.job_id,
        "Status": "SUCCEEDED" if job.state is JobState.SUCCEEDED else "FAILED",
        "API": _APIS[job.asked.kind],
        **tag,
        "Timestamp": round(ended_at.timestamp() * 1000),
        "Video": video,
    }
