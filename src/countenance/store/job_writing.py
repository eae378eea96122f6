"""Changes of jobs and their items, within one transaction.

What is written under a claim locks the job's row and looks first whether the claim still holds it, so that
nothing is kept of a worker that lost its job.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from countenance.errors import JobEnded, JobItemsGone, JobLost
from countenance.jobs.values import ItemState, JobState
from countenance.store.job_reading import OPEN, JobReading, ended_before_that
from countenance.store.job_rows import as_json, as_message, digest, new_item_row
from countenance.store.job_tables import job_items, jobs
from countenance.store.rows import in_parts, in_utc
from countenance.store.tables import collections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from countenance.gallery.values import Collection
    from countenance.jobs.values import Job, NewItem, NewJob, Settled

_JOB_ID_BYTES = 16
_LET_GO: dict[str, Any] = {"claim": None, "held_until": None}
_GOT_FURTHER: dict[str, Any] = {"failures": 0}
_SETTLE = (
    update(job_items)
    .where(job_items.c.job_key == bindparam("of_job"), job_items.c.place == bindparam("at"))
    .values(
        state=bindparam("new_state"),
        not_before=bindparam("new_not_before"),
        reason=bindparam("new_reason"),
        attempts=job_items.c.attempts + 1,
    )
)


class JobWriting(JobReading):
    """Implements `JobWriter`."""

    def add_job(self, new: NewJob, now: datetime) -> Job:
        """Queue a job."""
        visible = (collections.c.collection_id == new.collection_id, collections.c.deleted_at.is_(None))
        collection_key = select(collections.c.key).where(*visible).scalar_subquery()
        job_id = secrets.token_hex(_JOB_ID_BYTES)
        row = {
            "job_id": job_id,
            "kind": new.kind,
            "asked_by": new.asked_by,
            "request_id": new.request_id,
            "collection_id": new.collection_id,
            "collection_key": collection_key,
            "parameters": as_json(new.parameters),
            "runner": new.runner.value,
            "tag": new.tag,
            "follows": new.follows,
            "state": JobState.WAITING.value,
            "created_at": in_utc(now),
            "not_before": in_utc(now),
            "message": "",
            "cancel_asked": False,
            **dict.fromkeys(("counts", "checkpoint"), "{}"),
            **dict.fromkeys(("done", "skipped", "failed", "places", "attempts", "failures"), 0),
        }
        self._connection.execute(insert(jobs).values(row))
        return self.job(job_id)

    def ask_to_cancel(self, job: Job, now: datetime) -> Job:
        """Cancel a job: at once where nobody works on it, else as soon as its worker looks.

        Raises:
            JobEnded: there is nothing to cancel.
        """
        this = select(jobs).where(jobs.c.key == job.key).with_for_update()
        row = self._connection.execute(this).one_or_none()
        if row is None or JobState(row.state).ended:
            raise JobEnded(f"the job {job.job_id} has ended already; there is nothing to cancel")
        held = row.held_until is not None and in_utc(row.held_until) > now
        changes: dict[str, Any] = {"cancel_asked": True}
        if not held:
            changes |= _LET_GO | {"state": JobState.CANCELLED.value, "ended_at": in_utc(now), "message": ""}
        self._change(row.key, changes)
        return self.job(job.job_id)

    def add_items(self, job: Job, claim: str, items: Sequence[NewItem]) -> int:
        """Add items that the job does not have under that name yet; returns how many."""
        row = self._held(job, claim)
        new: dict[bytes, NewItem] = {}
        for item in items:
            new.setdefault(digest(item.name), item)
        of_job = select(job_items.c.name_digest).where(job_items.c.job_key == job.key)
        for part in in_parts(list(new)):
            for known in self._connection.execute(of_job.where(job_items.c.name_digest.in_(part))).scalars():
                del new[bytes(known)]
        if new:
            numbered = enumerate(new.items(), start=row.places + 1)
            rows = [new_item_row(job.key, place, *item, row.created_at) for place, item in numbered]
            self._connection.execute(insert(job_items), rows)
            self._change(job.key, {"places": row.places + len(rows)})
        return len(new)

    def settle_items(self, job: Job, claim: str, settled: Settled) -> None:
        """Note what became of items, and count it.

        Raises:
            JobLost: another worker has the job.
            JobItemsGone: an item is not there any more, since its subject was erased.
        """
        row = self._held(job, claim)
        self._require_waiting(job, settled)
        for part in in_parts(settled.done):
            self._connection.execute(delete(job_items).where(*_items(job.key, part)))
        outcomes = _outcomes(settled, row.not_before)
        if outcomes:
            self._connection.execute(_SETTLE, [{"of_job": job.key, **outcome} for outcome in outcomes])
        counts = json.loads(row.counts)
        for name, more in settled.counts.items():
            counts[name] = counts.get(name, 0) + more
        changes = {
            "done": row.done + len(settled.done),
            "skipped": row.skipped + len(settled.skipped),
            "failed": row.failed + len(settled.failed),
            "counts": as_json(counts),
        }
        if settled.done or settled.skipped or settled.failed:
            changes |= _GOT_FURTHER
        self._change(job.key, changes)

    def save_checkpoint(
        self,
        job: Job,
        claim: str,
        checkpoint: Mapping[str, Any],
        *,
        total: int | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Note how far a job is; ``total`` and ``counts`` replace those noted before, where given."""
        row, changes = self._held(job, claim), {"checkpoint": as_json(checkpoint)}
        given: dict[str, Any] = dict(changes)
        if row.checkpoint != changes["checkpoint"]:
            given |= _GOT_FURTHER
        if total is not None:
            given["total"] = total
        if counts is not None:
            given["counts"] = as_json(counts)
        self._change(job.key, given)

    def end_job(self, job: Job, claim: str, state: JobState, message: str, now: datetime) -> None:
        """Note that nothing more is to be done."""
        self._held(job, claim)
        ended = {"state": state.value, "ended_at": in_utc(now), "message": as_message(message)}
        self._change(job.key, ended | _LET_GO)

    def put_back(
        self, job: Job, claim: str, not_before: datetime, message: str, *, failed: bool = False
    ) -> None:
        """Let any worker go on with the job from that time on; failures are counted until it gets further."""
        row = self._held(job, claim)
        waiting = {
            "state": JobState.WAITING.value,
            "not_before": in_utc(not_before),
            "message": as_message(message),
            "failures": row.failures + failed,
        }
        self._change(job.key, waiting | _LET_GO)

    def forget_items(self, subject: str) -> int:
        """Delete the items of a subject, in all jobs, as if they had never been listed; returns how many."""
        return forget_items(self._connection, [subject])

    def forget_items_of(self, collection_key: int, most: int) -> int:
        """Delete items of a collection's jobs, so many at once; returns how many."""
        theirs = select(jobs.c.key).where(jobs.c.collection_key == collection_key)
        forgotten = 0
        for key in self._connection.execute(theirs).scalars().all():
            if forgotten < most:
                forgotten += self._delete_items(key, most - forgotten)
        return forgotten

    def forget_jobs(self, ended_before: datetime, most_items: int) -> list[str]:
        """Delete jobs that ended before a time, and no more items at once than that; returns the jobs' ids.

        A job of which results are kept stays.

        What is left is deleted when it is called again; `count_forgettable_jobs` tells whether there is any.
        """
        query = select(jobs.c.key, jobs.c.job_id).where(ended_before_that(ended_before))
        forgotten = []
        for key, job_id in self._connection.execute(query.order_by(jobs.c.key)).all():
            most_items -= self._delete_items(key, most_items)
            if most_items <= 0:
                break
            self._connection.execute(delete(jobs).where(jobs.c.key == key))
            forgotten.append(job_id)
        return forgotten

    def cancel_everything(self, now: datetime) -> None:
        """Cancel all jobs at once and delete all items; whoever works on one loses it."""
        self._cancel(jobs.c.key > 0, now, "everything was erased")
        self._connection.execute(delete(job_items))

    def _cancel_jobs_of(self, collection: Collection) -> None:
        self._cancel(jobs.c.collection_key == collection.key, datetime.now(UTC), "its collection was deleted")

    def _cancel(self, these: ColumnElement[bool], now: datetime, message: str) -> None:
        cancelled = {
            "state": JobState.CANCELLED.value,
            "cancel_asked": True,
            "ended_at": in_utc(now),
            "message": message,
        }
        self._connection.execute(
            update(jobs).where(these, jobs.c.state.in_(OPEN)).values(cancelled | _LET_GO)
        )

    def _delete_items(self, job_key: int, most: int) -> int:
        of_job = job_items.c.job_key == job_key
        some = select(job_items.c.place).where(of_job).limit(most)
        return self._connection.execute(delete(job_items).where(of_job, job_items.c.place.in_(some))).rowcount

    def _held(self, job: Job, claim: str) -> Row[Any]:
        """Return a job's row, locked until the transaction ends; raises JobLost."""
        held = (jobs.c.key == job.key, jobs.c.claim == claim, jobs.c.state == JobState.RUNNING.value)
        row = self._connection.execute(select(jobs).where(*held).with_for_update()).one_or_none()
        if row is None:
            raise JobLost(f"another worker goes on with the job {job.job_id}, or it was cancelled")
        return row

    def _require_waiting(self, job: Job, settled: Settled) -> None:
        places = [*settled.done, *settled.skipped, *settled.failed, *settled.retried]
        waiting = 0
        for part in in_parts(places):
            these = (*_items(job.key, part), job_items.c.state == ItemState.WAITING.value)
            query = select(func.count(job_items.c.place)).where(*these)
            waiting += int(self._connection.execute(query).scalar_one())
        if waiting != len(places):
            raise JobItemsGone(
                f"items of the job {job.job_id} were erased while they were worked on; that is not kept"
            )

    def _change(self, job_key: int, changes: Mapping[str, Any]) -> None:
        self._connection.execute(update(jobs).where(jobs.c.key == job_key).values(dict(changes)))


