"""List, show and cancel jobs: one's own, or anybody's for an administrator."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from countenance.errors import JobNotFound
from countenance.jobs.values import ItemState, Job, JobItem, JobState
from countenance.operations.pages import Page, page_of
from countenance.operations.queueing import job_reader, job_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.operations.acts import Act, Register

__all__ = [
    "ItemState",
    "Job",
    "JobItem",
    "JobState",
    "cancel_job",
    "forget_jobs",
    "list_job_items",
    "list_jobs",
    "seen_job",
    "show_job",
]

_BATCH = 500
_ITEMS_AT_ONCE = 10_000


def list_jobs(
    act: Act,
    *,
    state: JobState | None = None,
    kind: str | None = None,
    most: int,
    after_key: int = 0,
    newest_first: bool = False,
) -> Page[Job]:
    """Return jobs that the caller asked for, or all for an administrator, oldest first if not told otherwise.

    Those of collections that the caller's key may not use are left out.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_jobs")
    with act.governance.reading() as records:
        reader = job_reader(records)
        asked_by = None if act.caller.administrator else act.caller.key_id
        read = partial(reader.jobs, state=state, kind=kind, asked_by=asked_by, newest_first=newest_first)
        return page_of(lambda count: _visible(read, act, count, after_key), most, after_key)


def show_job(act: Act, job_id: str) -> Job:
    """Return a job, with how far it is.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, or it is somebody else's.
    """
    act.permit("show_job")
    act.note(job=job_id)
    with act.governance.reading() as records:
        return seen_job(act, job_reader(records).job(job_id))


def list_job_items(
    act: Act, job_id: str, *, state: ItemState | None = None, most: int, after_place: int = 0
) -> Page[JobItem]:
    """Return items of a job that are not done, and why, in the order in which they were listed.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, or it is somebody else's.
    """
    act.permit("list_job_items")
    act.note(job=job_id)
    with act.governance.reading() as records:
        reader = job_reader(records)
        job = seen_job(act, reader.job(job_id))
        return page_of(
            lambda count: reader.job_items(job, after_place=after_place, most=count, state=state),
            most,
            after_place,
        )


def cancel_job(act: Act, job_id: str) -> Job:
    """Cancel a job: at once where nobody works on it, else within seconds; what is done stays done.

    Raises:
        NotPermitted: the caller's key does not allow it.
        JobNotFound: there is no such job, or it is somebody else's.
        JobEnded: there is nothing to cancel.
    """
    act.permit("cancel_job")
    act.note(job=job_id)
    with act.recording() as records:
        writer = job_writer(records)
        job = writer.ask_to_cancel(seen_job(act, writer.job(job_id)), datetime.now(UTC))
        act.note(state=job.state.value)
    return job


def forget_jobs(register: Register, ended_before: datetime, request_id: str) -> int:
    """Delete the jobs that ended before a time, with the names of what they could not do; returns how many.

    Where there are none, nothing is recorded.
    """
    total = 0
    while True:
        with register.governance.reading() as records:
            if not job_reader(records).count_forgettable_jobs(ended_before):
                return total
        with register.following(request_id, "forget_jobs") as act, act.recording() as writer:
            forgotten = job_writer(writer).forget_jobs(ended_before, _ITEMS_AT_ONCE)
            act.note(jobs=forgotten)
        total += len(forgotten)


def seen_job(act: Act, job: Job) -> Job:
    """Return a job that the caller may see; raises JobNotFound."""
    if not _sees(act, job):
        raise JobNotFound(f"there is no job {job.job_id}")
    return job


def _sees(act: Act, job: Job) -> bool:
    own = act.caller.administrator or job.asked.asked_by == act.caller.key_id
    return own and (job.asked.collection_id is None or act.caller.sees(job.asked.collection_id))


def _visible(read: Callable[..., list[Job]], act: Act, most: int, after_key: int) -> list[Job]:
    seen = list[Job]()
    at_once = max(most, _BATCH)
    while len(seen) < most:
        batch = read(after_key=after_key, most=at_once)
        seen += [job for job in batch if _sees(act, job)]
        if len(batch) < at_once:
            break
        after_key = batch[-1].key
    return seen[:most]
