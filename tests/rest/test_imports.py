"""Imports from buckets through `/v1`, and searches that lead back to what pictures came with."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from conformance import pictures
from countenance.archive.values import PictureRecord, RecordKind
from countenance.settings import read_settings
from countenance.wiring import open_office
from rest.api import Api, in_base64

if TYPE_CHECKING:
    from serving import RunningServer


@pytest.fixture
def collection(api: Api) -> str:
    collection_id = f"archive-{uuid.uuid4()}"
    assert api.post("/v1/collections", {"collection_id": collection_id, "policy": {}}).status == 201
    return collection_id


@pytest.fixture
def prefix(governed: RunningServer, collins: bytes, hopper: bytes) -> str:
    """A prefix in the bucket ``pictures`` with two pictures and a text."""
    folder = governed.data_dir / "pictures" / str(uuid.uuid4())
    folder.mkdir()
    for name, content in (("collins.jpg", collins), ("hopper.jpg", hopper), ("notes.txt", b"x")):
        (folder / name).write_bytes(content)
    return f"s3://pictures/{folder.name}/"


def ended(api: Api, job_id: str) -> Any:
    for _ in range(600):
        job = api.get(f"/v1/jobs/{job_id}").json
        if job["state"] not in {"waiting", "running"}:
            return job
        time.sleep(0.1)
    pytest.fail("the job got nowhere")


def test_a_servers_worker_imports_a_prefix_and_a_search_finds_who_is_in_it(
    api: Api, governed: RunningServer, collection: str, prefix: str, collins: bytes
) -> None:
    asked = api.post(
        f"/v1/collections/{collection}/imports", {"sources": [prefix], "external_ids": "stem", "max_faces": 1}
    )
    assert asked.status == 201, asked.body
    job = ended(api, asked.json["job_id"])
    assert (job["state"], job["progress"]["done"], job["progress"]["skipped"]) == ("succeeded", 2, 1)
    record = PictureRecord(RecordKind.ARTICLE, "crew.md", title="Crew returns", topics=("space",))
    with open_office(read_settings(data_dir=governed.data_dir)) as office, office.store.writing() as writer:
        theirs = writer.collection(collection)
        (face,) = [
            face for face in writer.faces(theirs, after_key=0, most=9) if face.external_image_id == "collins"
        ]
        writer.add_picture_records(theirs, [(face.image_id, record)])
    body = {"image": {"bytes": in_base64(collins)}, "least_similarity": 99}
    answer = api.post(f"/v1/collections/{collection}/searches", body).json
    (match,) = answer["matches"]
    assert (match["external_image_id"], match["similarity_percent"] > 99) == ("collins", True)
    assert [(each["title"], each["topics"]) for each in match["records"]] == [("Crew returns", ["space"])]
    assert answer["searched_face"]["box"]["width_px"] > 0


def test_the_same_import_while_it_is_unfinished_is_the_same_job(
    api: Api, collection: str, prefix: str
) -> None:
    moratorium = api.post("/v1/moratoria", {"scope": "purpose:nothing", "reason": "a test"})
    assert moratorium.status == 201
    body = {"sources": [prefix, f"{prefix}more"]}
    jobs = {api.post(f"/v1/collections/{collection}/imports", body).json["job_id"] for _ in range(3)}
    assert len(jobs) <= 2  # the first may have ended meanwhile
    for job_id in jobs:
        assert ended(api, job_id)["state"] == "succeeded"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sources": []},
        {"sources": ["/etc"]},
        {"sources": ["http://host/"]},
        {"sources": ["s3://"]},
        {"sources": ["s3://pictures/"], "external_ids": "name"},
        {"sources": ["s3://pictures/"], "max_faces": 0},
        {"sources": ["s3://pictures/"], "hosts": ["a"]},
    ],
)
def test_an_import_that_is_not_as_described_is_refused(api: Api, collection: str, body: Any) -> None:
    refused = api.post(f"/v1/collections/{collection}/imports", body)
    assert (refused.status, refused.problem) == (422, "request-invalid")


def test_an_import_takes_leave_for_its_buckets_and_its_collection(
    api: Api, collection: str, prefix: str
) -> None:
    limited = api.with_key(buckets=["others"])
    body = {"sources": [prefix]}
    assert limited.post(f"/v1/collections/{collection}/imports", body).problem == "not-permitted"
    assert api.post("/v1/collections/nowhere/imports", body).problem == "collection-not-found"
    unknown = {"sources": [prefix], "source": "gossip"}
    assert api.post(f"/v1/collections/{collection}/imports", unknown).problem == "policy-invalid"


def test_a_search_with_a_picture_without_a_face_says_so(api: Api, collection: str) -> None:
    blank = pictures.jpeg(Image.new("RGB", (200, 200), "white"))
    refused = api.post(f"/v1/collections/{collection}/searches", {"image": {"bytes": in_base64(blank)}})
    assert (refused.status, refused.problem) == (422, "no-face-found")
