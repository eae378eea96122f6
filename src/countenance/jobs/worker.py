"""`Worker`: takes jobs from the queue and does them, in threads of its own or for a command that waits.

While a job is done, a second thread holds it: it renews the lease, and tells what does the job when that is
lost or the job is to be cancelled. Whatever ends the process, the lease runs out and another worker goes on.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from countenance.errors import CountenanceError, JobError, JobLost, StoreUnavailable
from countenance.jobs.retrying import MOST_FAILURES, verdict_of
from countenance.jobs.run import JobRun, JobStopped, JobWaits
from countenance.jobs.values import JobState, Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from countenance.access import AccessKey
    from countenance.jobs.ports import JobStore
    from countenance.jobs.retrying import Verdict
    from countenance.jobs.values import Job

    Handler = Callable[[JobRun], None]

_CLAIM_BYTES = 16
_log = structlog.get_logger("countenance.jobs")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker looks, in seconds.

    Attributes:
        lease: after how long without a sign of life another worker may take a job.
        renewal: how often there is such a sign, and how soon a cancelled job is stopped.
        poll: how often an idle worker looks for a job.
        ending: how long jobs may take to stop when the worker ends.
    """

    lease: float = 30.0
    renewal: float = 10.0
    poll: float = 1.0
    ending: float = 20.0


class Worker:
    """Does jobs, from any thread and beside any number of other workers.

    Args:
        store: the queue.
        handlers: by kind of job, what does it; returning means that it is done.
        caller_of: finds the access key of who asked; raises NotPermitted.
        pace: how often it looks.
    """

    def __init__(
        self,
        store: JobStore,
        handlers: Mapping[str, Handler],
        caller_of: Callable[[str], AccessKey],
        *,
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._caller_of = caller_of
        self._pace = pace or Pace()
        self._stopping = threading.Event()
        self._runs: set[JobRun] = set()

    @contextmanager
    def going_on(self, jobs_at_once: int) -> Iterator[None]:
        """Do so many jobs at a time for as long as the block runs; those unfinished are put back at once."""
        threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True)
            for number in range(jobs_at_once)
        ]
        self._stopping.clear()
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            for run in tuple(self._runs):
                run.stop.set()
            for thread in threads:
                thread.join(self._pace.ending)

    def do_one(self, job_id: str, *, waiting: Callable[[Job], None] = lambda _: None) -> Job:
        """Do one job here and now, whoever else may do others; returns it as it is then.

        What fails and may work later is tried again here, too. A job that waits for something else, such as
        the end of a moratorium, is returned `WAITING`, with the reason.

        Args:
            job_id: which.
            waiting: is told the job each time that it has to wait, because another process still holds it or
                until it may be tried again.

        Raises:
            JobNotFound: there is no such job.
            StoreUnavailable: the database does not answer.
        """
        while True:
            with self._store.reading() as reader:
                job = reader.job(job_id)
            if job.state.ended:
                return job
            claim = secrets.token_hex(_CLAIM_BYTES)
            claimed = self._claimed(claim, [job.asked.kind], job.asked.runner, job_id)
            if claimed is None:
                waiting(job)
                time.sleep(self._pace.poll)
                continue
            verdict = self._do(claimed, claim)
            if verdict.state is None and not verdict.failed:
                with self._store.reading() as reader:
                    return reader.job(job_id)

    def _work(self) -> None:
        kinds = list(self._handlers)
        while not self._stopping.is_set():
            claim = secrets.token_hex(_CLAIM_BYTES)
            try:
                job = self._claimed(claim, kinds, Runner.WORKERS)
                if job is not None:
                    self._do(job, claim)
                    continue
            except CountenanceError as error:
                _log.error("the worker failed and goes on", reason=str(error))
            except Exception:
                _log.exception("the worker failed and goes on")
            self._stopping.wait(self._pace.poll)

    def _claimed(self, claim: str, kinds: list[str], runner: Runner, job_id: str | None = None) -> Job | None:
        held_for, now = timedelta(seconds=self._pace.lease), datetime.now(UTC)
        return self._store.claim_job(claim, now, kinds=kinds, runner=runner, held_for=held_for, job_id=job_id)

    def _do(self, job: Job, claim: str) -> Verdict:
        """Do a job that is claimed, and note what became of it.

        1. Hold it for as long as this takes.
        2. Do it, unless it is to be cancelled or has killed too many workers.
        3. Decide what becomes of it, and note that.
        """
        run = JobRun(job, claim, self._store, self._caller_of)
        log = _log.bind(job=job.job_id, kind=job.asked.kind, request_id=job.asked.request_id)
        log.info("job begins", attempt=job.attempts)
        # 1
        with self._holding(run):
            # 2
            error = self._outcome(run)
            if isinstance(error, Exception) and not isinstance(
                error, (CountenanceError, JobStopped, JobWaits)
            ):
                log.error("job failed unexpectedly", exc_info=error)
            # 3
            verdict = verdict_of(error, job.failures, random.random())  # noqa: S311 - no secret
            try:
                state = self._note(run, verdict)
            except CountenanceError as not_noted:
                # Another worker has it, or will have it when the lease runs out.
                log.warning("job left as it is", reason=str(not_noted))
            else:
                # What is told to people may name files; the log names none.
                log.info("job left", state=state.value, error=type(error).__name__ if error else None)
        if error is not None and not isinstance(error, Exception):
            raise error
        return verdict

    def _outcome(self, run: JobRun) -> BaseException | None:
        """Do a job; returns what it was ended by, None where it is done."""
        try:
            self._handle(run)
        except BaseException as error:
            return error
        return None

    def _handle(self, run: JobRun) -> None:
        job = run.job
        if job.cancel_asked:
            raise JobStopped
        if job.failures >= MOST_FAILURES:
            raise JobError(f"its worker ended {job.failures} times in it, without getting any further")
        self._handlers[job.asked.kind](run)

    def _note(self, run: JobRun, verdict: Verdict) -> JobState:
        """Note what becomes of a job; returns its state.

        Raises:
            JobLost: another worker has it.
            StoreUnavailable: it could not be noted.
        """
        job, now = run.job, datetime.now(UTC)
        with self._store.writing() as writer:
            state = verdict.state
            if state is None and writer.job(job.job_id).cancel_asked:
                state = JobState.CANCELLED
            if state is not None:
                writer.end_job(job, run.claim, state, verdict.message, now)
                return state
            writer.put_back(job, run.claim, now + verdict.after, verdict.message, failed=verdict.failed)
        return JobState.WAITING

    @contextmanager
    def _holding(self, run: JobRun) -> Iterator[None]:
        """Renew the lease in a thread for as long as the block runs."""
        finished = threading.Event()
        thread = threading.Thread(target=self._renew, args=(run, finished), name="lease", daemon=True)
        self._runs.add(run)
        if self._stopping.is_set():
            run.stop.set()
        thread.start()
        try:
            yield
        finally:
            self._runs.discard(run)
            finished.set()
            thread.join()

    def _renew(self, run: JobRun, finished: threading.Event) -> None:
        while not finished.wait(self._pace.renewal):
            until = datetime.now(UTC) + timedelta(seconds=self._pace.lease)
            try:
                if self._store.renew_claim(run.job, run.claim, until):
                    run.stop.set()
            except JobLost:
                run.lost.set()
                return
            except StoreUnavailable as error:
                # As long as nobody else takes the job it is still ours; what is written will show.
                _log.warning("the lease of a job could not be renewed", reason=str(error))
