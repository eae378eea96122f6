"""`/v1/collections/…/groups`: groups are listed, shown, changed, named and undone."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import pytest

from contract.grouping import Album
from countenance.settings import read_settings
from countenance.wiring import open_office
from new_faces import face_id
from rest.api import Api, consent_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def collection(api: Api) -> str:
    """An empty collection that may be grouped."""
    made = f"album-{uuid.uuid4()}"
    policy = {"grouping": "allowed", "purpose": "access-control"}
    assert api.post("/v1/collections", {"collection_id": made, "policy": policy}).status == 201
    return made


@pytest.fixture
def album(governed: RunningServer, collection: str) -> Iterator[Album]:
    """Its faces 1 to 6; 1 to 3 are suggested to be one person, 4 and 5 another."""
    with open_office(read_settings(data_dir=governed.data_dir)) as office:
        with office.gallery.reading() as reader:
            made = Album(office, reader.collection(collection))
        made.enrol(*range(1, 7))
        made.suggest([1, 2, 3], [4, 5])
        yield made


def path(album: Album, *parts: str) -> str:
    return "/".join(("/v1/collections", album.name, *parts))


def test_groups_are_listed_and_shown_with_their_faces_in_pages(api: Api, album: Album) -> None:
    listed = api.get(path(album, "groups"))
    first, second = listed.json["items"]
    assert (first["state"], first["face_count"], first["confirmed_count"]) == ("suggested", 3, 0)
    assert (first["user_id"], second["face_count"], listed.json["next"]) == (None, 2, None)
    page = api.get(path(album, "groups"), limit=1)
    after = api.get(path(album, "groups"), limit=1, after=page.json["next"])
    assert [*page.json["items"], *after.json["items"]] == [first, second]
    shown = api.get(path(album, "groups", first["group_id"]), limit=2).json
    assert [face["face_id"] for face in shown["faces"]] == [face_id(1), face_id(2)]
    rest = api.get(path(album, "groups", first["group_id"]), after=shown["next"]).json
    assert [(face["face_id"], face["confirmed"]) for face in rest["faces"]] == [(face_id(3), False)]
    assert {**shown, "faces": [], "next": None} == {**first, "faces": [], "next": None}
    assert api.get(path(album, "groups", second["group_id"]), after=shown["next"]).status == 422


def test_groups_are_changed_and_everything_is_undone(api: Api, album: Album) -> None:
    one, other = (group.group_id for group in album.groups())
    asked = [
        ("confirmation", None, "confirm"),
        ("rejections", {"face_ids": [face_id(3)]}, "reject"),
        ("moves", {"face_ids": [face_id(6)]}, "move"),
        ("splits", {"face_ids": [face_id(1)]}, "split"),
        ("merges", {"group_ids": [other]}, "merge"),
    ]
    edits = []
    for what, body, kind in asked:
        made = api.post(path(album, "groups", one, what), body)
        assert (made.status, made.json["kind"], made.json["made_by"]) == (201, kind, api.key_id)
        assert made.json["request_id"] == made.request_id
        edits.append(made.json["edit_id"])
    assert album.people() == [{1}, {2, 4, 5, 6}]
    confirmed = api.get(path(album, "groups"), state="confirmed").json["items"]
    assert [group["face_count"] for group in confirmed] == [4, 1]
    blocked = api.post(path(album, "group-edits", "undo"), {"edit_id": edits[0]})
    assert (blocked.status, blocked.problem) == (409, "group-edit-invalid")
    assert f"split {edits[3]}, reject {edits[1]}" in blocked.detail
    assert api.post(path(album, "group-edits", "undo"), {"edit_id": edits[3]}).status == 201
    for edit in (edits[4], edits[2], edits[1], edits[0]):
        assert api.post(path(album, "group-edits", "undo"), {}).json["undoes"] == edit
    assert album.people() == [{1, 2, 3}, {4, 5}]
    history = api.get(path(album, "group-edits"), limit=2).json
    assert [edit["kind"] for edit in history["items"]] == ["undo", "undo"]
    older = api.get(path(album, "group-edits"), after=history["next"]).json["items"]
    assert [edit["kind"] for edit in older][-1] == "grouping"
    assert [edit["edit_id"] for edit in older if edit["kind"] in {"merge", "confirm"}] == [edits[4], edits[0]]
    assert all(edit["undone_by"] for edit in older if edit["edit_id"] in edits)


def test_a_name_takes_the_consent_of_the_named(api: Api, album: Album) -> None:
    group, name = album.of(1).group_id, f"ann-{uuid.uuid4()}"
    refused = api.post(path(album, "groups", group, "name"), {"user_id": name})
    assert (refused.status, refused.problem) == (403, "consent-missing")
    assert "record one at /v1/consents" in refused.detail
    assert api.post("/v1/consents", consent_of(name)).status == 201
    assert api.post(path(album, "groups", group, "name"), {"user_id": name}).json["kind"] == "name"
    assert api.get(path(album, "groups", group)).json["user_id"] == name
    assert api.post(path(album, "groups", group, "name"), {"user_id": "a b"}).status == 422
    again = api.post(path(album, "groups", group, "name"), {"user_id": name})
    assert (again.status, again.problem) == (409, "group-edit-invalid")


def test_what_is_not_there_is_told(api: Api, album: Album) -> None:
    group = album.of(1).group_id
    for asked, problem in (
        (api.get(path(album, "groups", NOBODY)), "group-not-found"),
        (api.post(path(album, "groups", NOBODY, "confirmation")), "group-not-found"),
        (api.post(path(album, "groups", group, "moves"), {"face_ids": [NOBODY]}), "face-not-found"),
        (api.post(path(album, "group-edits", "undo"), {"edit_id": NOBODY}), "group-edit-not-found"),
        (api.get("/v1/collections/nothing/groups"), "collection-not-found"),
        (api.get("/v1/collections/nothing/group-edits"), "collection-not-found"),
    ):
        assert (asked.status, asked.problem) == (404, problem)
    bad: list[list[str]] = [[], [face_id(1)] * 1001, ["../x"]]
    for face_ids in bad:
        assert api.post(path(album, "groups", group, "splits"), {"face_ids": face_ids}).status == 422


def test_a_collection_whose_policy_does_not_allow_it_is_not_grouped(api: Api) -> None:
    made = f"staff-{uuid.uuid4()}"
    api.post("/v1/collections", {"collection_id": made})
    refused = api.post(f"/v1/collections/{made}/groupings")
    assert (refused.status, refused.problem) == (403, "policy-forbids")
    assert "countenance:grouping=allowed" in refused.detail
    lines = {line["name"]: line for line in api.get(f"/v1/collections/{made}/policy").json["lines"]}
    assert (lines["grouping"]["value"], lines["grouping"]["origin"]) == ("refused", "default")


def test_the_server_groups_what_is_asked_for(api: Api, album: Album) -> None:
    asked = api.post(path(album, "groupings"))
    assert (asked.status, asked.json["kind"], asked.json["collection_id"]) == (201, "group_faces", album.name)
    until = time.monotonic() + 30
    while (job := api.get(f"/v1/jobs/{asked.json['job_id']}").json)["state"] in {"waiting", "running"}:
        assert time.monotonic() < until, job
        time.sleep(0.1)
    assert (job["state"], job["progress"]["counts"]) == ("succeeded", {"changed": 5, "faces": 6, "groups": 0})
    assert album.people() == [], "no two of these faces are alike"