def forget_items(connection: Connection, subjects: Sequence[str]) -> int:
    """Delete the items of subjects, in all jobs, as if they had never been listed; returns how many."""
    forgotten = 0
    for part in in_parts(subjects):
        theirs = job_items.c.subject.in_(part)
        query = select(job_items.c.job_key, job_items.c.state, func.count().label("items")).where(theirs)
        found = connection.execute(query.group_by(job_items.c.job_key, job_items.c.state)).all()
        for job_key, state, items in found:
            changes: dict[str, Any] = {"total": jobs.c.total - items}
            if state != ItemState.WAITING.value:
                changes[state] = jobs.c[state] - items
            connection.execute(update(jobs).where(jobs.c.key == job_key).values(changes))
        connection.execute(delete(job_items).where(theirs))
        forgotten += sum(row.items for row in found)
    return forgotten


def _items(job_key: int, places: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return job_items.c.job_key == job_key, job_items.c.place.in_(places)


def _outcomes(settled: Settled, at_once: datetime) -> list[dict[str, Any]]:
    """Return, of items that stay, what they become."""
    ended = ((ItemState.SKIPPED, settled.skipped), (ItemState.FAILED, settled.failed))
    outcomes = [
        (place, state, at_once, reason) for state, reasons in ended for place, reason in reasons.items()
    ]
    retried = settled.retried.items()
    outcomes += [(place, ItemState.WAITING, in_utc(at), reason) for place, (at, reason) in retried]
    return [
        {"at": place, "new_state": state.value, "new_not_before": at, "new_reason": as_message(reason)}
        for place, state, at, reason in outcomes
    ]
