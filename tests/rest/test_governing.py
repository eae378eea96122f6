"""Moratoria, legal holds and keys over `/v1`: an administrator's business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rest.api import Api, consent_of
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

NO_ID = "5f0c1b8e-3c9f-4a71-8d4e-b1c25e6f7a8b"


@pytest.fixture(scope="module")
def forbidding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that was started with a moratorium."""
    with running_server(tmp_path_factory.mktemp("forbidding"), moratorium="purpose:forbidden") as started:
        yield started


def ids(api: Api, path: str, name: str, **query: Any) -> list[str]:
    return [item[name] for item in api.get(path, **query).json["items"]]


def test_a_moratorium_refuses_until_it_is_lifted(api: Api, client: Any, collins: bytes) -> None:
    client.create_collection(CollectionId="paused", Tags={"countenance:purpose": "marketing"})
    search = {"CollectionId": "paused", "Image": {"Bytes": collins}}
    client.search_faces_by_image(**search)
    begun = api.post(
        "/v1/moratoria", {"scope": "purpose:marketing", "reason": "the board – § 3 – has not voted"}
    )
    assert begun.status == 201
    assert begun.json["begun_by"] == api.key_id
    assert begun.json["until"] is begun.json["lifted_at"] is begun.json["lifted_by"] is None
    with pytest.raises(ClientError, match="the board – § 3 – has not voted"):
        client.search_faces_by_image(**search)
    moratorium_id = begun.json["moratorium_id"]
    assert moratorium_id in ids(api, "/v1/moratoria", "moratorium_id")
    lifted = api.delete(f"/v1/moratoria/{moratorium_id}")
    assert (lifted.status, lifted.body) == (204, b"")
    client.search_faces_by_image(**search)
    assert moratorium_id not in ids(api, "/v1/moratoria", "moratorium_id")
    assert moratorium_id in ids(api, "/v1/moratoria", "moratorium_id", ended="true", limit=1000)
    again = api.delete(f"/v1/moratoria/{moratorium_id}")
    assert (again.status, again.problem) == (404, "moratorium-not-found")


def test_a_moratorium_refuses_templates_as_a_problem(api: Api) -> None:
    begun = api.post("/v1/moratoria", {"scope": "all", "reason": "a test"})
    try:
        refused = api.post("/v1/templates", {"image": {"bytes": ""}})
        assert (refused.status, refused.problem) == (403, "moratorium-in-force")
        assert "a test" in refused.detail
    finally:
        assert api.delete(f"/v1/moratoria/{begun.json['moratorium_id']}").status == 204


def test_a_moratorium_that_the_server_was_started_with_is_listed_and_has_no_id(
    forbidding: RunningServer,
) -> None:
    api = Api.of(forbidding)
    (listed,) = api.get("/v1/moratoria").json["items"]
    assert listed["moratorium_id"] is None
    assert listed["scope"] == "purpose:forbidden"
    made = {"collection_id": "a", "policy": {"purpose": "forbidden"}}
    assert api.post("/v1/collections", made).status == 201
    begun = [
        api.post("/v1/moratoria", {"scope": "search", "reason": f"{number}"}).json["moratorium_id"]
        for number in range(4)
    ]
    assert api.delete(f"/v1/moratoria/{begun[1]}").status == 204
    assert paged(api, "/v1/moratoria", limit=2) == [
        [None, begun[0]],
        [begun[2], begun[3]],
    ]
    assert paged(api, "/v1/moratoria", limit=3, ended="true") == [[None, *begun[:2]], begun[2:]]


def paged(api: Api, path: str, **query: Any) -> list[list[Any]]:
    pages = []
    page = api.get(path, **query).json
    while True:
        pages.append([item["moratorium_id"] for item in page["items"]])
        if page["next"] is None:
            return pages
        page = api.get(path, **query, after=page["next"]).json


def test_a_moratorium_ends_by_itself(api: Api) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    begun = api.post("/v1/moratoria", {"scope": "purpose:a", "reason": "b", "until": until.isoformat()})
    assert datetime.fromisoformat(begun.json["until"]) == until
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    refused = api.post("/v1/moratoria", {"scope": "purpose:a", "reason": "b", "until": past})
    assert (refused.status, refused.problem) == (422, "policy-invalid")


@pytest.mark.parametrize(
    "scope", ["everything", "purpose:", "purpose:A", "search ", "", f"purpose:{65 * 'a'}"]
)
def test_what_is_no_scope_is_refused(api: Api, scope: str) -> None:
    assert api.post("/v1/moratoria", {"scope": scope, "reason": "b"}).problem == "request-invalid"


def test_a_hold_keeps_from_erasure_until_it_is_released(api: Api) -> None:
    api.post("/v1/consents", consent_of("held"))
    placed = api.post("/v1/holds", {"subject": "held", "reference": "23-CV-1187"})
    assert placed.status == 201
    assert placed.json["placed_by"] == api.key_id
    hold_id = placed.json["hold_id"]
    assert hold_id in ids(api, "/v1/holds", "hold_id")
    refused = api.delete("/v1/subjects/held")
    assert (refused.status, refused.problem) == (409, "hold-in-force")
    assert "23-CV-1187" in refused.detail
    assert api.delete(f"/v1/holds/{hold_id}").status == 204
    assert hold_id not in ids(api, "/v1/holds", "hold_id")
    assert hold_id in ids(api, "/v1/holds", "hold_id", released="true", limit=1000)
    assert api.delete("/v1/subjects/held").status == 200
    again = api.delete(f"/v1/holds/{hold_id}")
    assert (again.status, again.problem) == (404, "hold-not-found")


