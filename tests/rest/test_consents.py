"""Consents over `/v1`: recorded, shown, listed page by page, withdrawn with everything that rests on them."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rest.api import Api, Reply, consent_of, in_base64


def recorded(api: Api, subject: str, **other: Any) -> dict[str, Any]:
    reply = api.post("/v1/consents", consent_of(subject, **other))
    assert reply.status == 201, reply.body
    return dict(reply.json)


def all_pages(api: Api, path: str, **query: Any) -> tuple[list[Any], list[Reply]]:
    items: list[Any] = []
    pages: list[Reply] = []
    after: dict[str, Any] = {}
    while True:
        page = api.get(path, **query, **after)
        assert page.status == 200, page.body
        items += page.json["items"]
        pages.append(page)
        if page.json["next"] is None:
            return items, pages
        after = {"after": page.json["next"]}


def test_a_consent_is_shown_as_it_was_recorded(api: Api) -> None:
    before = datetime.now(UTC)
    consent = recorded(api, "ada", expires_at="2090-01-01T12:00:00+02:00", notice_version="3 – März")
    assert consent["subject"] == "ada"
    assert consent["state"] == "valid"
    assert consent["method"] == "written-release"
    assert consent["notice_version"] == "3 – März"
    assert consent["notice_sha256"] == hashlib.sha256(consent_of("")["notice_text"].encode()).hexdigest()
    assert consent["expires_at"] == "2090-01-01T10:00:00Z"
    assert before <= datetime.fromisoformat(consent["given_at"]) <= datetime.now(UTC)
    assert consent["recorded_by"] == api.key_id
    shown = api.get(f"/v1/consents/{consent['consent_id']}")
    assert shown.json == consent | {"evidence_base64": None}


def test_evidence_is_shown_where_it_is_asked_for(api: Api) -> None:
    scan = bytes(range(256)) * 100
    evidence = {"media_type": "image/png", "content_base64": in_base64(scan)}
    consent = recorded(api, "ada", evidence=evidence)
    assert consent["evidence_media_type"] == "image/png"
    assert consent["evidence_sha256"] == hashlib.sha256(scan).hexdigest()
    path = f"/v1/consents/{consent['consent_id']}"
    assert api.get(path).json["evidence_base64"] is None
    assert api.get(path, evidence="true").json["evidence_base64"] == in_base64(scan)


def test_the_hash_of_a_notice_may_be_sent_instead_of_its_text(api: Api) -> None:
    digest = hashlib.sha256(b"a notice").hexdigest()
    assert recorded(api, "ada", notice_text=None, notice_sha256=digest)["notice_sha256"] == digest


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"given_at": "2089-01-01T00:00:00Z"}, "cannot be given in the future"),
        ({"given_at": "2020-01-01T00:00:00Z", "expires_at": "2019-01-01T00:00:00Z"}, "ends after"),
        ({"method": "guardian"}, "names the guardian"),
        (
            {"evidence": {"media_type": "a/b", "content_base64": in_base64(bytes(5_242_881))}},
            "at most 5,242,880 bytes",
        ),
    ],
)
def test_what_cannot_be_is_not_recorded(api: Api, change: dict[str, Any], told: str) -> None:
    refused = api.post("/v1/consents", consent_of("ada", **change))
    assert (refused.status, refused.problem) == (422, "policy-invalid")
    assert told in refused.detail


def test_a_consent_that_is_not_there_is_not_found(api: Api) -> None:
    path = f"/v1/consents/{uuid.uuid4()}"
    for reply in (api.get(path), api.post(f"{path}/withdrawal")):
        assert (reply.status, reply.problem) == (404, "consent-not-found")


def test_consents_are_listed_page_by_page(api: Api) -> None:
    made = [recorded(api, "listed")["consent_id"] for _ in range(5)]
    items, pages = all_pages(api, "/v1/consents", subject="listed", limit=2)
    assert [item["consent_id"] for item in items] == made
    assert [len(page.json["items"]) for page in pages] == [2, 2, 1]
    assert all(item["consent_id"] in made for item in items)
    everybodys, _ = all_pages(api, "/v1/consents", limit=3)
    assert set(made) < {item["consent_id"] for item in everybodys}


def test_a_page_of_one_list_is_none_of_another(api: Api) -> None:
    for _ in range(2):
        recorded(api, "one")
        recorded(api, "another")
    after = api.get("/v1/consents", subject="one", limit=1).json["next"]
    for query in ({"subject": "another"}, {}):
        assert api.get("/v1/consents", after=after, **query).problem == "pagination-token-invalid"
    assert api.get("/v1/reviews", after=after).problem == "pagination-token-invalid"


def test_withdrawal_ends_use_and_erases_at_once(api: Api, client: Any, collins: bytes) -> None:
    made = api.post("/v1/collections", {"collection_id": "doors", "policy": {"jurisdiction": "bipa"}})
    assert made.status == 201
    changed = api.patch("/v1/collections/doors/policy", {"purpose": "access-control"})
    assert changed.status == 200
    enrolling = {"CollectionId": "doors", "Image": {"Bytes": collins}, "ExternalImageId": "collins"}
    with pytest.raises(ClientError, match="consent"):
        client.index_faces(**enrolling)
    consent = recorded(api, "collins")
    assert client.index_faces(**enrolling)["FaceRecords"]
    search = {"CollectionId": "doors", "Image": {"Bytes": collins}}
    assert client.search_faces_by_image(**search)["FaceMatches"]
    ended = api.post(f"/v1/consents/{consent['consent_id']}/withdrawal")
    assert ended.status == 200
    assert ended.json["consent"]["state"] == "withdrawn"
    assert (ended.json["erased_faces"], ended.json["held"]) == (1, False)
    assert not client.search_faces_by_image(**search)["FaceMatches"]
    receipt = api.get(f"/v1/receipts/{ended.json['request_id']}")
    assert ended.json["request_id"] == ended.request_id == receipt.json["request"]
    operations = [entry["entry"]["operation"] for entry in receipt.json["entries"]]
    assert operations[:3] == ["withdraw_consent", "erase_withdrawn", "destroy_keys"]


def test_a_consent_withdrawn_twice_keeps_its_time(api: Api) -> None:
    path = f"/v1/consents/{recorded(api, 'ada')['consent_id']}/withdrawal"
    first, second = api.post(path), api.post(path)
    assert first.status == second.status == 200
    assert first.json["consent"]["withdrawn_at"] == second.json["consent"]["withdrawn_at"]


def test_a_key_of_other_purposes_may_not_record(api: Api) -> None:
    limited = api.with_key(purposes=["event-*"])
    refused = limited.post("/v1/consents", consent_of("ada"))
    assert (refused.status, refused.problem) == (403, "policy-forbids")
    assert limited.post("/v1/consents", consent_of("ada", purpose="event-2026")).status == 201


def test_a_consent_in_the_past_is_expired(api: Api) -> None:
    now = datetime.now(UTC)
    given, expired = now - timedelta(days=2), now - timedelta(days=1)
    consent = recorded(api, "ada", given_at=given.isoformat(), expires_at=expired.isoformat())
    assert consent["state"] == "expired"
