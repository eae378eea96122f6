"""Who works on which job: claims, which are leases that are renewed or run out.

Each change is one statement on one row that names what it expects there, so that of two workers that want
the same job one gets it, on either database and from any number of processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select, update

from countenance.errors import JobLost
from countenance.jobs.values import JobState
from countenance.store.job_rows import as_job
from countenance.store.job_tables import jobs
from countenance.store.rows import in_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from countenance.jobs.values import Job, Runner

_WAITING, _RUNNING = JobState.WAITING.value, JobState.RUNNING.value


def claimable(now: datetime, kinds: Sequence[str], runner: Runner, job_id: str | None) -> ColumnElement[bool]:
    """Return the condition of jobs that such a worker may take now."""
    free = or_(
        and_(jobs.c.state == _WAITING, jobs.c.not_before <= in_utc(now)),
        and_(jobs.c.state == _RUNNING, jobs.c.held_until <= in_utc(now)),
    )
    before = jobs.alias("before")
    unfinished = (before.c.job_id == jobs.c.follows, before.c.state.in_((_WAITING, _RUNNING)))
    conditions = [free, jobs.c.runner == runner.value, jobs.c.kind.in_(kinds)]
    conditions.append(~select(before.c.key).where(*unfinished).exists())
    if job_id is not None:
        conditions.append(jobs.c.job_id == job_id)
    return and_(*conditions)


def any_claimable(connection: Connection, these: ColumnElement[bool]) -> bool:
    """Tell whether there is a job to take."""
    return connection.execute(select(jobs.c.key).where(these).limit(1)).first() is not None


def claim_oldest(
    connection: Connection, these: ColumnElement[bool], claim: str, now: datetime, until: datetime
) -> Job | None:
    """Take the oldest of these jobs; None where there is none.

    A job that was running is one whose worker died or hangs: that counts as a failure until it gets further.
    """
    taken: dict[str, Any] = {
        "state": _RUNNING,
        "claim": claim,
        "held_until": in_utc(until),
        "message": "",
        "attempts": jobs.c.attempts + 1,
        "failures": case((jobs.c.state == _RUNNING, jobs.c.failures + 1), else_=jobs.c.failures),
        "started_at": func.coalesce(jobs.c.started_at, in_utc(now)),
    }
    while True:
        key = connection.execute(select(func.min(jobs.c.key)).where(these)).scalar_one()
        if key is None:
            return None
        # Whoever was faster has changed what is expected of it here.
        mine = update(jobs).where(jobs.c.key == key, these).values(taken).returning(*jobs.c)
        row = connection.execute(mine).one_or_none()
        if row is not None:
            return as_job(row)


def renew(connection: Connection, job: Job, claim: str, until: datetime) -> bool:
    """Hold a job longer; returns whether it is to be cancelled; raises JobLost."""
    held = (jobs.c.key == job.key, jobs.c.claim == claim, jobs.c.state == _RUNNING)
    renewed = update(jobs).where(*held).values(held_until=in_utc(until)).returning(jobs.c.cancel_asked)
    row = connection.execute(renewed).one_or_none()
    if row is None:
        raise JobLost(f"another worker goes on with the job {job.job_id}, or it was cancelled")
    return bool(row.cancel_asked)
