"""Delete what video jobs found when it was kept long enough, and at once where a job came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.operations.acts import Register
    from countenance.operations.videos.ports import VideoReader, VideoWriter

_BATCH = 20


def forget_video_results(register: Register, ended_before: datetime, request_id: str) -> int:
    """Delete the results of jobs that ended before a time, and destroy the keys; returns how many jobs.

    Of jobs that ended without success nothing can be read, so what they saw is deleted now. Where there is
    nothing to delete, nothing is recorded.
    """
    total = 0
    while True:
        with register.governance.reading() as records:
            reader = cast("VideoReader", records)
            expired = reader.expired_videos(ended_before, _BATCH)
            useless = reader.useless_videos(_BATCH)
        if not expired and not useless:
            return total
        with register.following(request_id, "forget_video_results") as act, act.recording() as records:
            writer = cast("VideoWriter", records)
            tracks = writer.delete_tracks([job.key for job in useless])
            tracks += writer.delete_videos([job.key for job in expired])
            act.note(jobs=sorted({job.job_id for job in (*expired, *useless)}), tracks=tracks)
        total += len(expired)
