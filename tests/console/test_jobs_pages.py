"""Jobs in the console: begun from a form, followed as they go on, told of in plain words, cancelled."""

from __future__ import annotations

import json
import signal
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from console.visitor import Page, Visitor
from console.working import HOSTILE, ended, office_of
from countenance.jobs.values import JobState
from new_jobs import queued, settle, with_items
from rest.api import Api
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page as Tab

    from countenance.jobs.values import Job
    from serving import RunningServer


@pytest.fixture
def collection(api: Api) -> str:
    collection_id = f"archive-{uuid.uuid4()}"
    assert api.post("/v1/collections", {"collection_id": collection_id, "policy": {}}).status == 201
    return collection_id


@pytest.fixture
def prefix(console: RunningServer, collins: bytes, hopper: bytes) -> str:
    """A folder of the bucket ``pictures`` with two pictures, one that is broken and a text."""
    folder = console.data_dir / "pictures" / str(uuid.uuid4())
    folder.mkdir()
    files = {"collins.jpg": collins, "hopper.jpg": hopper, "broken.jpg": b"nothing", "notes.txt": b"x"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return f"{folder.name}/"


@pytest.fixture
def running(console: RunningServer, api: Api) -> Job:
    """A job of four pictures that no worker of the server takes."""
    with office_of(console) as office:
        return with_items(office.store, *"abcd", asked_by=api.key_id)


def begun(visitor: Visitor, collection: str, prefix: str, fields: dict[str, str] | None = None) -> Page:
    given = {"collection": collection, "bucket": "pictures", "prefix": prefix, "external_ids": "stem"}
    return visitor.post("/console/imports/new", given | (fields or {}), shown_on="/console/imports/new")


def test_an_import_is_begun_from_a_form_and_its_page_says_what_came_of_it(
    console: RunningServer, admin: Visitor, api: Api, collection: str, prefix: str
) -> None:
    page = begun(admin, collection, prefix)
    assert page.says("Import of pictures", "The job is queued.", f"s3://pictures/{prefix}", collection)
    job_id = page.path.split("?")[0].rpartition("/")[2]
    assert ended(api, job_id)["state"] == "succeeded"
    page = admin.get(f"/console/jobs/{job_id}")
    assert page.says("done", "4 of 4 pictures", "Faces: 2")
    assert page.one(".job progress")["value"] == "100.0"
    assert [str(link["href"]) for link in page.all(".job a")] == [f"/console/collections/{collection}"]
    failed = admin.get(f"/console/jobs/{job_id}/items?state=failed")
    assert failed.says("broken.jpg", "failed")
    assert not failed.says("notes.txt")
    skipped = admin.get(f"/console/jobs/{job_id}/items?state=skipped")
    assert skipped.says("notes.txt", "its name does not end as pictures do")
    assert admin.get("/console/jobs?kind=import_faces").says(prefix)
    assert not admin.get("/console/jobs?kind=evaluate").says(prefix)
    found = console.boto3_client().list_faces(CollectionId=collection)["Faces"]
    assert {face["ExternalImageId"] for face in found} == {"collins", "hopper"}


def test_a_moratorium_is_told_and_nothing_is_begun(
    admin: Visitor, api: Api, collection: str, prefix: str
) -> None:
    moratorium = api.post("/v1/moratoria", {"scope": "enrol", "reason": "a test"}).json["moratorium_id"]
    try:
        refused = begun(admin, collection, prefix)
    finally:
        assert api.delete(f"/v1/moratoria/{moratorium}").status == 204
    assert refused.status == 403
    assert refused.says("A moratorium forbids this", "a test")
    assert not admin.get("/console/jobs?kind=import_faces").says(prefix)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"collection": ""}, "Please fill this in."),
        ({"bucket": ""}, "Please fill this in."),
        ({"bucket": "../etc"}, "is no object in a bucket"),
        ({"collection": "nobody-at-all"}, "nobody-at-all does not exist"),
        ({"most": "0"}, "Please give a whole number from 1 to 100"),
        ({"most": "1e9"}, "Please give a whole number from 1 to 100"),
        ({"most": "\N{ARABIC-INDIC DIGIT THREE}"}, "Please give a whole number from 1 to 100"),
        ({"source": "elsewhere"}, "elsewhere"),
        ({"external_ids": "x"}, "Please look at what you chose."),
        ({"quality": "x"}, "Please look at what you chose."),
    ],
)
def test_what_cannot_be_imported_is_told_and_what_was_typed_stays(
    admin: Visitor, collection: str, fields: dict[str, str], told: str
) -> None:
    page = begun(admin, collection, HOSTILE, fields)
    assert 400 <= page.status < 500
    assert page.says(told)
    assert page.one("input[name=prefix]")["value"] == HOSTILE
    assert page.all("script[src]") == page.all("script")


def test_a_job_that_goes_on_says_how_far_it_is(console: RunningServer, admin: Visitor, running: Job) -> None:
    with office_of(console) as office:
        settle(office.store, running, 1, skipped={2: "no face"}, failed={3: HOSTILE}, counts={"faces": 1})
    page = admin.get(f"/console/jobs/{running.job_id}")
    assert page.says("index_faces", "runs", "3 of 4 pictures", "Faces: 1", "Nothing to do with")
    assert page.one(".job progress")["value"] == "75.0"
    assert page.one("[data-events]")["data-events"] == f"/console/jobs/{running.job_id}/events"
    items = admin.get(f"/console/jobs/{running.job_id}/items")
    assert items.says("no face", "alert(1)")
    assert items.all("script[src]") == items.all("script")
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in items.content.decode()


