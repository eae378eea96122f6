"""Videos in the console: looked through by a job, and shown as a timeline of who appears when."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from console.visitor import Page, Visitor
from console.working import HOSTILE, ended, office_of
from countenance.jobs.values import NewJob, Runner
from countenance.operations.videos.start_jobs import DETECTION
from filming import Cutout, one_after_another, scene, write_film

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rest.api import Api
    from serving import RunningServer


@pytest.fixture(scope="module")
def film(console: RunningServer, astronaut: Path, grace_hopper: Path) -> str:
    """A film in the bucket ``pictures``: Eileen Collins for two seconds, then Grace Hopper, then both."""
    frames = one_after_another(
        scene(2, Cutout(astronaut, 40)),
        scene(2, Cutout(grace_hopper, 300)),
        scene(2, Cutout(astronaut, 20), Cutout(grace_hopper, 330)),
    )
    (console.data_dir / "pictures" / "films").mkdir(exist_ok=True)
    return f"films/{write_film(console.data_dir / 'pictures' / 'films' / 'meeting.mp4', frames).name}"


def collection_of(console: RunningServer, api: Api, collins: bytes, **policy: str) -> str:
    """Make a collection in which Eileen Collins is enrolled."""
    collection_id = f"crew-{uuid.uuid4()}"
    assert api.post("/v1/collections", {"collection_id": collection_id, "policy": policy}).status == 201
    client = console.boto3_client()
    client.index_faces(
        CollectionId=collection_id, Image={"Bytes": collins}, ExternalImageId="eileen-collins", MaxFaces=1
    )
    return collection_id


def begun(visitor: Visitor, **fields: str) -> Page:
    given = {"what": "people", "bucket": "pictures", "similarity": "80"}
    return visitor.post("/console/videos/new", given | fields, shown_on="/console/videos/new")


def searched(visitor: Visitor, api: Api, film: str, collection_id: str) -> str:
    page = begun(visitor, name=film, collection=collection_id)
    assert page.says("Search for people in a video", f"pictures/{film}"), page.text
    job_id = page.path.split("?")[0].rpartition("/")[2]
    assert ended(api, job_id)["state"] == "succeeded"
    return job_id


def test_a_video_is_looked_through_and_its_timeline_says_who_appears_when(
    console: RunningServer, admin: Visitor, api: Api, film: str, collins: bytes
) -> None:
    collection_id = collection_of(console, api, collins)
    job_id = searched(admin, api, film, collection_id)
    job = admin.get(f"/console/jobs/{job_id}")
    assert [str(link["href"]) for link in job.all(".job a")] == [f"/console/videos/{job_id}/people"]
    page = admin.get(f"/console/videos/{job_id}/people")
    assert page.says("Who appears when", f"pictures/{film}", collection_id, "0:06, 640 × 360 px")
    known, unknown = page.all("tbody tr")
    assert "eileen-collins" in known.get_text()
    assert str(known.select("a")[0]["href"]).startswith(f"/console/collections/{collection_id}/faces/")
    assert "one in 100,000 or fewer" in " ".join(known.get_text().split())
    assert "nobody known" in unknown.get_text()
    first, second = page.all("svg.lane")
    assert (len(first.select("rect")), len(second.select("rect"))) == (2, 1)
    assert "named" in first["class"]
    assert float(str(first.select("rect")[1]["x"]).rstrip("%")) > 60
    assert page.all("[style]") == page.all("main img") == []


def test_where_people_review_answers_nobody_is_named(
    console: RunningServer, admin: Visitor, api: Api, film: str, collins: bytes
) -> None:
    collection_id = collection_of(console, api, collins, review="one", purpose="security")
    page = admin.get(f"/console/videos/{searched(admin, api, film, collection_id)}/people")
    assert page.says("This collection wants people to review matches", "to be reviewed, or nobody known")
    assert not page.says("eileen-collins")
    assert page.all("svg.lane.named") == []


def test_who_is_erased_is_in_no_timeline(
    console: RunningServer, admin: Visitor, api: Api, film: str, collins: bytes
) -> None:
    collection_id = collection_of(console, api, collins)
    job_id = searched(admin, api, film, collection_id)
    client = console.boto3_client()
    faces = client.list_faces(CollectionId=collection_id)["Faces"]
    client.delete_faces(CollectionId=collection_id, FaceIds=[face["FaceId"] for face in faces])
    page = admin.get(f"/console/videos/{job_id}/people")
    assert not page.says("eileen-collins")
    assert len(page.all("tbody tr")) == 1


def test_only_when_faces_appear_can_be_asked(admin: Visitor, api: Api, film: str) -> None:
    page = begun(admin, what="faces", name=film)
    job_id = page.path.split("?")[0].rpartition("/")[2]
    assert ended(api, job_id)["state"] == "succeeded"
    assert admin.get(f"/console/jobs/{job_id}").says("Faces in a video", "See when faces appear")
    page = admin.get(f"/console/videos/{job_id}/faces")
    assert page.says("When faces appear", "Faces seen 4", "Face 1", "Face 4")
    assert len(page.all("svg.lane")) == 4
    assert admin.get(f"/console/videos/{job_id}/people").status == 404


def test_of_a_job_that_goes_on_its_page_is_shown(console: RunningServer, admin: Visitor, api: Api) -> None:
    with office_of(console) as office, office.store.writing() as writer:
        # No worker of the server takes what a command is to do.
        video = {"bucket": "pictures", "name": "x.mp4", "version": None, "channel": None}
        asked = NewJob(DETECTION, api.key_id, "a-request", None, video, Runner.TERMINAL)
        job = writer.add_job(asked, datetime.now(UTC))
        writer.add_video(job, None)
    page = admin.get(f"/console/videos/{job.job_id}/faces")
    assert page.path == f"/console/jobs/{job.job_id}"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"collection": ""}, "Please fill this in."),
        ({"similarity": "101"}, "Please give a number from 0 to 100."),
        ({"similarity": "nan"}, "Please give a number from 0 to 100."),
        ({"similarity": "x"}, "Please give a number from 0 to 100."),
        ({"bucket": "elsewhere"}, "there is no bucket elsewhere"),
        ({"collection": "nobody"}, "nobody does not exist"),
        ({"name": "../server.log"}, "no readable file"),
        ({"name": "/etc/passwd"}, "no readable file"),
        ({"name": "films"}, "no readable file"),
    ],
)
def test_what_cannot_be_looked_through_is_told_and_what_was_typed_stays(
    console: RunningServer, admin: Visitor, api: Api, collins: bytes, fields: dict[str, str], told: str
) -> None:
    given = {"name": HOSTILE, "collection": collection_of(console, api, collins)} | fields
    page = begun(admin, **given)
    assert 400 <= page.status < 500
    assert page.says(told)
    assert page.one("input[name=name]")["value"] == given["name"]


def test_a_key_that_may_only_find_faces_is_asked_for_no_collection(
    api: Api, visitor: Callable[[Api], Visitor], film: str
) -> None:
    limited = visitor(api.with_key(operations=["start_face_detection", "show_job"], buckets=["pictures"]))
    page = limited.get("/console/videos/new")
    assert page.says("You learn when faces appear. Nobody is compared with anybody.")
    assert page.all("#collection") == page.all("input[type=radio]") == []
    assert begun(limited, what="people", name=film, collection="crew").status == 403
    other = visitor(api.with_key(operations=["start_face_detection", "show_job"], buckets=["others"]))
    assert other.get("/console/videos/new").says("This server knows no bucket that your key may have read.")
    assert begun(other, what="faces", name=film).says("may not read pictures from the bucket pictures")


def test_nobody_sees_the_timelines_of_others(
    api: Api, admin: Visitor, visitor: Callable[[Api], Visitor], film: str
) -> None:
    page = begun(admin, what="faces", name=film)
    job_id = page.path.split("?")[0].rpartition("/")[2]
    ended(api, job_id)
    for kind in ("faces", "people"):
        assert visitor(api.with_key()).get(f"/console/videos/{job_id}/{kind}").status == 404
