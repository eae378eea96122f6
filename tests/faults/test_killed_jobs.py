"""A job killed before each of its steps: whoever goes on does what is left, once, and all is recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.jobs.values import Job, JobState, Progress, Runner
from countenance.ledger import verify_ledger
from countenance.settings import read_settings
from countenance.store.job_tables import jobs
from countenance.wiring import Office, open_office
from working_jobs import AT_ONCE, STAFF, queue_enrolment, worker_of

KILLED_PROCESS = Path(__file__).with_name("killed_process.py")
COUNT = AT_ONCE + 1


def the_job(office: Office) -> Job:
    with office.store.reading() as reader:
        (job,) = reader.jobs(after_key=0, most=9)
    return job


def recorded_faces(office: Office) -> int:
    with office.store.reading_ledger() as ledger:
        verify_ledger(ledger, office.store.verifier_key)
        return sum(json.loads(entry).get("faces_enrolled", 0) for _, entry in ledger.entries())


def faces(office: Office) -> int:
    with office.gallery.reading() as reader:
        return reader.count_faces(reader.collection(STAFF))


def let_the_lease_run_out(office: Office) -> None:
    with office.store.writing() as writer:
        past = datetime.now(UTC) - timedelta(seconds=1)
        writer._connection.execute(jobs.update().values(held_until=past))  # noqa: SLF001 - time is over


@pytest.mark.slow
def test_a_job_is_done_once_wherever_it_was_killed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_office(read_settings(data_dir=data)) as office:
        queue_enrolment(office, COUNT, Runner.TERMINAL)
    command = [sys.executable, str(KILLED_PROCESS), str(data), "work"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    steps, begun = int(ended.stdout.splitlines()[-1]), set()
    for step in range(steps + 1):
        with open_office(read_settings(data_dir=data.with_name(f"{data.name}-{step}"))) as office:
            job, there = the_job(office), faces(office)
            assert there == job.progress.done == recorded_faces(office)
            begun.add(there)
            let_the_lease_run_out(office)
            worker_of(office).do_one(job.job_id)
            job = the_job(office)
            assert (job.state, job.message) == (JobState.SUCCEEDED, "")
            assert job.progress == Progress(total=COUNT, done=COUNT, counts={"faces": COUNT})
            assert faces(office) == recorded_faces(office) == COUNT
            with office.store.reading() as reader:
                assert reader.job_items(job, after_place=0, most=9) == []
    assert begun == {0, AT_ONCE, COUNT}
