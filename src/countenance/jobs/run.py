"""`JobRun`: one worker's hold on one job, as what does the job sees it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countenance.errors import JobLost

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from countenance.access import AccessKey
    from countenance.jobs.ports import JobStore
    from countenance.jobs.values import Job


class JobStopped(Exception):
    """The job is to be left as it is: it is cancelled, or the worker ends; let this through."""


class JobWaits(Exception):
    """The job is to be gone on with later, which is no failure; let this through."""

    def __init__(self, reason: str, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(slots=True, eq=False)
class JobRun:
    """One worker's hold on one job, from claim to end.

    What does a job writes under ``claim``, calls `check` at least every few seconds, and opens its acts for
    `caller`, so that a key that was revoked or limited meanwhile stops the job.

    Attributes:
        job: the job as it was when it was claimed.
        claim: names this hold.
        store: where it is written how far the job is.
        caller_of: finds who asked; raises NotPermitted where their key may do nothing any more.
    """

    job: Job
    claim: str
    store: JobStore
    caller_of: Callable[[str], AccessKey]
    stop: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Do nothing where the job may go on.

        Raises:
            JobStopped: it is cancelled, or the worker is to end.
            JobLost: another worker has it.
        """
        if self.lost.is_set():
            raise JobLost(f"another worker goes on with the job {self.job.job_id}")
        if self.stop.is_set():
            raise JobStopped

    def caller(self) -> AccessKey:
        """Return who asked for the job, as their key is now; raises NotPermitted."""
        return self.caller_of(self.job.asked.asked_by)
