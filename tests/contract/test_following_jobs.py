"""Who follows a job sees how far it is, for as long as they may, and leaves one entry."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from contract.offices import BOSS, acting, create, entries, key, office_on
from countenance.access import AccessKey
from countenance.errors import JobNotFound, NotPermitted, TooManyFollowers
from countenance.jobs.values import Job, JobState
from countenance.operations import follow_job as following
from countenance.operations.follow_job import FollowedJob, JobFollowers, follow_job, look_at_job
from countenance.store import SqlStore
from countenance.wiring import Office
from new_jobs import claimed, queued, settle, with_items

ANN = key("ann")


@pytest.fixture
def office(store: SqlStore) -> Office:
    made = office_on(store)
    create(made, "staff")
    with store.writing() as writer:
        writer.add_key(ANN)
    return made


@pytest.fixture
def followers(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> JobFollowers:
    """Followers who are asked again each time that they look."""
    monkeypatch.setattr(following, "ASK_AGAIN_SECONDS", 0.0)
    return JobFollowers(store, threading.Event(), most=2)


@pytest.fixture
def job(office: Office) -> Job:
    return with_items(office.store, *"abcd", asked_by="ann", collection_id="staff")


def followed(office: Office, followers: JobFollowers, job: Job, by: AccessKey = ANN) -> FollowedJob:
    with acting(office, by) as act:
        return follow_job(followers, act, job.job_id)


def test_changes_are_seen_and_looking_leaves_no_entries(
    office: Office, followers: JobFollowers, job: Job
) -> None:
    looking = followed(office, followers, job)
    assert (looking.pace().settled, looking.pace().total) == (0, 4)
    assert (looking.look(), looking.goes_on) == (False, True)
    settle(office.store, job, 1, 2, counts={"faces": 3})
    assert looking.look()
    pace = looking.pace()
    assert (pace.settled, pace.total, pace.faces) == (2, 4, 3)
    assert pace.faces_per_second is not None
    assert pace.faces_per_second > 0
    assert pace.seconds_left is not None
    with office.store.writing() as writer:
        writer.end_job(job, "mine", JobState.SUCCEEDED, "", datetime.now(UTC))
    assert (looking.look(), looking.goes_on) == (True, False)
    assert [entry["outcome"] for entry in entries(office, operation="show_job")] == ["done"]


def test_who_may_not_any_more_sees_no_more(office: Office, followers: JobFollowers, job: Job) -> None:
    looking = followed(office, followers, job)
    with office.store.writing() as writer:
        writer.revoke_key("ann", datetime.now(UTC))
    with pytest.raises(NotPermitted, match="was revoked"):
        looking.look()


def test_a_job_of_somebody_else_is_followed_by_administrators_only(
    office: Office, followers: JobFollowers, job: Job
) -> None:
    with pytest.raises(JobNotFound):
        followed(office, followers, job, key("bob"))
    with pytest.raises(NotPermitted):
        followed(office, followers, job, key("ann", operations=("list_*",)))
    assert followed(office, followers, job, BOSS).job.job_id == job.job_id


def test_no_more_follow_than_may_and_who_leaves_makes_room(
    office: Office, followers: JobFollowers, job: Job
) -> None:
    first, _ = followed(office, followers, job), followed(office, followers, job)
    with pytest.raises(TooManyFollowers, match="2 follow jobs already"):
        followed(office, followers, job)
    first.leave()
    assert followed(office, followers, job).goes_on


def test_when_the_server_ends_nobody_is_kept(office: Office, followers: JobFollowers, job: Job) -> None:
    looking = followed(office, followers, job)
    followers.ending.set()
    assert not looking.goes_on


def test_a_job_that_is_gone_is_told(office: Office, followers: JobFollowers, job: Job) -> None:
    looking = followed(office, followers, job)
    now = datetime.now(UTC)
    with office.store.writing() as writer:
        writer.end_job(job, "mine", JobState.SUCCEEDED, "", job.created_at)
        writer.forget_jobs(now, 100)
    with pytest.raises(JobNotFound):
        looking.look()


def test_who_looks_once_sees_how_far_it_is(office: Office, job: Job) -> None:
    settle(office.store, job, 1, 2, 3, skipped={4: "no face"}, counts={"faces": 4, "faces_there": 1})
    with acting(office, ANN) as act:
        found, pace = look_at_job(office.store, act, job.job_id)
    assert (found.progress.skipped, pace.settled, pace.total, pace.faces) == (1, 4, 4, 5)


def test_an_evaluation_counts_pictures(office: Office) -> None:
    queued(office.store, kind="evaluate", asked_by="ann")
    job = claimed(office.store, kinds=["evaluate"])
    assert job is not None
    with office.store.writing() as writer:
        writer.save_checkpoint(job, "mine", {}, total=8, counts={"pictures": 5})
    with acting(office, ANN) as act:
        _, pace = look_at_job(office.store, act, job.job_id)
    assert (pace.settled, pace.total) == (5, 8)
