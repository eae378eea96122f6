"""Queue a job in the transaction of the act that asks for it; read and write jobs where others are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from countenance.errors import TooManyJobs
from countenance.jobs.values import NewJob, Runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.gallery.ports import GalleryReader, GalleryWriter
    from countenance.governance import GovernanceReader, GovernanceWriter
    from countenance.jobs.ports import JobReader, JobWriter
    from countenance.jobs.values import Job
    from countenance.operations.acts import Act


def queue_job(
    act: Act,
    writer: GalleryWriter | GovernanceWriter,
    *,
    kind: str,
    collection_id: str | None,
    parameters: Mapping[str, Any],
    runner: Runner = Runner.WORKERS,
    tag: str | None = None,
    follows: str | None = None,
) -> Job:
    """Queue a job for who asks, in a change that has begun; it is there with the act's entry, or not at all.

    Args:
        act: the act, which was permitted what the job is to do.
        writer: that of the change.
        kind: which operation does it.
        collection_id: the collection that it works on, if any.
        parameters: what to do, as JSON; nothing biometric.
        runner: who may do it.
        tag: the client's own word for it.
        follows: the id of a job that must have ended before.

    Raises:
        TooManyJobs: as many wait or run as the setting ``most_jobs`` allows.
    """
    jobs, most = job_writer(writer), act.register.most_jobs
    if jobs.count_open_jobs() >= most:
        raise TooManyJobs(
            f"{most:,} jobs wait or run already, the limit (most_jobs); try again when some have ended"
        )
    new = NewJob(
        kind=kind,
        asked_by=act.caller.key_id,
        request_id=act.request_id,
        collection_id=collection_id,
        parameters=parameters,
        runner=runner,
        tag=tag,
        follows=follows,
    )
    job = jobs.add_job(new, datetime.now(UTC))
    act.note(job=job.job_id)
    return job


def job_reader(reader: GalleryReader | GovernanceReader) -> JobReader:
    """Return the reader of collections or records as that of jobs, which it also is: it sees one moment."""
    return cast("JobReader", reader)


def job_writer(writer: GalleryWriter | GovernanceWriter) -> JobWriter:
    """Return the writer of a change as that of jobs, which it also is: one transaction holds all of it."""
    return cast("JobWriter", writer)
