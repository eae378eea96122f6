"""Reads of jobs and their items, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from countenance.errors import JobNotFound
from countenance.jobs.values import ItemState, JobState
from countenance.store.job_rows import as_item, as_job
from countenance.store.job_tables import job_items, jobs
from countenance.store.rows import in_utc
from countenance.store.video_tables import videos

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from countenance.jobs.values import Job, JobItem

OPEN = tuple(state.value for state in JobState if not state.ended)


class JobReading:
    """Implements `JobReader`."""

    _connection: Connection

    def job(self, job_id: str) -> Job:
        """Return a job; raises JobNotFound."""
        row = self._connection.execute(select(jobs).where(jobs.c.job_id == job_id)).one_or_none()
        if row is None:
            raise JobNotFound(f"there is no job {job_id}")
        return as_job(row)

    def jobs(
        self,
        *,
        after_key: int,
        most: int,
        state: JobState | None = None,
        kind: str | None = None,
        asked_by: str | None = None,
        newest_first: bool = False,
    ) -> list[Job]:
        """Return jobs by ascending key, from the first greater than ``after_key``, or newest first."""
        query = select(jobs).order_by(jobs.c.key.desc() if newest_first else jobs.c.key).limit(most)
        if after_key:
            query = query.where(jobs.c.key < after_key if newest_first else jobs.c.key > after_key)
        for column, wanted in ((jobs.c.state, state), (jobs.c.kind, kind), (jobs.c.asked_by, asked_by)):
            if wanted is not None:
                query = query.where(column == str(wanted))
        return [as_job(row) for row in self._connection.execute(query)]

    def count_open_jobs(self) -> int:
        """Return how many jobs wait or run."""
        query = select(func.count(jobs.c.key)).where(jobs.c.state.in_(OPEN))
        return int(self._connection.execute(query).scalar_one())

    def count_forgettable_jobs(self, ended_before: datetime) -> int:
        """Return how many jobs ended before a time and have no results any more."""
        query = select(func.count(jobs.c.key)).where(ended_before_that(ended_before))
        return int(self._connection.execute(query).scalar_one())

    def job_items(
        self,
        job: Job,
        *,
        after_place: int,
        most: int,
        state: ItemState | None = None,
        subject: str | None = None,
    ) -> list[JobItem]:
        """Return items that are not done, by place."""
        query = _items_of(job, after_place, most)
        if subject is not None:
            query = query.where(job_items.c.subject == subject)
        if state is not None:
            query = query.where(job_items.c.state == state.value)
        return [as_item(row) for row in self._connection.execute(query)]

    def jobs_naming(self, subject: str) -> list[Job]:
        """Return the jobs that have items of a subject, oldest first."""
        naming = select(job_items.c.job_key).where(job_items.c.subject == subject)
        query = select(jobs).where(jobs.c.key.in_(naming)).order_by(jobs.c.key)
        return [as_job(row) for row in self._connection.execute(query)]

    def due_items(self, job: Job, *, after_place: int, most: int, now: datetime) -> list[JobItem]:
        """Return items that wait and may be tried at this time, by place."""
        query = _items_of(job, after_place, most).where(
            job_items.c.state == ItemState.WAITING.value, job_items.c.not_before <= in_utc(now)
        )
        return [as_item(row) for row in self._connection.execute(query)]


def ended_before_that(time: datetime) -> ColumnElement[bool]:
    """Return the condition that a job ended before a time, and that nothing is kept of what it found."""
    has_results = select(videos.c.job_key).where(videos.c.job_key == jobs.c.key).exists()
    return and_(jobs.c.ended_at.is_not(None), jobs.c.ended_at < in_utc(time), ~has_results)


def _items_of(job: Job, after_place: int, most: int) -> Select[Any]:
    query = select(job_items).where(job_items.c.job_key == job.key, job_items.c.place > after_place)
    return query.order_by(job_items.c.place).limit(most)
