"""`/v1/jobs`: long work that is queued, done or ended."""

from typing import Annotated

from fastapi import Path, Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.fields import JOB_EXAMPLE, LINE, JobId, text
from countenance.doors.rest.models.jobs import Job, JobItem, JobItemPage, JobPage, JobProgress
from countenance.doors.rest.paging import ThePaging
from countenance.operations import manage_jobs

TheJobId = Annotated[JobId, Path(description="The job's id.", examples=[JOB_EXAMPLE])]

router = new_router("jobs")
_NOT_FOUND = problems(_404="There is no such job, or it is somebody else's.")


@router.get("/jobs")
async def list_jobs(
    call: TheCall,
    paging: ThePaging,
    state: Annotated[
        manage_jobs.JobState | None, Query(description="Only those in this state; all without it.")
    ] = None,
    kind: Annotated[
        Annotated[str, text(LINE, 64)] | None,
        Query(description="Only those that do this operation; all without it."),
    ] = None,
) -> JobPage:
    """List the jobs that the key asked for, or all for an administrator's key, oldest first."""
    belongs_to = {"list": "jobs", "state": state, "kind": kind, "key": call.key.key_id}
    after_key = paging.position(belongs_to)
    page = await call.do(
        lambda act: manage_jobs.list_jobs(act, state=state, kind=kind, most=paging.limit, after_key=after_key)
    )
    return paging.listed(JobPage, page, belongs_to, job_shown)


@router.get("/jobs/{job_id}", responses=_NOT_FOUND)
async def show_job(call: TheCall, job_id: TheJobId) -> Job:
    """Show a job and how far it is."""
    return job_shown(await call.do(lambda act: manage_jobs.show_job(act, job_id)))


@router.get("/jobs/{job_id}/items", responses=_NOT_FOUND)
async def list_job_items(
    call: TheCall,
    job_id: TheJobId,
    paging: ThePaging,
    state: Annotated[
        manage_jobs.ItemState | None, Query(description="Only those in this state; all without it.")
    ] = None,
) -> JobItemPage:
    """List the parts of a job that are not done, and why, in the order in which they were listed."""
    belongs_to = {"list": "job_items", "job": job_id, "state": state, "key": call.key.key_id}
    after_place = paging.position(belongs_to)
    page = await call.do(
        lambda act: manage_jobs.list_job_items(
            act, job_id, state=state, most=paging.limit, after_place=after_place
        )
    )
    return paging.listed(JobItemPage, page, belongs_to, _shown_item)


@router.post(
    "/jobs/{job_id}/cancellation",
    responses=_NOT_FOUND | problems(_409="It has ended already."),
)
async def cancel_job(call: TheCall, job_id: TheJobId) -> Job:
    """Cancel a job: at once where nobody works on it, else within seconds; what is done stays done."""
    return job_shown(await call.do(lambda act: manage_jobs.cancel_job(act, job_id)))


def job_shown(job: manage_jobs.Job) -> Job:
    """Return a job as clients are told of it."""
    return Job(
        job_id=job.job_id,
        kind=job.asked.kind,
        asked_by=job.asked.asked_by,
        request_id=job.asked.request_id,
        collection_id=job.asked.collection_id,
        tag=job.asked.tag,
        state=job.state,
        message=job.message,
        cancel_asked=job.cancel_asked,
        attempts=job.attempts,
        progress=JobProgress.model_validate(job.progress),
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        not_before=job.not_before,
    )


def _shown_item(item: manage_jobs.JobItem) -> JobItem:
    return JobItem(
        place=item.place,
        # A file's name may be no text at all, and JSON is UTF-8.
        name=item.asked.name.encode(errors="backslashreplace").decode(),
        state=item.state,
        attempts=item.attempts,
        reason=item.reason,
    )
