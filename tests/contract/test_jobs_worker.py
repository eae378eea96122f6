"""Workers: what becomes of a job, however its work ends, and that it is done by one of them at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NoReturn

import pytest

from contract.databases import Database
from contract.offices import CLERK, acting, create, office_on
from countenance.access import AccessKey
from countenance.errors import (
    CollectionNotFound,
    FetchFailed,
    JobLost,
    JobNotFound,
    MoratoriumInForce,
    NotPermitted,
    StoreUnavailable,
)
from countenance.jobs.run import JobRun, JobStopped, JobWaits
from countenance.jobs.values import Job, JobState, NewItem, Runner, Settled
from countenance.jobs.worker import Pace, Worker
from countenance.operations.callers import caller_of
from countenance.operations.manage_keys import create_key, revoke_key
from countenance.store import SqlStore
from new_jobs import KIND, claimed, names_of, now_is, queued

QUICK = Pace(lease=0.6, renewal=0.1, poll=0.02, ending=5)
SECONDS = 10.0


def now() -> datetime:
    return datetime.now(UTC)


def worker_of(store: SqlStore, handler: Callable[[JobRun], None], pace: Pace = QUICK) -> Worker:
    return Worker(store, {KIND: handler}, partial(caller_of, store), pace=pace)


@contextmanager
def working(store: SqlStore, handler: Callable[[JobRun], None], jobs_at_once: int = 1) -> Iterator[None]:
    with worker_of(store, handler).going_on(jobs_at_once):
        yield


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def ask(store: SqlStore, **asked: object) -> Job:
    return queued(store, now=now() - timedelta(minutes=1), asked_by="operator", **asked)  # type: ignore[arg-type]


def raising(error: BaseException) -> Callable[[JobRun], NoReturn]:
    def handler(_: JobRun) -> NoReturn:
        raise error

    return handler


def go_on_until_told(run: JobRun) -> None:
    while True:
        run.check()
        time.sleep(0.01)


def test_a_worker_does_what_is_queued_in_order(store: SqlStore) -> None:
    jobs = [ask(store, parameters={"number": number}) for number in range(3)]
    done = []
    with working(store, lambda run: done.append(run.job.asked.parameters["number"])):
        until(lambda: now_is(store, jobs[-1]).state.ended)
    assert done == [0, 1, 2]
    for job in jobs:
        ended = now_is(store, job)
        assert (ended.state, ended.attempts, ended.failures) == (JobState.SUCCEEDED, 1, 0)
        assert ended.ended_at is not None


def test_a_worker_leaves_what_is_for_a_command_or_of_another_kind(store: SqlStore) -> None:
    others = [ask(store, runner=Runner.TERMINAL), ask(store, kind="group_faces")]
    own = ask(store)
    with working(store, lambda _: None):
        until(lambda: now_is(store, own).state.ended)
    assert {now_is(store, job).state for job in others} == {JobState.WAITING}


def test_several_jobs_are_done_at_once(store: SqlStore) -> None:
    jobs = [ask(store) for _ in range(3)]
    together = threading.Barrier(3, timeout=SECONDS)

    def handler(_: JobRun) -> None:
        together.wait()

    with working(store, handler, jobs_at_once=3):
        until(lambda: all(now_is(store, job).state.ended for job in jobs))
    assert {now_is(store, job).state for job in jobs} == {JobState.SUCCEEDED}


def test_a_job_longer_than_its_lease_stays_with_its_worker(database: Database, store: SqlStore) -> None:
    job, begun = ask(store), []

    def slow(run: JobRun) -> None:
        begun.append(run.claim)
        end = time.monotonic() + 3 * QUICK.lease
        while time.monotonic() < end:
            run.check()
            time.sleep(0.01)

    with database.opened() as another, working(store, slow), working(another, slow):
        until(lambda: now_is(store, job).state.ended)
    assert now_is(store, job).state is JobState.SUCCEEDED
    assert len(begun) == 1


def outcome(store: SqlStore, error: BaseException) -> Job:
    """Let a job end with an error once, and return it as it is then."""
    job = ask(store)
    worker = worker_of(store, raising(error))
    claim = store.claim_job(
        "claim", now(), kinds=[KIND], runner=Runner.WORKERS, held_for=timedelta(seconds=30)
    )
    assert claim is not None
    worker._do(claim, "claim")  # noqa: SLF001 - one attempt, however soon the next one is due
    return now_is(store, job)


@pytest.mark.parametrize("error", [CollectionNotFound("there is none"), NotPermitted("the key was limited")])
def test_an_error_that_people_must_mend_fails_the_job_and_is_told(store: SqlStore, error: Exception) -> None:
    job = outcome(store, error)
    assert (job.state, job.message) == (JobState.FAILED, str(error))


@pytest.mark.parametrize("error", [StoreUnavailable("the database is away"), FetchFailed("no answer")])
def test_what_may_work_later_is_tried_again_and_not_for_ever(store: SqlStore, error: Exception) -> None:
    job = outcome(store, error)
    assert (job.state, job.message, job.failures) == (JobState.WAITING, str(error), 1)
    assert timedelta(seconds=0.5) < job.not_before - now() <= timedelta(seconds=2)
    for failures in (2, 3, 4):
        job = tried_again(store, job, error)
        assert (job.state, job.failures) == (JobState.WAITING, failures)
    job = tried_again(store, job, error)
    assert (job.state, job.message) == (JobState.FAILED, f"{error} (tried 5 times)")


def tried_again(store: SqlStore, job: Job, error: Exception) -> Job:
    """Let a job that waits be tried when it may be, and fail once more."""
    claim = store.claim_job(
        "claim", job.not_before, kinds=[KIND], runner=Runner.WORKERS, held_for=timedelta(hours=1)
    )
    assert claim is not None
    worker_of(store, raising(error))._do(claim, "claim")  # noqa: SLF001 - as above
    return now_is(store, job)


def test_what_nobody_expected_is_tried_three_times_and_told_without_data(
    store: SqlStore, capfd: pytest.CaptureFixture[str]
) -> None:
    error = ValueError("Eileen Collins")
    job = outcome(store, error)
    assert (job.state, job.failures) == (JobState.WAITING, 1)
    job = tried_again(store, tried_again(store, job, error), error)
    assert job.state is JobState.FAILED
    assert job.message == "the worker failed unexpectedly (ValueError); its log says where (tried 3 times)"
    assert "Eileen" not in job.message
    capfd.readouterr()


def test_a_moratorium_lets_the_job_wait_and_is_no_failure(store: SqlStore) -> None:
    job = outcome(store, MoratoriumInForce("a moratorium on enrol is in force: the council decides"))
    assert (job.state, job.failures) == (JobState.WAITING, 0)
    assert job.message == "a moratorium on enrol is in force: the council decides"
    assert timedelta(seconds=20) < job.not_before - now() <= timedelta(seconds=30)


def test_a_job_that_says_how_long_it_waits_is_left_until_then(store: SqlStore) -> None:
    job = outcome(store, JobWaits("nobody took the message", timedelta(minutes=5)))
    assert (job.state, job.failures, job.message) == (JobState.WAITING, 0, "nobody took the message")
    assert timedelta(minutes=4) < job.not_before - now() <= timedelta(minutes=5)


def test_a_job_that_kills_its_workers_fails_in_the_end(store: SqlStore) -> None:
    job, begun = ask(store), list[JobRun]()
    at = now()
    for number in range(11):
        assert claimed(store, f"victim-{number}", at) is not None
        at += timedelta(minutes=1)
    taken = claimed(store, "last", at)
    assert taken is not None
    worker_of(store, begun.append)._do(taken, "last")  # noqa: SLF001 - as above
    ended = now_is(store, job)
    assert ended.state is JobState.FAILED
    assert "its worker ended 11 times" in ended.message
    assert begun == []


def test_a_key_that_is_revoked_meanwhile_stops_its_jobs(store: SqlStore) -> None:
    office = office_on(store)
    with acting(office) as act:
        made = create_key(act, "importer")
    job = queued(store, now=now(), asked_by=made.key_id)
    callers: list[AccessKey] = []

    def handler(run: JobRun) -> None:
        callers.append(run.caller())
        with acting(office) as act:
            revoke_key(act, made.key_id)
        run.caller()

    with working(store, handler):
        until(lambda: now_is(store, job).state.ended)
    assert callers == [made]
    ended = now_is(store, job)
    assert (ended.state, ended.message) == (
        JobState.FAILED,
        f"the access key {made.key_id}, which asked for this, was revoked",
    )


def test_who_asked_at_the_terminal_may_do_everything_and_who_is_gone_nothing(store: SqlStore) -> None:
    assert caller_of(store, "operator").administrator
    with pytest.raises(NotPermitted, match="CTNCNOBODY"):
        caller_of(store, "CTNCNOBODY")


def test_a_job_that_is_cancelled_is_stopped_within_a_renewal(store: SqlStore) -> None:
    job = ask(store)
    with working(store, go_on_until_told):
        until(lambda: now_is(store, job).state is JobState.RUNNING)
        with store.writing() as writer:
            assert writer.ask_to_cancel(job, now()).state is JobState.RUNNING
        until(lambda: now_is(store, job).state.ended)
    assert now_is(store, job).state is JobState.CANCELLED


def test_a_job_that_was_to_be_cancelled_when_its_worker_died_is_not_begun_again(store: SqlStore) -> None:
    job, begun = ask(store), list[JobRun]()
    assert claimed(store, "dying", now() - timedelta(seconds=29)) is not None
    with store.writing() as writer:
        assert writer.ask_to_cancel(job, now()).state is JobState.RUNNING
    with working(store, begun.append):
        until(lambda: now_is(store, job).state.ended)
    assert now_is(store, job).state is JobState.CANCELLED
    assert begun == []


def test_when_a_worker_ends_its_jobs_are_put_back_at_once(store: SqlStore) -> None:
    job = ask(store)
    with working(store, go_on_until_told):
        until(lambda: now_is(store, job).state is JobState.RUNNING)
    left = now_is(store, job)
    assert (left.state, left.failures, left.message) == (JobState.WAITING, 0, "")
    with working(store, lambda _: None):
        until(lambda: now_is(store, job).state.ended)
    assert now_is(store, job).attempts == 2


def test_a_worker_that_lost_its_job_is_told_and_changes_nothing(store: SqlStore) -> None:
    job, told = ask(store), list[BaseException]()

    def handler(run: JobRun) -> None:
        assert claimed(store, "theirs", now() + timedelta(minutes=1)) is not None
        try:
            go_on_until_told(run)
        except JobLost as lost:
            told.append(lost)
            raise

    with working(store, handler):
        until(lambda: bool(told))
    assert now_is(store, job).state is JobState.RUNNING
    assert store.renew_claim(job, "theirs", now() + timedelta(minutes=1)) is False


def test_a_subject_erased_meanwhile_lets_the_job_go_on_without_them(store: SqlStore) -> None:
    create(office_on(store), "staff")
    job = ask(store, collection_id="staff")

    def handler(run: JobRun) -> None:
        with store.writing() as writer:
            if not run.job.checkpoint:
                writer.add_items(run.job, run.claim, [NewItem("1", "eve"), NewItem("2", "adam")])
                writer.save_checkpoint(run.job, run.claim, {"listed": True}, total=2)
        with store.reading() as reader:
            places = [item.place for item in reader.due_items(run.job, after_place=0, most=9, now=now())]
        if run.job.attempts == 1:
            with store.writing() as writer:
                writer.forget_items("eve")
        with store.writing() as writer:
            writer.settle_items(run.job, run.claim, Settled(tuple(places)))

    with working(store, handler):
        until(lambda: now_is(store, job).state.ended)
    ended = now_is(store, job)
    assert (ended.state, ended.attempts) == (JobState.SUCCEEDED, 2)
    assert (ended.progress.total, ended.progress.done) == (1, 1)
    assert names_of(store, job) == []


def test_a_command_does_its_own_job_here_and_now(store: SqlStore) -> None:
    job = ask(store, runner=Runner.TERMINAL)
    ended = worker_of(store, lambda _: None).do_one(job.job_id)
    assert ended == now_is(store, job)
    assert ended.state is JobState.SUCCEEDED
    assert worker_of(store, raising(AssertionError())).do_one(job.job_id) == ended
    with pytest.raises(JobNotFound):
        worker_of(store, lambda _: None).do_one("0" * 32)


def test_a_command_waits_for_a_process_that_died_with_its_job(store: SqlStore) -> None:
    job, waited = ask(store, runner=Runner.TERMINAL), list[JobState]()
    dead = now() - timedelta(seconds=29.5)
    assert claimed(store, "dead", dead, runner=Runner.TERMINAL, job_id=job.job_id) is not None
    ended = worker_of(store, lambda _: None).do_one(
        job.job_id, waiting=lambda waiting: waited.append(waiting.state)
    )
    assert ended.state is JobState.SUCCEEDED
    assert set(waited) == {JobState.RUNNING}


def test_a_command_tries_again_what_may_work_later(store: SqlStore) -> None:
    job, attempts = ask(store, runner=Runner.TERMINAL), list[int]()

    def handler(run: JobRun) -> None:
        attempts.append(run.job.attempts)
        if len(attempts) == 1:
            raise StoreUnavailable("the database is away")

    assert worker_of(store, handler).do_one(job.job_id).state is JobState.SUCCEEDED
    assert attempts == [1, 2]


@pytest.mark.parametrize("error", [MoratoriumInForce("stop"), JobStopped()])
def test_a_command_ends_when_its_job_must_wait_for_something_else(store: SqlStore, error: Exception) -> None:
    job = ask(store, runner=Runner.TERMINAL)
    left = worker_of(store, raising(error)).do_one(job.job_id)
    assert (left.state, left.message) == (JobState.WAITING, str(error))


def test_a_command_that_is_interrupted_leaves_its_job_for_the_next_one(store: SqlStore) -> None:
    job = ask(store, runner=Runner.TERMINAL)
    with pytest.raises(KeyboardInterrupt):
        worker_of(store, raising(KeyboardInterrupt())).do_one(job.job_id)
    left = now_is(store, job)
    assert (left.state, left.failures) == (JobState.WAITING, 0)
    assert worker_of(store, lambda _: None).do_one(job.job_id).state is JobState.SUCCEEDED


def test_a_worker_survives_a_database_that_is_away(store: SqlStore) -> None:
    class AwayForAMoment:
        """The store, whose answers fail at first."""

        asked = 0

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def claim_job(self, *arguments: object, **named: object) -> object:
            self.asked += 1
            if self.asked < 4:
                raise StoreUnavailable("the database is away")
            return store.claim_job(*arguments, **named)  # type: ignore[arg-type]

    job = ask(store)
    worker = Worker(AwayForAMoment(), {KIND: lambda _: None}, partial(caller_of, store), pace=QUICK)  # type: ignore[arg-type]
    with worker.going_on(1):
        until(lambda: now_is(store, job).state.ended)
    assert now_is(store, job).state is JobState.SUCCEEDED


def test_what_a_job_does_is_done_for_who_asked(store: SqlStore) -> None:
    office = office_on(store)
    with store.writing() as writer:
        writer.add_key(CLERK)
    job = queued(store, now=now(), asked_by="clerk", request_id="the-request")

    def handler(run: JobRun) -> None:
        with office.register.act(run.caller(), run.job.asked.request_id) as act:
            act.permit("list_faces", "staff")

    with working(store, handler):
        until(lambda: now_is(store, job).state.ended)
    with store.reading_ledger() as ledger:
        (found,) = ledger.of_request("the-request")
    assert b'"key":"clerk"' in found[1]
