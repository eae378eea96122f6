"""Erasure over `/v1`, and what proves it to somebody who has only the ledger's public key."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countenance.errors import ReceiptBroken
from countenance.operations.look_into_ledger import check_receipt
from rest.api import Api, consent_of


@pytest.fixture
def enrolled(client: Any, collins: bytes) -> str:
    """A subject with two faces, a user and a consent."""
    subject = f"collins-{uuid.uuid4()}"
    for _ in range(2):
        collection_id = f"gallery-{uuid.uuid4()}"
        client.create_collection(CollectionId=collection_id)
        client.index_faces(CollectionId=collection_id, Image={"Bytes": collins}, ExternalImageId=subject)
    client.create_user(CollectionId=collection_id, UserId=subject)
    return subject


def test_everything_of_a_subject_is_erased_and_the_receipt_proves_it(api: Api, enrolled: str) -> None:
    api.post("/v1/consents", consent_of(enrolled))
    erased = api.delete(f"/v1/subjects/{enrolled}")
    assert erased.status == 200
    assert erased.json == {
        "request_id": erased.request_id,
        "faces": 2,
        "users": 1,
        "consents_ended": 1,
    }
    receipt = api.get(f"/v1/receipts/{erased.request_id}")
    assert receipt.status == 200
    key = api.get("/v1/ledger/key").body.decode()
    verified = check_receipt(receipt.json, key)
    assert verified.erased_faces == 2
    assert verified.keys_destroyed >= 1
    assert enrolled not in receipt.body.decode()
    again = api.delete(f"/v1/subjects/{enrolled}")
    assert again.status == 200
    assert again.json["faces"] == again.json["users"] == again.json["consents_ended"] == 0


def test_an_altered_receipt_proves_nothing(api: Api, enrolled: str) -> None:
    erased = api.delete(f"/v1/subjects/{enrolled}")
    receipt = api.get(f"/v1/receipts/{erased.request_id}").json
    receipt["entries"][0]["entry"]["outcome"] = "failed"
    with pytest.raises(ReceiptBroken):
        check_receipt(receipt, api.get("/v1/ledger/key").body.decode())


def test_of_whom_nothing_is_held_nothing_is_erased(api: Api) -> None:
    refused = api.delete("/v1/subjects/nobody")
    assert (refused.status, refused.problem) == (404, "subject-not-found")


def test_an_interaction_is_recorded_with_or_without_its_time(api: Api, enrolled: str) -> None:
    path = f"/v1/subjects/{enrolled}/interactions"
    before = datetime.now(UTC)
    for body in (None, {}, {"at": None}):
        reply = api.post(path, body)
        assert reply.status == 201
        assert reply.json["subject"] == enrolled
        assert before <= datetime.fromisoformat(reply.json["at"]) <= datetime.now(UTC)
    earlier = before - timedelta(days=7)
    assert datetime.fromisoformat(api.post(path, {"at": earlier.isoformat()}).json["at"]) == earlier


def test_an_interaction_is_with_somebody_and_not_in_the_future(api: Api, enrolled: str) -> None:
    unknown = api.post("/v1/subjects/nobody/interactions")
    assert (unknown.status, unknown.problem) == (404, "subject-not-found")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    future = api.post(f"/v1/subjects/{enrolled}/interactions", {"at": tomorrow})
    assert (future.status, future.problem) == (422, "policy-invalid")


def test_a_receipt_is_for_who_asked_and_for_administrators(api: Api) -> None:
    asking, other = api.with_key(), api.with_key()
    asked = asking.get("/v1/holds").request_id
    assert asking.get(f"/v1/receipts/{asked}").status == 200
    assert api.get(f"/v1/receipts/{asked}").status == 200
    for path in (f"/v1/receipts/{asked}", f"/v1/decisions/{asked}"):
        refused = other.get(path)
        assert (refused.status, refused.problem) == (403, "not-permitted")


def test_a_request_that_never_was_is_not_found(api: Api) -> None:
    for kind in ("receipts", "decisions"):
        refused = api.get(f"/v1/{kind}/{uuid.uuid4()}")
        assert (refused.status, refused.problem) == (404, "ledger-entry-not-found")


def test_a_decision_is_explained(api: Api, client: Any, collins: bytes) -> None:
    collection_id = f"judged-{uuid.uuid4()}"
    client.create_collection(CollectionId=collection_id)
    client.index_faces(CollectionId=collection_id, Image={"Bytes": collins}, MaxFaces=1)
    answer = client.search_faces_by_image(
        CollectionId=collection_id, Image={"Bytes": collins}, FaceMatchThreshold=90
    )
    explained = api.get(f"/v1/decisions/{answer['ResponseMetadata']['RequestId']}")
    assert explained.status == 200
    told = explained.json
    assert told["asked"]["operation"] == "search_faces_by_image"
    assert told["gallery_size"] == 1
    assert 0 < told["false_match_rate"] < 1
    assert told["expected_false_matches"] == pytest.approx(told["false_match_rate"])
    assert told["pack"]["name"] == "dlib-cc0"
    assert told["pack"]["comparisons"] > 1000
    check_receipt(
        {"type": "countenance-receipt/1", "request": told["request_id"], **proofs(told)},
        api.get("/v1/ledger/key").body.decode(),
    )


def proofs(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("entries", "checkpoint")}


def test_what_compares_nothing_is_explained_without_a_rate(api: Api) -> None:
    told = api.get(f"/v1/decisions/{api.get('/v1/holds').request_id}").json
    assert told["asked"]["operation"] == "list_holds"
    for name in ("false_match_rate", "gallery_size", "expected_false_matches", "pack"):
        assert told[name] is None


def test_the_ledger_is_shown_as_text(api: Api) -> None:
    checkpoint, key = api.get("/v1/ledger/checkpoint"), api.get("/v1/ledger/key")
    for reply in (checkpoint, key):
        assert reply.status == 200
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    origin, size, _ = checkpoint.body.decode().split("\n")[:3]
    assert key.body.decode().startswith(f"{origin}+")
    (entry,) = api.get(f"/v1/receipts/{checkpoint.request_id}").json["entries"]
    assert entry["place"] >= int(size)
    assert entry["entry"]["operation"] == "look_at_ledger"


def test_a_signed_checkpoint_is_verified_by_the_command_line(api: Api, governed: Any, tmp_path: Any) -> None:
    (tmp_path / "checkpoint").write_bytes(api.get("/v1/ledger/checkpoint").body)
    key = api.get("/v1/ledger/key").body.decode()
    done = governed.command(
        "ledger", "verify", "--key", key, "--from-checkpoint", str(tmp_path / "checkpoint")
    )
    assert done.returncode == 0, done.stderr
