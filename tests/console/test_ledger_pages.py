"""The ledger in the console: browsing, filters, one request, and what is handed out to verify elsewhere."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from conformance import pictures
from countenance.ledger import VerifierKey, read_checkpoint, verify_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from console.visitor import Page, Visitor
    from rest.api import Api
    from serving import RunningServer


@pytest.fixture(scope="module")
def search(console: RunningServer, astronaut: Path) -> tuple[str, str]:
    """A collection with one face, and the id of a request that searched it."""
    client, collection_id = console.boto3_client(), f"ledger-{uuid.uuid4()}"
    client.create_collection(CollectionId=collection_id, Tags={"countenance:purpose": "entry"})
    picture = {"Bytes": pictures.jpeg(pictures.opened(astronaut.read_bytes()).crop((90, 0, 370, 300)))}
    client.index_faces(CollectionId=collection_id, Image=picture, ExternalImageId="collins")
    answer = client.search_faces_by_image(CollectionId=collection_id, Image=picture)
    return collection_id, str(answer["ResponseMetadata"]["RequestId"])


def rows(page: Page) -> list[list[str]]:
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("td, th")]
        for row in page.all(".entries tbody tr")
    ]


def test_entries_are_listed_newest_first_in_pages(admin: Visitor) -> None:
    for _ in range(52):
        admin.get("/console/ledger?operation=list_faces")
    page = admin.get("/console/ledger")
    numbers = [int(row[0].replace(",", "")) for row in rows(page)]
    assert len(numbers) == 50
    assert numbers == sorted(numbers, reverse=True)
    older = admin.get(str(page.one("a[rel=next]")["href"]))
    assert int(rows(older)[0][0].replace(",", "")) == numbers[-1] - 1
    assert older.says("To the newest")


def test_entries_are_found_by_what_they_say(admin: Visitor, search: tuple[str, str]) -> None:
    collection_id, request_id = search
    page = admin.get(f"/console/ledger?collection={collection_id}&operation=search_faces_by_image")
    (row,) = rows(page)
    assert row[2:5] == ["search faces by image", "done", collection_id]
    assert row[6].startswith(request_id[:8])
    assert str(page.one("input[name=collection]")["value"]) == collection_id
    assert len(rows(admin.get(f"/console/ledger?request={request_id}"))) == 1
    assert admin.get(f"/console/ledger?request={uuid.uuid4()}").says("There is no such entry.")


def test_days_are_those_of_a_calendar(admin: Visitor) -> None:
    assert admin.get("/console/ledger?since=2999-01-01").says("There is no such entry.")
    assert rows(admin.get("/console/ledger?since=2020-01-01&until=2999-01-01"))
    for text in ("0000-01-01", "tomorrow", "2026-02-30", "9999-12-31"):
        page = admin.get(f"/console/ledger?since={text}")
        assert (page.status, page.says("This is no day.")) == (200, True)


def test_a_token_of_another_list_is_refused(admin: Visitor) -> None:
    page = admin.get("/console/ledger?since=2020-01-01")
    after = str(page.one("a[rel=next]")["href"]).rpartition("after=")[2]
    assert admin.get(f"/console/ledger?after={after}").status == 422


def test_other_keys_see_what_they_asked_themselves(
    api: Api, visitor: Callable[[Api], Visitor], search: tuple[str, str]
) -> None:
    _, request_id = search
    clerk = visitor(api.with_key(operations=["browse_ledger", "show_receipt", "list_faces"]))
    clerk.get("/console/ledger")
    page = clerk.get("/console/ledger")
    assert page.says("You see what your own key asked.")
    assert {row[2] for row in rows(page)} == {"browse ledger"}
    assert not page.all("input[name=key]")
    assert not page.all("main a[download]")
    refused = clerk.get(f"/console/ledger/requests/{request_id}")
    assert (refused.status, refused.says("another access key asked that")) == (403, True)


def test_a_key_that_may_only_take_checkpoints_is_shown_no_entries(
    api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    page = visitor(api.with_key(operations=["look_at_ledger"])).get("/console/ledger")
    assert len(page.all("main a[download]")) == 2
    assert not page.all(".entries, .filters")


def test_a_request_is_explained_and_its_entries_are_shown(admin: Visitor, search: tuple[str, str]) -> None:
    collection_id, request_id = search
    page = admin.get(f"/console/ledger/requests/{request_id}")
    assert page.says(
        "What was asked and answered",
        "One of 1,000 strangers reaches it by chance.",
        "Faces or users searched 1",
        "Strangers to expect in the answer 0.001",
        "purpose:entry",
        "Everything else that was recorded",
    )
    assert [str(link["href"]) for link in page.all("main dd a")] == [f"/console/collections/{collection_id}"]


def test_what_the_ledger_does_not_hold_is_not_found(admin: Visitor) -> None:
    for request_id in (str(uuid.uuid4()), "%00", "%2e%2e", "x" * 500):
        page = admin.get(f"/console/ledger/requests/{request_id}")
        assert (page.status, page.says("The ledger has no such entry")) == (404, True)


def test_what_is_downloaded_verifies_elsewhere(admin: Visitor, search: tuple[str, str]) -> None:
    _, request_id = search
    key = VerifierKey.parse(admin.get("/console/ledger/key.txt").content.decode())
    checkpoint = admin.get("/console/ledger/checkpoint.txt")
    assert read_checkpoint(checkpoint.content.decode(), key).size > 0
    receipt = admin.get(f"/console/ledger/requests/{request_id}/receipt.json")
    assert receipt.headers["content-disposition"] == f'attachment; filename="receipt-{request_id}.json"'
    assert verify_receipt(json.loads(receipt.content), key).request_id == request_id


@pytest.mark.parametrize("size", ["", "-1", "1.5", "１", "9" * 30, "a"])
def test_a_size_is_a_number(admin: Visitor, size: str) -> None:
    assert admin.client.get("/console/ledger/consistency.json", params={"size": size}).status_code == 400


def test_a_ledger_that_never_was_so_long_shows_nothing(admin: Visitor) -> None:
    answer = admin.client.get("/console/ledger/consistency.json?size=999999999")
    assert (answer.status_code, answer.json()) == (404, {"shrunk": True})


def test_names_of_people_that_are_no_names_are_shown_and_never_run(admin: Visitor, api: Api) -> None:
    evil = '<img src=x onerror="alert(1)">'
    api.post("/v1/moratoria", {"scope": f"purpose:{evil}", "reason": evil})
    page = admin.get(f"/console/ledger?operation={evil}&collection={evil}&since={evil}")
    assert page.status == 200
    assert not page.all("img[src=x]")
    assert str(page.one("input[name=operation]")["value"]) == evil
