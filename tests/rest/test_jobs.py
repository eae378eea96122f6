"""`/v1/jobs`: long work, as those see it who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from countenance.settings import read_settings
from countenance.wiring import open_office
from new_jobs import waiting_with_a_failure

if TYPE_CHECKING:
    from rest.api import Api
    from serving import RunningServer


@pytest.fixture
def ann(api: Api) -> Api:
    """The API with a key that is no administrator's."""
    return api.with_key()


@pytest.fixture
def queue(governed: RunningServer) -> Callable[..., str]:
    """Queues a job for whoever is named and returns its id."""

    def queue_for(api: Api, **asked: Any) -> str:
        with open_office(read_settings(data_dir=governed.data_dir)) as office:
            # No worker does this kind.
            return waiting_with_a_failure(office.store, asked_by=api.key_id, **asked).job_id

    return queue_for


def test_a_job_shows_how_far_it_is(ann: Api, queue: Callable[..., str]) -> None:
    job_id = queue(ann, tag="batch 7", collection_id="archive")
    shown = ann.get(f"/v1/jobs/{job_id}")
    assert shown.status == 200
    job = shown.json
    assert (job["job_id"], job["asked_by"], job["state"], job["tag"]) == (
        job_id,
        ann.key_id,
        "waiting",
        "batch 7",
    )
    assert job["collection_id"] == "archive"
    assert job["progress"] == {"total": 2, "done": 0, "skipped": 0, "failed": 1, "counts": {}}
    assert job["created_at"] == "2026-03-01T09:00:00Z"
    assert "parameters" not in job


def test_jobs_are_listed_in_pages_for_those_who_asked(api: Api, ann: Api, queue: Callable[..., str]) -> None:
    jobs = [queue(ann) for _ in range(3)]
    first = ann.get("/v1/jobs", limit=2, state="waiting").json
    assert [job["job_id"] for job in first["items"]] == jobs[:2]
    second = ann.get("/v1/jobs", limit=2, state="waiting", after=first["next"]).json
    assert [job["job_id"] for job in second["items"]] == jobs[2:]
    assert second["next"] is None
    assert ann.get("/v1/jobs", limit=2, after=first["next"]).problem == "pagination-token-invalid"
    assert ann.get("/v1/jobs", state="running").json["items"] == []
    assert ann.get("/v1/jobs", kind="another").json["items"] == []
    assert api.with_key().get("/v1/jobs").json["items"] == []
    everybodys = [job["job_id"] for job in api.get("/v1/jobs", limit=1000).json["items"]]
    assert set(jobs) <= set(everybodys)


def test_what_could_not_be_done_is_listed_with_why(ann: Api, queue: Callable[..., str]) -> None:
    job_id = queue(ann)
    items = ann.get(f"/v1/jobs/{job_id}/items").json["items"]
    assert [(item["place"], item["name"], item["state"], item["reason"]) for item in items] == [
        (1, "1969/crew.jpg", "failed", "the picture is damaged"),
        (2, "1970/\\udcffcrew.jpg", "waiting", ""),
    ]
    failed = ann.get(f"/v1/jobs/{job_id}/items", state="failed", limit=1).json
    assert ([item["place"] for item in failed["items"]], failed["next"]) == ([1], None)


def test_a_job_is_cancelled_once(ann: Api, queue: Callable[..., str]) -> None:
    job_id = queue(ann)
    cancelled = ann.post(f"/v1/jobs/{job_id}/cancellation")
    assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
    again = ann.post(f"/v1/jobs/{job_id}/cancellation")
    assert (again.status, again.problem) == (409, "job-ended")


@pytest.mark.parametrize("path", ["", "/items", "/cancellation"])
def test_somebody_elses_job_is_none(api: Api, ann: Api, queue: Callable[..., str], path: str) -> None:
    address = f"/v1/jobs/{queue(ann)}{path}"
    other = api.with_key()
    refused = other.post(address) if path == "/cancellation" else other.get(address)
    assert (refused.status, refused.problem) == (404, "job-not-found")
