"""``countenance worker``: processes that do what is queued, beside a server that does not."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from countenance.jobs.values import Job, JobState, NewJob
from countenance.operations.imports.values import ImportAsked
from countenance.settings import read_settings
from countenance.store import open_ledger
from countenance.wiring import open_office
from serving import COUNTENANCE, RunningServer, running_server

SECONDS = 60.0


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that does no jobs itself; the folder ``pictures`` is the bucket of that name."""
    data_dir = tmp_path_factory.mktemp("idle")
    (data_dir / "pictures").mkdir()
    with running_server(data_dir, jobs_at_once=0, buckets={"pictures": data_dir / "pictures"}) as started:
        yield started


def queued_import(server: RunningServer, collection_id: str) -> Job:
    """Queue an import of the bucket, for the server's administrator."""
    asked = NewJob(
        kind="import_faces",
        asked_by=server.access_key_id,
        request_id=f"import-into-{collection_id}",
        collection_id=collection_id,
        parameters=ImportAsked(("s3://pictures/",)).as_json(),
    )
    with open_office(read_settings(data_dir=server.data_dir)) as office, office.store.writing() as writer:
        return writer.add_job(asked, datetime.now(UTC))


def until_ended(server: RunningServer, job: Job) -> Job:
    deadline = time.monotonic() + SECONDS
    with open_office(read_settings(data_dir=server.data_dir)) as office:
        while True:
            with office.store.reading() as reader:
                job = reader.job(job.job_id)
            if job.state.ended:
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.05)


@contextmanager
def working(server: RunningServer, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that says that it works, and is killed in the end if it still lives."""
    process = subprocess.Popen(
        [*COUNTENANCE, "worker", *arguments],
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert any("doing jobs" in line for line in process.stderr), process.wait()
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_workers_do_what_a_server_leaves_to_them_and_it_finds_what_they_enrolled(
    idle: RunningServer, astronaut: Path
) -> None:
    shutil.copy(astronaut, idle.data_dir / "pictures")
    client = idle.boto3_client()
    client.create_collection(CollectionId="archive")
    picture = {"Bytes": astronaut.read_bytes()}
    assert client.search_faces_by_image(CollectionId="archive", Image=picture)["FaceMatches"] == []
    job = queued_import(idle, "archive")
    with working(idle) as first, working(idle, "--jobs", "2") as second:
        ended = until_ended(idle, job)
        assert (ended.state, ended.message) == (JobState.SUCCEEDED, "")
        progress = ended.progress
        assert (progress.total, progress.done, progress.counts["faces"]) == (1, 1, 1)
        deadline = time.monotonic() + SECONDS
        while not client.search_faces_by_image(CollectionId="archive", Image=picture)["FaceMatches"]:
            assert time.monotonic() < deadline, "the server does not see what its worker enrolled"
        for worker, sent in ((first, signal.SIGTERM), (second, signal.SIGINT)):
            worker.send_signal(sent)
            assert worker.wait(SECONDS) == 0
    with open_ledger(f"sqlite:///{idle.data_dir / 'countenance.sqlite'}") as ledger:
        entries = [json.loads(entry) for _, entry in ledger.of_request("import-into-archive")]
    assert {(entry["operation"], entry["key"]) for entry in entries} == {("import_faces", idle.access_key_id)}


def test_a_worker_wants_at_least_one_job_at_a_time(idle: RunningServer) -> None:
    assert idle.command("worker", "--jobs", "0").returncode == 2
