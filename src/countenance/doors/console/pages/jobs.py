"""Long work: the list, one job with how far it is, what of it could not be done, and cancelling it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse

from countenance.doors.console.routing import page
from countenance.doors.console.telling_jobs import KINDS, STATES, about, called, in_short, result_of, told_job
from countenance.doors.console.visit import PAGE_SIZE
from countenance.errors import CountenanceError, JobEnded
from countenance.operations.follow_job import follow_job, look_at_job
from countenance.operations.manage_jobs import ItemState, JobState, cancel_job, list_job_items, list_jobs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from countenance.doors.console.visit import Visit
    from countenance.operations.follow_job import FollowedJob

LOOK_SECONDS = 1.0
"""How often who follows a job is told, at most."""

_ALIVE_SECONDS = 10.0


async def show_list(visit: Visit) -> Response:
    """List jobs, newest first."""
    state, kind = visit.query.get("state", ""), visit.query.get("kind", "")
    wanted = JobState(state) if state in set(JobState) else None
    kind = kind if kind in KINDS else ""
    paging = visit.paging("jobs", state=wanted, kind=kind)
    found = await visit.do(
        lambda act: list_jobs(
            act,
            state=wanted,
            kind=kind or None,
            most=PAGE_SIZE,
            after_key=paging.position,
            newest_first=True,
        )
    )
    return visit.page(
        "jobs/list.html",
        jobs=[
            (job, called(visit, job.asked.kind), about(job), told_job(visit, job), in_short(visit, job))
            for job in found.items
        ],
        state=wanted.value if wanted is not None else "",
        kind=kind,
        states=[(each.value, visit.say(label)) for each, label in STATES.items()],
        kinds=[(each, visit.say(label)) for each, label in KINDS.items() if each != "notify"],
        next=paging.next_of(found),
    )


async def show_one(visit: Visit) -> Response:
    """Show a job and how far it is."""
    job, pace = await visit.do(lambda act: look_at_job(visit.desk.followers.store, act, _id(visit)))
    return visit.page(
        "jobs/job.html",
        job=job,
        called=called(visit, job.asked.kind),
        about=about(job),
        told=told_job(visit, job, pace),
        result=result_of(visit, job),
    )


async def show_items(visit: Visit) -> Response:
    """List the parts of a job that are not done, and why."""
    state = visit.query.get("state", "")
    wanted = ItemState(state) if state in set(ItemState) else None
    job_id = _id(visit)
    paging = visit.paging("job_items", job=job_id, state=wanted)
    found = await visit.do(
        lambda act: list_job_items(act, job_id, state=wanted, most=PAGE_SIZE, after_place=paging.position)
    )
    return visit.page(
        "jobs/items.html",
        job_id=job_id,
        items=[(item, item.asked.name.encode(errors="backslashreplace").decode()) for item in found.items],
        state=wanted.value if wanted is not None else "",
        states=[each.value for each in ItemState],
        next=paging.next_of(found),
    )


async def cancel(visit: Visit) -> Response:
    """Cancel a job; what is done stays done."""
    job_id = _id(visit)
    try:
        await visit.do(lambda act: cancel_job(act, job_id))
    except JobEnded:
        return visit.go(f"/jobs/{job_id}", done="ended")
    return visit.go(f"/jobs/{job_id}", done="cancelled")


async def follow(visit: Visit) -> Response:
    """Send how far a job is, as it changes, as server-sent events."""
    followed = await visit.do(lambda act: follow_job(visit.desk.followers, act, _id(visit)))
    return _Following(visit, followed)


class _Following(StreamingResponse):
    """Makes room for others however it ends, also where nothing of it was sent."""

    def __init__(self, visit: Visit, followed: FollowedJob) -> None:
        self._followed = followed
        super().__init__(
            _events(visit, followed), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._followed.leave()


async def _events(visit: Visit, followed: FollowedJob) -> AsyncIterator[str]:
    """Yield an event whenever the job changed, and now and then a sign that the server is there."""
    told_at = 0.0
    try:
        changed = True
        while True:
            now = time.monotonic()
            if changed or now - told_at >= _ALIVE_SECONDS:
                yield _event(visit, followed)
                told_at = now
            if not followed.goes_on:
                return
            await anyio.sleep(LOOK_SECONDS)
            changed = await anyio.to_thread.run_sync(followed.look)
    except CountenanceError:
        return  # who follows may not any more, or the job is gone: the page says so when it is loaded again


def _event(visit: Visit, followed: FollowedJob) -> str:
    told = told_job(visit, followed.job, followed.pace())
    return f"event: progress\ndata: {json.dumps(told.as_json())}\n\n"


def _id(visit: Visit) -> str:
    return str(visit.http.path_params["job_id"])


ROUTES = (
    page("/jobs", show_list, needs=("list_jobs",)),
    page("/jobs/{job_id}", show_one, needs=("show_job",)),
    page("/jobs/{job_id}/events", follow, needs=("show_job",)),
    page("/jobs/{job_id}/items", show_items, needs=("list_job_items",)),
    page("/jobs/{job_id}/cancel", cancel, methods=("POST",), needs=("cancel_job",)),
)
