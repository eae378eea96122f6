"""Workers in processes of their own, killed again and again: nothing is done twice, nothing is forgotten."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from contract.databases import Database
from contract.offices import entries, office_on
from countenance.jobs.values import Job, JobState, Progress
from countenance.store import SqlStore
from countenance.wiring import Office
from new_jobs import items_of, now_is
from working_jobs import REQUEST, STAFF, queue_enrolment

WORKING_PROCESS = Path(__file__).with_name("working_process.py")
COUNT, KILLED, SECONDS = 200, 3, 60.0


@contextmanager
def working(database: Database) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, which is killed in the end if it still lives."""
    command = [sys.executable, str(WORKING_PROCESS), database.url, str(database.key_file)]
    process = subprocess.Popen(
        [*command, str(database.subject_key_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def tell(process: subprocess.Popen[str]) -> None:
    """Tell a worker to begin, or to end."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def done(store: SqlStore, job: Job) -> int:
    return now_is(store, job).progress.done


def until_done(store: SqlStore, job: Job, count: int) -> None:
    deadline = time.monotonic() + SECONDS
    while done(store, job) < count and not now_is(store, job).state.ended:
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.002)


def until_ended(store: SqlStore, job: Job) -> None:
    deadline = time.monotonic() + SECONDS
    while not now_is(store, job).state.ended:
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.002)


def assert_done_once(office: Office, job: Job) -> None:
    ended = now_is(office.store, job)
    assert (ended.state, ended.progress) == (
        JobState.SUCCEEDED,
        Progress(total=COUNT, done=COUNT, counts={"faces": COUNT}),
    )
    assert items_of(office.store, job) == []
    with office.gallery.reading() as reader:
        assert reader.count_faces(reader.collection(STAFF)) == COUNT
    recorded = [entry.get("faces_enrolled", 0) for entry in entries(office, request=REQUEST, outcome="done")]
    assert sum(recorded) == COUNT


@pytest.mark.slow
def test_a_job_is_done_once_by_workers_of_whom_one_after_the_other_is_killed(
    database: Database, store: SqlStore
) -> None:
    office, chance = office_on(store), random.Random(6)
    job = queue_enrolment(office, COUNT)
    with ExitStack() as stack:
        workers = [stack.enter_context(working(database)) for _ in range(KILLED + 1)]
        for worker in workers:
            ready(worker)
        tell(workers[0])
        until_done(store, job, 1)  # so that the first who is killed is the one that has the job
        for worker in workers[1:]:
            tell(worker)
        for number in range(KILLED):
            # The others are at work, too; one of them takes the job of who is killed.
            until_done(store, job, int(COUNT / (KILLED + 1) * (number + chance.random())))
            time.sleep(chance.random() * 0.01)
            workers[number].kill()
        assert not now_is(store, job).state.ended, "they were killed too late to show anything"
        last = workers[-1]
        until_done(store, job, COUNT)
        until_ended(store, job)
        tell(last)
        assert last.wait(SECONDS) == 0
    assert now_is(store, job).attempts > 1
    assert_done_once(office, job)
