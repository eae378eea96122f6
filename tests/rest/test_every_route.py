"""Every route of `/v1` goes through an operation: called once, it has left its entry in the ledger."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from contract.grouping import Album
from countenance.doors.rest.application import rest_app
from countenance.doors.rest.description import description
from countenance.operations.names import OPERATIONS
from countenance.settings import read_settings
from countenance.store import open_ledger
from countenance.wiring import open_office
from new_faces import face_id
from new_jobs import waiting_with_a_failure
from new_monitors import stopped_monitor
from rest.api import Api, Reply, consent_of, in_base64
from rest.conftest import FILM
from rest.reference_table import OPERATION_OF

if TYPE_CHECKING:
    from pathlib import Path

    from serving import RunningServer

ROUTES = {
    operation["operationId"]: (method.upper(), path)
    for path, operations in description(rest_app())["paths"].items()
    for method, operation in operations.items()
}


GROUPS = "/{collection_id}/group"


class Caller:
    """Calls each route so that it succeeds, having made what it is about."""

    def __init__(self, api: Api, client: Any, picture: bytes, data_dir: Path | None = None) -> None:
        self.api = api
        self.data_dir = data_dir
        self.client = client
        self.picture = picture
        self.subject = f"subject-{uuid.uuid4()}"
        self.groups = [str(uuid.uuid4()), str(uuid.uuid4())]

    def call(self, name: str) -> Reply:
        """Call a route by its name."""
        method, path = ROUTES[name]
        filled = path
        for parameter, make in (
            ("collection_id", self.album if GROUPS in path else self.collection),
            ("group_id", lambda: self.groups[0]),
            ("consent_id", self.consent),
            ("hold_id", self.hold),
            ("moratorium_id", self.moratorium),
            ("review_id", self.review),
            ("job_id", self.job),
            ("monitor_id", self.monitor),
            ("request_id", lambda: self.api.get("/v1/holds").request_id),
            ("access_key_id", lambda: self.api.with_key().key_id),
            ("subject", self.enrolled),
        ):
            if f"{{{parameter}}}" in path:
                filled = filled.replace(f"{{{parameter}}}", make())
        assert "{" not in filled, f"{path} has a parameter that nothing is made for"
        # Who searched may not vote.
        api = self.api.with_key() if name == "vote_on_review" else self.api
        return api.ask(method, filled, self.body(name))

    def body(self, name: str) -> object:
        """Return what a route wants."""
        bodies: dict[str, object] = {
            "create_collection": {"collection_id": f"made-{uuid.uuid4()}", "policy": {"consent": "required"}},
            "change_policy": {"retention": "P1Y"},
            "record_consent": consent_of(self.subject),
            "place_hold": {"subject": f"held-{uuid.uuid4()}", "reference": "23-CV-1187"},
            "begin_moratorium": {"scope": "purpose:nothing", "reason": "a test"},
            "vote_on_review": {"verdict": "reject"},
            "record_interaction": {},
            "search_records_by_face": {"image": {"bytes": in_base64(self.picture)}},
            "import_faces": {"sources": ["s3://pictures/2026/"]},
            "create_monitor": {"name": "door", "source": FILM, "collection_id": self.collection_for("entry")},
            "merge_groups": {"group_ids": [self.groups[1]]},
            **{key: {"face_ids": [face_id(1)]} for key in ("split_group", "reject_faces")},
            "move_faces": {"face_ids": [face_id(3)]},
            "name_group": {"user_id": self.subject},
            "undo_group_edit": {},
            "make_templates": {"image": {"bytes": in_base64(self.picture)}},
            "create_key": {"name": "a test's"},
        }
        method, _ = ROUTES[name]
        return bodies.get(name, {} if method == "PATCH" else None)

    def collection(self, **policy: Any) -> str:
        collection_id = f"made-{uuid.uuid4()}"
        made = self.api.post("/v1/collections", {"collection_id": collection_id, "policy": policy})
        assert made.status == 201, made.body
        return collection_id

    def album(self) -> str:
        """Make a collection with two suggested groups, of faces 1 and 2, and of 3 and 4."""
        collection_id = self.collection(grouping="allowed", purpose="access-control")
        self.consent()
        with open_office(read_settings(data_dir=self.data_dir)) as office:
            with office.gallery.reading() as reader:
                album = Album(office, reader.collection(collection_id))
            album.enrol(1, 2, 3, 4)
            album.suggest([1, 2], [3, 4])
            self.groups = [group.group_id for group in album.groups()]
        return collection_id

    def consent(self) -> str:
        return str(self.api.post("/v1/consents", consent_of(self.subject)).json["consent_id"])

    def hold(self) -> str:
        new = {"subject": f"held-{uuid.uuid4()}", "reference": "23-CV-1187"}
        return str(self.api.post("/v1/holds", new).json["hold_id"])

    def moratorium(self) -> str:
        new = {"scope": "purpose:nothing", "reason": "a test"}
        return str(self.api.post("/v1/moratoria", new).json["moratorium_id"])

    def job(self) -> str:
        with open_office(read_settings(data_dir=self.data_dir)) as office:
            return waiting_with_a_failure(office.store, asked_by=self.api.key_id).job_id

    def collection_for(self, purpose: str) -> str:
        return self.collection(purpose=purpose) if self.client is not None else "staff"

    def monitor(self) -> str:
        monitor = stopped_monitor(self.collection(purpose="entry"), FILM, preview=True)
        with open_office(read_settings(data_dir=self.data_dir)) as office, office.store.writing() as writer:
            writer.add_monitor(monitor)
        return monitor.monitor_id

    def enrolled(self, collection_id: str | None = None) -> str:
        self.client.index_faces(
            CollectionId=collection_id or self.collection(),
            Image={"Bytes": self.picture},
            ExternalImageId=self.subject,
        )
        return self.subject

    def review(self) -> str:
        collection_id = self.collection(review="one")
        self.enrolled(collection_id)
        answer = self.client.search_faces_by_image(CollectionId=collection_id, Image={"Bytes": self.picture})
        return str(answer["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"])


@pytest.fixture(scope="module")
def caller(governed: RunningServer, api: Api, client: Any, collins: bytes) -> Caller:
    return Caller(api, client, collins, governed.data_dir)


def entries(server: RunningServer, request_id: str) -> list[dict[str, Any]]:
    with open_ledger(f"sqlite:///{server.data_dir / 'countenance.sqlite'}") as ledger:
        return [json.loads(content) for _, content in ledger.of_request(request_id)]


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_leaves_its_entry(governed: RunningServer, caller: Caller, name: str) -> None:
    reply = caller.call(name)
    assert reply.status in {200, 201, 204}, reply.body
    found = entries(governed, reply.request_id)
    assert found, f"{name} left no entry"
    operation = OPERATION_OF.get(name, name)
    assert operation in OPERATIONS
    assert operation in {entry["operation"] for entry in found}
    assert all(entry["outcome"] == "done" for entry in found)
    assert caller.subject not in json.dumps(found)


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_whose_operation_a_key_may_not_do_refuses_and_that_is_recorded(
    governed: RunningServer, api: Api, name: str
) -> None:
    limited = api.with_key(operations=["compare_faces"])
    replies = Caller(limited, None, b"")
    method, path = ROUTES[name]
    identifiers = {
        "collection_id": "staff",
        "access_key_id": "CTNCAAAAAAAAAAAAAAAA",
        "subject": "nobody",
        "job_id": "0" * 32,
        "monitor_id": "0" * 32,
    }
    for part in path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, identifiers.get(part.strip("{}"), str(uuid.uuid4())))
    refused = limited.ask(method, path, replies.body(name))
    assert (refused.status, refused.problem) == (403, "not-permitted")
    (entry,) = entries(governed, refused.request_id)
    assert entry["operation"] == OPERATION_OF.get(name, name)
    assert entry["outcome"] == "NotPermitted"
    assert entry["key"] == limited.key_id
