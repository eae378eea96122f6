"""Every route of `/v1` goes through an operation: called once, it has left its entry in the ledger."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from countenance.doors.rest.application import rest_app
from countenance.doors.rest.description import description
from countenance.operations.names import OPERATIONS
from countenance.store import open_ledger
from rest.api import Api, Reply, consent_of, in_base64
from rest.reference_table import OPERATION_OF

if TYPE_CHECKING:
    from serving import RunningServer

ROUTES = {
    operation["operationId"]: (method.upper(), path)
    for path, operations in description(rest_app())["paths"].items()
    for method, operation in operations.items()
}


class Caller:
    """Calls each route so that it succeeds, having made what it is about."""

    def __init__(self, api: Api, client: Any, picture: bytes) -> None:
        self.api = api
        self.client = client
        self.picture = picture
        self.subject = f"subject-{uuid.uuid4()}"

    def call(self, name: str) -> Reply:
        """Call a route by its name."""
        method, path = ROUTES[name]
        filled = path
        for parameter, make in (
            ("collection_id", self.collection),
            ("consent_id", self.consent),
            ("hold_id", self.hold),
            ("moratorium_id", self.moratorium),
            ("review_id", self.review),
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

    def consent(self) -> str:
        return str(self.api.post("/v1/consents", consent_of(self.subject)).json["consent_id"])

    def hold(self) -> str:
        new = {"subject": f"held-{uuid.uuid4()}", "reference": "23-CV-1187"}
        return str(self.api.post("/v1/holds", new).json["hold_id"])

    def moratorium(self) -> str:
        new = {"scope": "purpose:nothing", "reason": "a test"}
        return str(self.api.post("/v1/moratoria", new).json["moratorium_id"])

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
def caller(api: Api, client: Any, collins: bytes) -> Caller:
    return Caller(api, client, collins)


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
    identifiers = {"collection_id": "staff", "access_key_id": "CTNCAAAAAAAAAAAAAAAA", "subject": "nobody"}
    for part in path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, identifiers.get(part.strip("{}"), str(uuid.uuid4())))
    refused = limited.ask(method, path, replies.body(name))
    assert (refused.status, refused.problem) == (403, "not-permitted")
    (entry,) = entries(governed, refused.request_id)
    assert entry["operation"] == OPERATION_OF.get(name, name)
    assert entry["outcome"] == "NotPermitted"
    assert entry["key"] == limited.key_id