def test_a_hold_names_what_demands_it(api: Api) -> None:
    refused = api.post("/v1/holds", {"subject": "a", "reference": "   "})
    assert (refused.status, refused.problem) == (422, "policy-invalid")


def test_a_key_does_what_it_is_for_and_its_secret_is_shown_once(api: Api) -> None:
    made = api.post("/v1/keys", {"name": "reception", "operations": ["list_*"], "collections": ["staff"]})
    assert made.status == 201
    key = made.json
    assert len(key["secret_access_key"]) == 40
    (listed,) = (item for item in all_keys(api) if item["access_key_id"] == key["access_key_id"])
    assert listed == {name: value for name, value in key.items() if name != "secret_access_key"}
    reception = Api(api.endpoint_url, key["access_key_id"], key["secret_access_key"])
    assert reception.get("/v1/holds").status == 200
    refused = reception.post("/v1/consents", consent_of("a"))
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert api.delete(f"/v1/keys/{key['access_key_id']}").status == 204
    assert reception.get("/v1/holds").status == 401
    (listed,) = (item for item in all_keys(api) if item["access_key_id"] == key["access_key_id"])
    assert listed["revoked_at"] is not None


def all_keys(api: Api) -> list[dict[str, Any]]:
    page = api.get("/v1/keys", limit=3).json
    items = list(page["items"])
    while page["next"] is not None:
        page = api.get("/v1/keys", limit=3, after=page["next"]).json
        items += page["items"]
    return items


def test_a_key_that_is_not_there_is_not_revoked(api: Api) -> None:
    revoked = api.with_key()
    assert api.delete(f"/v1/keys/{revoked.key_id}").status == 204
    for key_id in (revoked.key_id, "CTNCAAAAAAAAAAAAAAAA", "operator", "system"):
        refused = api.delete(f"/v1/keys/{key_id}")
        assert (refused.status, refused.problem) == (404, "access-key-unknown")


def test_a_role_says_what_a_key_is_limited_to(api: Api) -> None:
    key = api.post("/v1/keys", {"name": "the institute", "role": "tester"}).json
    assert key["collections"] == [f"evaluation-{key['access_key_id'].lower()}-*"]
    assert (key["purposes"], key["buckets"], key["administrator"]) == (["testing"], [], False)
    assert "compare_faces" in key["operations"]
    assert "*" not in key["operations"]
    listed = {each["access_key_id"]: each for each in all_keys(api)}[key["access_key_id"]]
    assert listed == {name: value for name, value in key.items() if name != "secret_access_key"}


def test_a_key_reads_pictures_from_its_buckets_alone(
    api: Api, governed: RunningServer, collins: bytes
) -> None:
    (governed.data_dir / "pictures" / "collins.jpg").write_bytes(collins)
    stored = {"image": {"bucket": "pictures", "name": "collins.jpg"}}
    assert api.with_key(buckets=["pict*"]).post("/v1/templates", stored).status == 200
    for buckets in ([], ["other"]):
        refused = api.with_key(buckets=buckets).post("/v1/templates", stored)
        assert (refused.status, refused.problem) == (403, "not-permitted")
        (entry,) = api.get(f"/v1/receipts/{refused.request_id}").json["entries"]
        assert (entry["entry"]["operation"], entry["entry"]["outcome"]) == ("make_templates", "NotPermitted")


@pytest.mark.parametrize(
    "change",
    [
        {"operations": ["index_face"]},
        {"operations": []},
        {"operations": ["IndexFaces"]},
        {"operations": "*"},
        {"collections": ["a b"]},
        {"collections": [""]},
        {"purposes": ["A"]},
        {"buckets": ["a/b"]},
        {"role": "auditor"},
        {"role": "tester", "administrator": True},
        {"role": "tester", "collections": ["staff"]},
        {"role": "tester", "buckets": ["*"]},
        {"administrator": "yes"},
        {"administrator": 1},
        {"name": ""},
        {"name": "a\nb"},
        {"secret_access_key": "x"},
        {"operations": ["*"] * 101},
    ],
    ids=str,
)
def test_what_no_key_can_be_limited_to_is_refused(api: Api, change: dict[str, Any]) -> None:
    assert api.post("/v1/keys", {"name": "a", **change}).problem == "request-invalid"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/moratoria", {"scope": "search", "reason": "b"}),
        ("DELETE", f"/v1/moratoria/{NO_ID}", None),
        ("POST", "/v1/holds", {"subject": "a", "reference": "b"}),
        ("DELETE", f"/v1/holds/{NO_ID}", None),
        ("POST", "/v1/keys", {"name": "a", "administrator": True}),
        ("GET", "/v1/keys", None),
        ("DELETE", "/v1/keys/CTNCAAAAAAAAAAAAAAAA", None),
    ],
)
def test_only_an_administrator_may(api: Api, method: str, path: str, body: object) -> None:
    refused = api.with_key().ask(method, path, body)
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert "administrator" in refused.detail


@pytest.mark.parametrize(
    ("operation", "method", "path", "body"),
    [
        ("list_moratoria", "GET", "/v1/moratoria", None),
        ("look_at_ledger", "GET", "/v1/ledger/key", None),
        ("look_at_ledger", "GET", "/v1/ledger/checkpoint", None),
        ("make_templates", "POST", "/v1/templates", {"image": {"bucket": "b", "name": "n"}}),
        ("erase_subject", "DELETE", "/v1/subjects/a", None),
        ("show_receipt", "GET", f"/v1/receipts/{NO_ID}", None),
        ("list_reviews", "GET", "/v1/reviews", None),
    ],
)
def test_a_key_of_other_operations_may_not(
    api: Api, operation: str, method: str, path: str, body: object
) -> None:
    refused = api.with_key(operations=["list_holds"]).ask(method, path, body)
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert operation in refused.detail
