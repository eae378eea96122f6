"""Access keys in the console: made for what they are for, shown once, revoked for good."""

from __future__ import annotations

import uuid
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from countenance.doors.console.key_drafts import PRESETS
from countenance.operations.names import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.visitor import Page, Visitor
    from rest.api import Api

NEW = "/console/new-key"


def made(visitor: Visitor, **fields: str) -> Page:
    form = {"name": f"gate {uuid.uuid4()}", "use": "gate", "operations": "", "collections": "*"}
    return visitor.post(NEW, form | {"purposes": "*", "buckets": "", **fields}, shown_on=NEW)


def key_on(page: Page, api: Api) -> Api:
    """Return the API with the key that a page shows."""
    key_id, secret = (each.get_text() for each in page.all(".facts code")[:2])
    return replace(api, key_id=key_id, secret=secret)


def record_of(api: Api, key: Api) -> dict[str, Any]:
    found: list[dict[str, Any]] = api.get("/v1/keys", limit=1000).json["items"]
    (record,) = [each for each in found if each["access_key_id"] == key.key_id]
    return record


def test_the_secret_is_shown_once_and_kept_by_no_browser(admin: Visitor, api: Api) -> None:
    page = made(admin, collections="staff, visitors-*")
    key = key_on(page, api)
    assert page.headers["cache-control"] == "no-store"
    assert "?" not in page.path
    assert key.get("/v1/reviews").status == 403
    record = record_of(api, key)
    assert record["operations"] == list(PRESETS["gate"])
    assert record["collections"] == ["staff", "visitors-*"]
    assert (record["buckets"], record["administrator"]) == ([], False)
    listed = admin.get("/console/keys")
    assert key.key_id in listed.text
    assert key.secret not in listed.content.decode()


@pytest.mark.parametrize("use", sorted(PRESETS))
def test_each_use_makes_a_key_that_its_owner_can_sign_in_with(
    admin: Visitor, api: Api, visitor: Callable[[Api], Visitor], use: str
) -> None:
    key = key_on(made(admin, use=use), api)
    assert record_of(api, key)["operations"] == list(PRESETS[use])
    page = visitor(key).get("/console/")
    assert page.status == 200
    assert not page.all("nav a[href='/console/keys']")


@pytest.mark.parametrize("use", sorted(set(PRESETS) - {"everything"}))
def test_the_operations_of_each_use_are_there_and_none_governs(use: str) -> None:
    for pattern in PRESETS[use]:
        assert any(fnmatchcase(name, pattern) for name in OPERATIONS), pattern


def test_an_administrators_key_governs_and_a_testers_sees_only_its_own(admin: Visitor, api: Api) -> None:
    assert record_of(api, key_on(made(admin, use="administrator"), api))["administrator"]
    tester = record_of(api, key_on(made(admin, use="tester", collections="staff"), api))
    assert tester["purposes"] == ["testing"]
    assert tester["collections"] == [f"evaluation-{tester['access_key_id'].lower()}-*"]


def test_operations_may_be_named(admin: Visitor, api: Api) -> None:
    page = made(admin, use="own", operations="search_*, detect_faces\nlist_faces", buckets="visitors")
    record = record_of(api, key_on(page, api))
    assert record["operations"] == ["search_*", "detect_faces", "list_faces"]
    assert record["buckets"] == ["visitors"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": ""}, "A name is needed"),
        ({"name": "x" * 201}, "A name is needed"),
        ({"use": ""}, "Choose what the key is for."),
        ({"use": "own", "operations": ""}, "Name 1 to 100 of them"),
        ({"use": "own", "operations": "fly"}, "No operation has this name: fly"),
        ({"use": "own", "operations": "Search"}, "This is not possible here: Search"),
        ({"collections": ""}, "Name 1 to 100 of them"),
        ({"collections": "a/b"}, "This is not possible here: a/b"),
        ({"purposes": "<script>"}, "This is not possible here: <script>"),
        ({"buckets": "a " * 101}, "Name 1 to 100 of them"),
    ],
)
def test_what_is_no_key_comes_back_with_the_form(admin: Visitor, fields: dict[str, str], told: str) -> None:
    page = made(admin, **{"name": "gate", "collections": "staff"} | fields)
    assert page.status == 422
    assert page.says("No key is made yet", told)
    assert page.one("input[name=collections]")["value"] == fields.get("collections", "staff")


def test_a_key_is_revoked_after_asking_and_whoever_used_it_is_signed_out(
    admin: Visitor, api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    key = key_on(made(admin, use="everything"), api)
    owner = visitor(key)
    revoke = f"/console/keys/{key.key_id}/revoke"
    page = admin.get(revoke)
    assert page.says("Revoke this key?", key.key_id)
    assert "This is the last administrator's key." not in page.text
    assert admin.post(revoke, shown_on=revoke).says("The key is revoked.")
    assert owner.get("/console/").says("Your session is over.")
    assert admin.get(revoke).status == 404
    assert admin.post(revoke, shown_on="/console/").status == 404


def test_a_key_that_revokes_itself_ends_its_session(
    admin: Visitor, api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    key = key_on(made(admin, use="administrator"), api)
    owner = visitor(key)
    revoke = f"/console/keys/{key.key_id}/revoke"
    assert owner.get(revoke).says("This is the key you have signed in with. You will be signed out.")
    assert owner.post(revoke, shown_on=revoke).says("Your session is over.")


def test_others_than_administrators_are_shown_no_keys(api: Api, visitor: Callable[[Api], Visitor]) -> None:
    clerk = visitor(api.with_key())
    assert clerk.get("/console/keys").status == 403
    assert made(clerk).status == 403
    revoke = f"/console/keys/{api.key_id}/revoke"
    assert clerk.post(revoke, shown_on="/console/").status == 403
    assert api.get("/v1/keys").status == 200