def test_a_job_is_cancelled_after_being_asked_again(admin: Visitor, running: Job) -> None:
    page = admin.get(f"/console/jobs/{running.job_id}")
    assert page.one("details form[action$=cancel]").find("button") is not None
    told = admin.post(f"/console/jobs/{running.job_id}/cancel", shown_on=f"/console/jobs/{running.job_id}")
    assert told.says("The job is cancelled, or will be within seconds.")
    again = admin.post(f"/console/jobs/{running.job_id}/cancel", shown_on="/console/jobs")
    assert again.says("there was nothing to cancel", "cancelled")
    assert again.all("[data-events]") == again.all("details form[action$=cancel]") == []


def test_jobs_are_listed_newest_first_in_pages(console: RunningServer, api: Api, visitor: Any) -> None:
    ann = api.with_key()
    with office_of(console) as office:
        ids = [queued(office.store, asked_by=ann.key_id, kind="nobodys", tag="x").job_id for _ in range(51)]
    page = visitor(ann).get("/console/jobs")
    listed = [str(link["href"]).rpartition("/")[2] for link in page.all("tbody a")]
    assert listed == ids[:0:-1]
    (following,) = page.all("a[rel=next]")
    rest = visitor(ann).get(f"/console/jobs{following['href']}")
    assert [str(link["href"]).rpartition("/")[2] for link in rest.all("tbody a")] == ids[:1]
    assert visitor(ann).get("/console/jobs?state=succeeded").says("There are none.")


def test_nobody_sees_the_jobs_of_others(api: Api, visitor: Callable[[Api], Visitor], running: Job) -> None:
    ann = visitor(api.with_key())
    for path in ("", "/items", "/events"):
        assert ann.get(f"/console/jobs/{running.job_id}{path}").status == 404
    told = ann.post(f"/console/jobs/{running.job_id}/cancel", shown_on="/console/jobs")
    assert (told.status, told.says("There is no such job")) == (404, True)


def test_what_a_key_may_not_do_is_neither_shown_nor_done(
    api: Api, visitor: Callable[[Api], Visitor], collection: str
) -> None:
    reader = visitor(api.with_key(operations=["list_jobs", "show_job"]))
    page = reader.get("/console/jobs")
    assert page.all("main a.button") == []
    for path in ("/console/imports/new", "/console/videos/new", "/console/measure/evaluations/new"):
        assert reader.get(path).status == 403
    assert reader.post("/console/imports/new", {"collection": collection}, shown_on="/console/").status == 403


def events(visitor: Visitor, job: Job, most: int, then: Callable[[int], None]) -> list[dict[str, Any]]:
    """Follow a job for so many events; ``then`` is told after each how many there were."""
    found = []
    with visitor.client.stream("GET", f"/console/jobs/{job.job_id}/events") as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        for line in stream.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
                if len(found) == most:
                    return found
                then(len(found))
    return found


def test_who_follows_a_job_is_told_of_each_change_until_it_ends(
    console: RunningServer, admin: Visitor, running: Job
) -> None:
    def go_on(told: int) -> None:
        with office_of(console) as office:
            if told == 1:
                settle(office.store, running, 1, 2, counts={"faces": 2})
            elif told == 2:
                with office.store.writing() as writer:
                    writer.end_job(running, "mine", JobState.FAILED, HOSTILE, datetime.now(UTC))

    found = events(admin, running, 9, go_on)
    assert [(each["settled"], each["share"], each["ended"]) for each in found] == [
        ("0 of 4 pictures", 0.0, False),
        ("2 of 4 pictures", 50.0, False),
        ("2 of 4 pictures", 50.0, True),
    ]
    assert found[1]["lines"][0] == "Faces: 2"
    assert (found[2]["state"], found[2]["message"]) == ("failed", HOSTILE)


def test_following_a_job_leaves_one_entry(console: RunningServer, admin: Visitor, running: Job) -> None:
    events(admin, running, 1, lambda _: None)
    with office_of(console) as office, office.store.reading_ledger() as ledger:
        shown = [each for _, each in ledger.entries() if json.loads(each).get("job") == running.job_id]
    assert len(shown) == 1


@pytest.mark.slow
def test_a_server_that_stops_lets_go_of_who_follows(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        with office_of(server) as office:
            job = with_items(office.store, *"ab", asked_by=server.access_key_id)
        visitor = Visitor(server.endpoint_url).sign_in(Api.of(server))
        began = time.monotonic()
        try:
            found = events(visitor, job, 9, lambda _: server.process.send_signal(signal.SIGTERM))
        except httpx.RemoteProtocolError:
            found = []
        server.process.wait(20)
        assert time.monotonic() - began < 15
        assert len(found) <= 2


def test_a_page_shows_live_how_far_a_job_is(tab: Tab, console: RunningServer, running: Job) -> None:
    tab.goto(f"/console/jobs/{running.job_id}")
    tab.get_by_text("0 of 4 pictures").wait_for()
    assert tab.locator("[data-without-script]").is_hidden()
    with office_of(console) as office:
        settle(office.store, running, 1, 2, 3, counts={"faces": 5})
    tab.get_by_text("3 of 4 pictures").wait_for()
    tab.get_by_text("Faces: 5").wait_for()
    assert tab.locator("progress").evaluate("bar => bar.value") == 75
    with office_of(console) as office, office.store.writing() as writer:
        writer.end_job(running, "mine", JobState.FAILED, HOSTILE, datetime.now(UTC))
    tab.locator("p.problem", has_text="alert(1)").wait_for()
    assert tab.locator("[data-events]").count() == 0
