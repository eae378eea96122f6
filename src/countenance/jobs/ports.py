"""What long work needs of a database. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer. A *claim* is a random text that names
one worker's hold on one job; what is written under a claim that was lost raises `JobLost`, so that of two
workers that believe to have the same job only one can do anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from countenance.access import AccessKey
    from countenance.jobs.values import ItemState, Job, JobItem, JobState, NewItem, NewJob, Runner, Settled


class JobReader(Protocol):
    """Reads of one consistent state of the database."""

    def job(self, job_id: str) -> Job:
        """Return a job; raises JobNotFound."""

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
        """Return jobs by ascending key, from the first greater than ``after_key``.

        Newest first, they begin with the first whose key is smaller; 0 is greater than all then.
        """

    def count_open_jobs(self) -> int:
        """Return how many jobs wait or run."""

    def count_forgettable_jobs(self, ended_before: datetime) -> int:
        """Return how many jobs ended before a time and have no results any more."""

    def job_items(
        self,
        job: Job,
        *,
        after_place: int,
        most: int,
        state: ItemState | None = None,
        subject: str | None = None,
    ) -> list[JobItem]:
        """Return items that are not done, by place; only those in a state, or of a subject."""

    def jobs_naming(self, subject: str) -> list[Job]:
        """Return the jobs that have items of a subject, oldest first."""

    def due_items(self, job: Job, *, after_place: int, most: int, now: datetime) -> list[JobItem]:
        """Return items that wait and may be tried at this time, by place."""


class JobWriter(JobReader, Protocol):
    """Changes that become durable together, with whatever else the same transaction holds, or not at all."""

    def add_job(self, new: NewJob, now: datetime) -> Job:
        """Queue a job."""

    def ask_to_cancel(self, job: Job, now: datetime) -> Job:
        """Cancel a job: at once where nobody works on it, else as soon as its worker looks.

        Raises:
            JobEnded: there is nothing to cancel.
        """

    def add_items(self, job: Job, claim: str, items: Sequence[NewItem]) -> int:
        """Add items that the job does not have under that name yet; returns how many."""

    def settle_items(self, job: Job, claim: str, settled: Settled) -> None:
        """Note what became of items, and count it.

        Raises:
            JobItemsGone: one was erased with its subject meanwhile; let this through, so that what was done
                with it is undone, and the job is gone on with at once.
        """

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

    def end_job(self, job: Job, claim: str, state: JobState, message: str, now: datetime) -> None:
        """Note that nothing more is to be done."""

    def put_back(
        self, job: Job, claim: str, not_before: datetime, message: str, *, failed: bool = False
    ) -> None:
        """Let any worker go on with the job from that time on; failures are counted until it gets further."""

    def cancel_everything(self, now: datetime) -> None:
        """Cancel all jobs at once and delete all items; whoever works on one loses it."""

    def forget_items(self, subject: str) -> int:
        """Delete the items of a subject, in all jobs, as if they had never been listed; returns how many."""

    def forget_items_of(self, collection_key: int, most: int) -> int:
        """Delete items of a collection's jobs, so many at once; returns how many."""

    def forget_jobs(self, ended_before: datetime, most_items: int) -> list[str]:
        """Delete jobs that ended before a time, and no more items at once than that; returns the jobs' ids.

        A job of which results are kept stays.

        What is left is deleted when it is called again.
        """


class JobStore(Protocol):
    """A queue of jobs that many processes share."""

    def reading(self) -> AbstractContextManager[JobReader]:
        """Open a read transaction."""

    def writing(self) -> AbstractContextManager[JobWriter]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all."""

    def claim_job(
        self,
        claim: str,
        now: datetime,
        *,
        kinds: Sequence[str],
        runner: Runner,
        held_for: timedelta,
        job_id: str | None = None,
    ) -> Job | None:
        """Take the oldest job that is due and that nobody holds, or that one; None where there is none.

        A job whose worker has not renewed its hold in time is nobody's.
        """

    def renew_claim(self, job: Job, claim: str, until: datetime) -> bool:
        """Hold a job longer; returns whether it is to be cancelled; raises JobLost."""

    def key(self, key_id: str) -> AccessKey | None:
        """Return an access key, revoked or not."""
