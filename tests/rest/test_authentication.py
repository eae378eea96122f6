"""Nobody gets past `/v1` without a key, and nobody learns which part of what they showed was wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rest.api import Api
from serving import RunningServer


@pytest.mark.parametrize("signs", [False, True])
def test_a_bearer_token_and_a_signature_open_the_door(api: Api, signs: bool) -> None:
    assert replace(api, signs=signs).get("/v1/holds").status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/consents?subject=a%3Ab&limit=5", None),
        ("GET", "/v1/consents?limit=5&subject=eileen", None),
        ("POST", "/v1/holds", {"subject": "a:b", "reference": "Ünïcödé § 7"}),
        ("DELETE", "/v1/subjects/a%3Ab", None),
    ],
)
def test_signatures_cover_method_path_query_and_body(api: Api, method: str, path: str, body: object) -> None:
    assert api.signing().ask(method, path, body).status in {200, 201, 404, 409}


def test_what_was_altered_after_it_was_signed_is_refused(api: Api) -> None:
    headers = api.signing().authorization("GET", "/v1/holds")
    assert api.send("GET", "/v1/holds", headers=headers).status == 200
    for method, path, body in (
        ("GET", "/v1/holds?released=true", b""),
        ("GET", "/v1/consents", b""),
        ("DELETE", "/v1/holds", b""),
        ("GET", "/v1/holds", b"{}"),
    ):
        refused = api.send(method, path, body, headers)
        assert (refused.status, refused.problem) == (401, "signature-invalid")


def test_a_signature_for_another_service_is_refused(api: Api) -> None:
    refused = replace(api.signing(), service="rekognition").get("/v1/holds")
    assert (refused.status, refused.problem) == (401, "signature-invalid")


@pytest.mark.parametrize("path", ["/v1/holds", "/v1/nothing", "/v1/keys/CTNC", "/v1/"])
def test_whoever_shows_no_key_learns_only_how_to_show_one(api: Api, path: str) -> None:
    refused = api.send("GET", path)
    assert (refused.status, refused.problem) == (401, "authentication-missing")
    assert refused.headers["www-authenticate"] == 'Bearer realm="countenance"'


def test_an_unknown_key_a_revoked_one_and_a_wrong_secret_are_refused_alike(api: Api) -> None:
    revoked = api.with_key()
    assert revoked.get("/v1/holds").status == 200
    assert api.delete(f"/v1/keys/{revoked.key_id}").status == 204
    another = api.secret[:-1] + ("a" if api.secret[-1] != "a" else "b")
    wrong = [
        revoked,
        replace(api, key_id="CTNCAAAAAAAAAAAAAAAA"),
        *(replace(api, secret=secret) for secret in (another, api.secret[:-1], "a")),
    ]
    replies = [each.get("/v1/holds") for each in wrong]
    told = {(reply.status, reply.problem, reply.detail) for reply in replies}
    ((status, problem, _),) = told
    assert (status, problem) == (401, "access-key-unknown")


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer .",
        "Bearer x",
        "Bearer a.",
        "Bearer .b",
        "Bearer a.b c",
        "Bearer a.b.c",
        "Bearer \xff.\xfe",
        "Bearer " + "a" * 5000 + ".b",
        "Basic YTpi",
        "AWS4-HMAC-SHA256 Credential=a",
        "bearertoken",
    ],
)
def test_what_is_no_token_is_refused(api: Api, authorization: str) -> None:
    refused = api.send("GET", "/v1/holds", headers={"Authorization": authorization})
    assert (refused.status, refused.problem) == (401, "signature-invalid")


def test_the_schemes_name_may_be_in_any_case(api: Api) -> None:
    assert api.send("GET", "/v1/holds", headers={"authorization": f"bEaReR {api.token}"}).status == 200


def test_two_authorizations_are_none(api: Api) -> None:
    headers = [("Authorization", f"Bearer {api.token}"), ("Authorization", "Bearer a.b")]
    refused = api.send("GET", "/v1/holds", headers=headers)
    assert (refused.status, refused.problem) == (401, "signature-invalid")


def test_refusals_of_authentication_leave_no_entry(api: Api) -> None:
    refused = api.send("GET", "/v1/holds")
    assert api.get(f"/v1/receipts/{refused.request_id}").problem == "ledger-entry-not-found"


def test_the_description_needs_no_key(api: Api) -> None:
    shown = api.send("GET", "/v1/openapi.json")
    assert shown.status == 200
    assert shown.headers["content-type"] == "application/json"
    assert shown.json["openapi"].startswith("3.1")


def test_a_token_is_in_no_log(governed: RunningServer, api: Api) -> None:
    api.get("/v1/holds")
    assert api.secret not in governed.log()
