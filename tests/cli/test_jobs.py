"""``countenance jobs``: what a person at the terminal sees of long work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.command_line import CommandLine
from countenance.jobs.values import JobState


def test_jobs_are_listed_with_how_far_they_are(command: CommandLine) -> None:
    job_id = command.queued_job("staff")
    listed = command.done("jobs", "list").out
    assert job_id in listed
    assert "0 of 2 done, 1 failed" in listed
    record = command.done("jobs", "list", "--state", "waiting", "--json").record
    assert (record["job_id"], record["collection_id"], record["asked_by"]) == (job_id, "staff", "operator")
    assert (record["total"], record["done"], record["failed"], record["counts"]) == (2, 0, 1, {})
    assert command.done("jobs", "list", "--state", "running", "--json").records == []
    assert command.done("jobs", "list", "--kind", "another", "--json").records == []


def test_a_job_is_shown(command: CommandLine) -> None:
    job_id = command.queued_job("staff")
    facts = command.done("jobs", "show", job_id).facts
    assert (facts["job"], facts["state"], facts["progress"]) == (job_id, "waiting", "0 of 2 done, 1 failed")
    assert command.done("jobs", "show", job_id, "--json").record["state"] == "waiting"
    missing = command("jobs", "show", "12ab")
    assert (missing.code, missing.err) == (1, "countenance: there is no job 12ab\n")


def test_what_could_not_be_done_is_listed_with_why_and_safe_on_a_terminal(command: CommandLine) -> None:
    job_id = command.queued_job()
    listed = command.done("jobs", "items", job_id).out
    assert "1969/crew.jpg" in listed
    assert "1970/\\xffcrew.jpg" in listed
    (failed,) = command.done("jobs", "items", job_id, "--state", "failed", "--json").records
    assert failed == {
        "place": 1,
        "name": "1969/crew.jpg",
        "state": "failed",
        "attempts": 1,
        "reason": "the picture is damaged",
    }
    (waiting,) = command.done("jobs", "items", job_id, "--state", "waiting", "--json").records
    assert waiting["name"] == "1970/\udcffcrew.jpg"


def test_a_job_is_cancelled(command: CommandLine) -> None:
    job_id = command.queued_job()
    assert command.done("jobs", "cancel", job_id).err == f"countenance: the job {job_id} is cancelled\n"
    assert command.done("jobs", "show", job_id).facts["state"] == "cancelled"
    again = command("jobs", "cancel", job_id)
    assert again.code == 1
    assert "nothing to cancel" in again.err


def test_a_job_that_runs_is_cancelled_within_seconds(command: CommandLine) -> None:
    job_id = command.queued_job()
    with command.office() as office:
        store, now = office.store, datetime.now(UTC)
        with store.reading() as reader:
            job = reader.job(job_id)
        held = store.claim_job(
            "claim", now, kinds=[job.asked.kind], runner=job.asked.runner, held_for=office.jobs_kept
        )
        assert held is not None
        assert held.state is JobState.RUNNING
    assert "within seconds" in command.done("jobs", "cancel", job_id).err
    assert command.done("jobs", "show", job_id).facts["state"] == "running, to be cancelled"


@pytest.mark.parametrize("state", ["ended", "done", ""])
def test_a_state_that_there_is_not_is_wrong_usage(command: CommandLine, state: str) -> None:
    assert command("jobs", "list", "--state", state).code == 2


def test_a_sweep_forgets_jobs_that_ended_long_ago(command: CommandLine) -> None:
    job_id = command.queued_job()
    command.done("jobs", "cancel", job_id)
    command.done("sweep")
    assert command.done("jobs", "show", job_id).facts["state"] == "cancelled"
    command.done("sweep", COUNTENANCE_JOBS_KEPT="PT0S")
    assert command("jobs", "show", job_id).code == 1
