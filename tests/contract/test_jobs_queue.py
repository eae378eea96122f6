"""The queue: who gets which job, for how long, and that nobody writes who lost it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest

from contract.databases import Database
from countenance.errors import JobEnded, JobLost, JobNotFound
from countenance.jobs.ports import JobWriter
from countenance.jobs.values import Job, JobState, NewItem, Progress, Runner, Settled
from countenance.store import SqlStore
from new_jobs import KIND, LEASE, NOW, claimed, new_job, now_is, queued, with_items

SECOND = timedelta(seconds=1)


def test_a_queued_job_is_kept_as_it_was_asked(store: SqlStore) -> None:
    asked = new_job(
        asked_by="ann",
        request_id="r-1",
        collection_id="staff",
        parameters={"path": "a\udcff\0b", "deep": {"faces": [1, 2.5, None]}},
        runner=Runner.TERMINAL,
        tag="batch 7",
    )
    with store.writing() as writer:
        job = writer.add_job(asked, NOW)
    assert now_is(store, job) == job
    assert job.asked == asked
    assert len(job.job_id) == 32
    assert int(job.job_id, 16) >= 0
    assert (job.state, job.progress, job.attempts, job.failures) == (JobState.WAITING, Progress(), 0, 0)
    assert (job.created_at, job.not_before, job.started_at, job.ended_at) == (NOW, NOW, None, None)
    assert (job.checkpoint, job.message, job.cancel_asked) == ({}, "", False)


def test_a_job_that_is_not_there_is_told(store: SqlStore) -> None:
    with store.reading() as reader, pytest.raises(JobNotFound, match="there is no job 12ab"):
        reader.job("12ab")


def test_the_oldest_job_comes_first_and_each_only_once(store: SqlStore) -> None:
    first, second = queued(store), queued(store)
    taken = [claimed(store, claim) for claim in ("one", "two", "three")]
    assert [job and job.job_id for job in taken] == [first.job_id, second.job_id, None]
    held = taken[0]
    assert held is not None
    assert (held.state, held.attempts, held.started_at) == (JobState.RUNNING, 1, NOW)
    assert now_is(store, first) == held


def test_a_worker_gets_only_what_it_can_do_and_may(store: SqlStore) -> None:
    queued(store, "group_faces")
    own = queued(store, runner=Runner.TERMINAL)
    assert claimed(store) is None
    assert claimed(store, kinds=[]) is None
    assert claimed(store, runner=Runner.TERMINAL, job_id="0" * 32) is None
    job = claimed(store, runner=Runner.TERMINAL, job_id=own.job_id)
    assert job is not None
    assert job.job_id == own.job_id


def test_a_job_is_not_taken_before_its_time(store: SqlStore) -> None:
    job = claimed_new(store)
    with store.writing() as writer:
        writer.put_back(job, "mine", NOW + 5 * SECOND, "the network is down")
    waiting = now_is(store, job)
    assert (waiting.state, waiting.message) == (JobState.WAITING, "the network is down")
    assert waiting.not_before == NOW + 5 * SECOND
    assert claimed(store, now=NOW + 4 * SECOND) is None
    again = claimed(store, now=NOW + 5 * SECOND)
    assert again is not None
    assert (again.attempts, again.message, again.started_at) == (2, "", NOW)


def test_a_job_that_follows_another_waits_until_that_ended_however_it_did(store: SqlStore) -> None:
    first = queued(store)
    after = queued(store, "notify", follows=first.job_id)
    assert claimed(store, kinds=["notify"]) is None
    held = claimed(store)
    assert held is not None
    assert claimed(store, kinds=["notify"]) is None
    with store.writing() as writer:
        writer.end_job(held, "mine", JobState.FAILED, "", NOW)
    taken = claimed(store, kinds=["notify"])
    assert taken is not None
    assert (taken.job_id, taken.asked.follows) == (after.job_id, first.job_id)


def claimed_new(store: SqlStore) -> Job:
    queued(store)
    job = claimed(store)
    assert job is not None
    return job


def test_a_lease_that_ran_out_is_anybodys_and_counts_as_a_failure(store: SqlStore) -> None:
    job = claimed_new(store)
    assert claimed(store, "theirs", NOW + LEASE - SECOND) is None
    stolen = claimed(store, "theirs", NOW + LEASE)
    assert stolen is not None
    assert (stolen.job_id, stolen.attempts, stolen.failures) == (job.job_id, 2, 1)


def test_a_lease_that_is_renewed_stays(store: SqlStore) -> None:
    job = claimed_new(store)
    assert store.renew_claim(job, "mine", NOW + 2 * LEASE) is False
    assert claimed(store, "theirs", NOW + LEASE) is None
    assert claimed(store, "theirs", NOW + 2 * LEASE) is not None
    with pytest.raises(JobLost, match="another worker"):
        store.renew_claim(job, "mine", NOW + 3 * LEASE)


def write_items(writer: JobWriter, job: Job) -> None:
    writer.add_items(job, "mine", [NewItem("another")])


def write_outcomes(writer: JobWriter, job: Job) -> None:
    writer.settle_items(job, "mine", Settled((1,), counts={"faces": 1}))


def write_checkpoint(writer: JobWriter, job: Job) -> None:
    writer.save_checkpoint(job, "mine", {"at": 1}, total=9)


def write_end(writer: JobWriter, job: Job) -> None:
    writer.end_job(job, "mine", JobState.SUCCEEDED, "", NOW)


def write_back(writer: JobWriter, job: Job) -> None:
    writer.put_back(job, "mine", NOW, "")


WRITES = [write_items, write_outcomes, write_checkpoint, write_end, write_back]


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_kept_of_a_worker_that_lost_its_job(
    store: SqlStore, write: Callable[[JobWriter, Job], None]
) -> None:
    job = with_items(store, "a", "b")
    assert claimed(store, "theirs", NOW + LEASE) is not None
    before = now_is(store, job)

    def go_on() -> None:
        with store.writing() as writer:
            # What the same transaction did before is undone, too.
            writer.create_collection("made-for-nothing", "a-pack", {})
            write(writer, job)

    with pytest.raises(JobLost):
        go_on()
    assert now_is(store, job) == before
    with store.reading() as reader:
        assert [item.place for item in reader.job_items(job, after_place=0, most=9)] == [1, 2]
        assert reader.collections(after_key=0, most=9) == []


@pytest.mark.parametrize("write", WRITES)
def test_an_ended_job_can_not_be_written_to(store: SqlStore, write: Callable[[JobWriter, Job], None]) -> None:
    job = with_items(store, "a", "b")
    with store.writing() as writer:
        writer.end_job(job, "mine", JobState.FAILED, "no luck", NOW)
    with pytest.raises(JobLost), store.writing() as writer:
        write(writer, job)


def test_an_ended_job_says_how_and_is_taken_by_nobody(store: SqlStore) -> None:
    job = claimed_new(store)
    with store.writing() as writer:
        writer.end_job(job, "mine", JobState.FAILED, "the disk\0is \udcff full" + "." * 3000, NOW + SECOND)
    ended = now_is(store, job)
    assert (ended.state, ended.ended_at) == (JobState.FAILED, NOW + SECOND)
    assert ended.message.startswith("the disk\\0is \\udcff full...")
    assert len(ended.message) == 2000
    assert claimed(store, "theirs", NOW + 10 * LEASE) is None


def test_a_waiting_job_is_cancelled_at_once(store: SqlStore) -> None:
    job = queued(store)
    with store.writing() as writer:
        cancelled = writer.ask_to_cancel(job, NOW + SECOND)
    assert (cancelled.state, cancelled.ended_at) == (JobState.CANCELLED, NOW + SECOND)
    assert claimed(store, now=NOW + SECOND) is None
    with pytest.raises(JobEnded, match="nothing to cancel"), store.writing() as writer:
        writer.ask_to_cancel(job, NOW)


def test_a_running_job_is_cancelled_by_its_worker(store: SqlStore) -> None:
    job = claimed_new(store)
    with store.writing() as writer:
        asked = writer.ask_to_cancel(job, NOW + SECOND)
    assert (asked.state, asked.cancel_asked, asked.ended_at) == (JobState.RUNNING, True, None)
    assert store.renew_claim(job, "mine", NOW + LEASE) is True


def test_a_job_whose_worker_died_is_cancelled_at_once(store: SqlStore) -> None:
    job = claimed_new(store)
    with store.writing() as writer:
        assert writer.ask_to_cancel(job, NOW + LEASE).state is JobState.CANCELLED
    with pytest.raises(JobLost):
        store.renew_claim(job, "mine", NOW + 2 * LEASE)


def test_failures_are_counted_until_the_job_gets_further(store: SqlStore) -> None:
    job = with_items(store, "a", "b")

    def fail() -> int:
        with store.writing() as writer:
            writer.put_back(job, "mine", NOW, "why", failed=True)
        again = claimed(store)
        assert again is not None
        return again.failures

    assert [fail(), fail()] == [1, 2]
    with store.writing() as writer:
        writer.save_checkpoint(job, "mine", {})  # as it was: that is no step further
    assert fail() == 3
    with store.writing() as writer:
        writer.settle_items(job, "mine", Settled(retried={1: (NOW, "later")}))
    assert fail() == 4
    with store.writing() as writer:
        writer.save_checkpoint(job, "mine", {"frame": 1})
    assert fail() == 1
    with store.writing() as writer:
        writer.settle_items(job, "mine", Settled((1,)))
    assert fail() == 1


def test_jobs_are_listed_by_age_state_kind_and_who_asked(store: SqlStore) -> None:
    jobs = [queued(store, kind, asked_by=by) for kind, by in [(KIND, "ann"), ("group", "ann"), (KIND, "bob")]]
    claimed(store)

    def listed(**filters: object) -> list[int]:
        with store.reading() as reader:
            found = reader.jobs(after_key=0, most=9, **filters)  # type: ignore[arg-type]
        return [[job.key for job in jobs].index(job.key) for job in found]

    assert listed() == [0, 1, 2]
    assert listed(state=JobState.WAITING) == [1, 2]
    assert listed(kind=KIND) == [0, 2]
    assert listed(asked_by="ann") == [0, 1]
    assert listed(asked_by="ann", kind=KIND, state=JobState.WAITING) == []
    with store.reading() as reader:
        assert [job.key for job in reader.jobs(after_key=jobs[0].key, most=1)] == [jobs[1].key]
        assert reader.count_open_jobs() == 3
    with store.writing() as writer:
        writer.ask_to_cancel(jobs[1], NOW)
        assert writer.count_open_jobs() == 2


@pytest.fixture
def four_processes(database: Database, store: SqlStore) -> Iterator[list[SqlStore]]:
    """Four processes on one database, as far as the database can tell."""
    with ExitStack() as stack:
        yield [store, *(stack.enter_context(database.opened()) for _ in range(3))]


def test_of_many_workers_each_job_has_one(four_processes: list[SqlStore]) -> None:
    jobs = {queued(four_processes[0]).job_id for _ in range(24)}
    start = threading.Barrier(8)

    def take(number: int) -> list[str]:
        start.wait()
        store, taken = four_processes[number % 4], list[str]()
        while (job := claimed(store, f"worker-{number}-{len(taken)}")) is not None:
            taken.append(job.job_id)
        return taken

    with ThreadPoolExecutor(8) as pool:
        everyones = [job_id for taken in pool.map(take, range(8)) for job_id in taken]
    assert len(everyones) == 24
    assert set(everyones) == jobs


def test_of_a_worker_that_settles_and_one_that_takes_its_job_one_wins(
    four_processes: list[SqlStore],
) -> None:
    for _ in range(8):
        job = with_items(four_processes[0], "a")
        start = threading.Barrier(2)

        def settle(job: Job = job, start: threading.Barrier = start) -> bool:
            start.wait()
            try:
                with four_processes[1].writing() as writer:
                    writer.settle_items(job, "mine", Settled((1,)))
                    writer.end_job(job, "mine", JobState.SUCCEEDED, "", NOW)
            except JobLost:
                return False
            return True

        def take(start: threading.Barrier = start) -> Job | None:
            start.wait()
            return claimed(four_processes[2], "theirs", NOW + LEASE)

        with ThreadPoolExecutor(2) as pool:
            settled, taken = pool.submit(settle), pool.submit(take)
        assert settled.result() == (taken.result() is None)
        assert now_is(four_processes[0], job).progress.done == int(settled.result())
        with four_processes[0].writing() as writer:
            if not settled.result():
                writer.end_job(job, "theirs", JobState.FAILED, "", NOW)
