"""Whatever is sent is answered: with what was asked for, or with a problem that says what is wrong."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from rest.api import Api, Reply, consent_of, in_base64
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

SECRETS = ("do-not-tell", "do not tell")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that does one thing at a time, takes short bodies, and was started with a moratorium."""
    settings = {"max_request_bytes": 200_000, "workers": 1, "most_waiting": 0}
    folder = tmp_path_factory.mktemp("small")
    with running_server(folder, **settings, moratorium="purpose:forbidden", log_level="info") as started:
        yield started


def test_an_answer_has_its_id_in_its_header_and_is_not_kept_on_the_way(api: Api) -> None:
    first, second = api.get("/v1/holds"), api.get("/v1/holds")
    assert first.request_id != second.request_id
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/", "/v1/nothing", "/v1/%0A", "/v1/holds/", "/v1/holds/a/b", "/v1//holds", "/v1/Holds"],
)
def test_there_is_nothing_elsewhere(api: Api, path: str) -> None:
    refused = api.get(path)
    assert (refused.status, refused.problem) == (404, "route-not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/v1/holds", "GET, POST"),
        ("DELETE", "/v1/keys", "GET, POST"),
        ("GET", "/v1/subjects/eileen", "DELETE"),
        ("POST", "/v1/collections/staff/policy", "GET, PATCH"),
        ("OPTIONS", "/v1/templates", "POST"),
    ],
)
def test_a_method_that_a_route_has_not_is_told_with_those_that_it_has(
    api: Api, method: str, path: str, allowed: str
) -> None:
    refused = api.ask(method, path)
    assert (refused.status, refused.problem) == (405, "method-not-allowed")
    assert refused.headers["allow"] == allowed


def test_head_is_refused_without_a_body(api: Api) -> None:
    refused = api.ask("HEAD", "/v1/holds")
    assert (refused.status, refused.body) == (405, b"")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"\xff\xfe",
        b"{'a': 1}",
        b'{"subject": NaN}',
        b'{"subject": Infinity}',
        b'{"subject": "a\nb"}',
        b'{"subject": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_json_is_refused(api: Api, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    refused = api.send("POST", "/v1/holds", body, headers)
    assert (refused.status, refused.problem) in {(400, "request-malformed"), (422, "request-invalid")}
    assert refused.status == 400 or not body


@pytest.mark.parametrize("depth", [50, 400, 900])
def test_deep_json_is_refused_as_what_it_is_not(api: Api, depth: int) -> None:
    lists, objects = b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth
    nested = b'{"subject": ' + lists + b', "x": ' + objects + b"}"
    refused = api.ask("POST", "/v1/holds", nested)
    assert (refused.status, refused.problem) in {(400, "request-malformed"), (422, "request-invalid")}


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "json", ""],
)
def test_only_json_is_taken(api: Api, kind: str | None) -> None:
    headers = {"Authorization": f"Bearer {api.token}"} | ({"Content-Type": kind} if kind is not None else {})
    refused = api.send("POST", "/v1/holds", b'{"subject": "a", "reference": "b"}', headers)
    assert (refused.status, refused.problem) == (415, "media-type-not-supported")


def test_the_media_type_may_have_parameters(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "Application/JSON; charset=utf-8"}
    body = json.dumps({"subject": "typed", "reference": "b"}).encode()
    assert api.send("POST", "/v1/holds", body, headers).status == 201


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"subject": "do-not-tell\0"}, "body.subject"),
        ({"subject": "do-not-tell\ud800"}, "body.subject"),
        ({"subject": "do not tell"}, "body.subject"),
        ({"subject": "a" * 256}, "body.subject"),
        ({"subject": ""}, "body.subject"),
        ({"subject": 7}, "body.subject"),
        ({"subject": None}, "body.subject"),
        ({"subject": ["do-not-tell"]}, "body.subject"),
        ({"purpose": "Do-not-tell"}, "body.purpose"),
        ({"notice_version": "do not tell\n"}, "body.notice_version"),
        ({"notice_version": "a\0do not tell"}, "body.notice_version"),
        ({"notice_text": "do not tell\0"}, "body.notice_text"),
        ({"notice_text": "a\udfffdo not tell"}, "body.notice_text"),
        ({"notice_text": None}, "body"),
        ({"notice_sha256": "0" * 64}, "body"),
        ({"notice_text": None, "notice_sha256": "do-not-tell"}, "body.notice_sha256"),
        ({"method": "do-not-tell"}, "body.method"),
        ({"method": 1}, "body.method"),
        ({"signer": ""}, "body.signer"),
        ({"signer": "do not tell\x1b[31m"}, "body.signer"),
        ({"given_at": "2026-01-01T00:00:00"}, "body.given_at"),
        ({"given_at": "2026-01-01"}, "body.given_at"),
        ({"given_at": 1_700_000_000}, "body.given_at"),
        ({"given_at": "1700000000"}, "body.given_at"),
        ({"given_at": "do not tell"}, "body.given_at"),
        ({"given_at": "0001-01-01T00:00:00+14:00"}, "body.given_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "body.expires_at"),
        ({"expires_at": "2026-13-01T00:00:00Z"}, "body.expires_at"),
        ({"expires_at": True}, "body.expires_at"),
        ({"evidence": {"media_type": "application/pdf"}}, "body.evidence.content_base64"),
        ({"evidence": {"media_type": "application/pdf", "content_base64": "do not tell"}}, "content_base64"),
        ({"evidence": {"media_type": "do not tell", "content_base64": "AAAA"}}, "body.evidence.media_type"),
        ({"evidence": "do-not-tell"}, "body.evidence"),
        ({"consent_id": "do-not-tell"}, "body.consent_id"),
        ({"do not tell \ud800": 1}, "body"),
        ({"do not tell": 1}, "body.…"),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_a_member_that_is_not_as_described_is_named_and_its_value_is_not(
    api: Api, change: dict[str, Any], place: str
) -> None:
    refused = api.post("/v1/consents", consent_of("eileen") | change)
    assert (refused.status, refused.problem) == (422, "request-invalid")
    assert place in refused.detail
    assert not any(secret in refused.detail for secret in SECRETS)


@pytest.mark.parametrize("body", [[], "text", 7, None, True, [{}]])
def test_a_body_that_is_no_object_is_refused(api: Api, body: object) -> None:
    refused = api.ask("POST", "/v1/consents", json.dumps(body).encode())
    assert (refused.status, refused.problem) == (422, "request-invalid")


def test_of_very_many_mistakes_only_some_are_told(api: Api) -> None:
    refused = api.post("/v1/consents", {f"member_{number}": number for number in range(5000)})
    assert (refused.status, refused.problem) == (422, "request-invalid")
    assert len(refused.detail) < 2000
    assert refused.detail.endswith("more")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/consents/not-an-id",
        "/v1/consents/%00",
        "/v1/consents/5F0C1B8E-4A3D-4C2B-9E1F-7D6C5B4A3F2E",
        "/v1/receipts/do-not-tell",
        "/v1/decisions/%ed%a0%80",
        "/v1/consents?subject=%00",
        "/v1/consents?subject=%ff",
        "/v1/consents?subject=",
        "/v1/consents?limit=0",
        "/v1/consents?limit=1001",
        "/v1/consents?limit=1.5",
        "/v1/consents?limit=do-not-tell",
        "/v1/consents?limit=99999999999999999999999",
        f"/v1/consents?after={'a' * 65}",
        "/v1/reviews?state=do-not-tell",
        "/v1/holds?released=do-not-tell",
        "/v1/collections/a%20b/policy",
        f"/v1/collections/{'a' * 256}/policy",
    ],
)
def test_an_address_that_is_not_as_described_is_refused(api: Api, path: str) -> None:
    refused = api.get(path)
    assert (refused.status, refused.problem) == (422, "request-invalid")
    assert "do-not-tell" not in refused.detail


@pytest.mark.parametrize("subject", ["a%00b", "%ff", "a" * 256, "a%20b", "a%0Ab"])
def test_a_name_that_nobody_can_have_is_refused(api: Api, subject: str) -> None:
    assert api.delete(f"/v1/subjects/{subject}").problem == "request-invalid"


@pytest.mark.parametrize("token", ["AAAA", "", "\u00e9", "a" * 64])
def test_a_made_up_page_is_refused(api: Api, token: str) -> None:
    refused = api.get("/v1/consents", after=token)
    assert (refused.status, refused.problem) == (422, "pagination-token-invalid")


def test_a_body_over_the_limit_is_refused_and_one_within_is_taken(small: RunningServer) -> None:
    api = Api.of(small)
    refused = api.post("/v1/consents", consent_of("a", notice_text="a" * 250_000))
    assert (refused.status, refused.problem) == (413, "request-too-large")
    assert "200,000" in refused.detail
    evidence = {"media_type": "text/plain", "content_base64": in_base64(bytes(100_000))}
    assert api.post("/v1/consents", consent_of("a", evidence=evidence)).status == 201


def test_more_than_a_server_does_at_a_time_is_to_be_sent_again(small: RunningServer, collins: bytes) -> None:
    api, body = Api.of(small), {"image": {"bytes": in_base64(collins)}}
    replies: list[Reply] = []

    def ask() -> None:
        replies.append(api.post("/v1/templates", body))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [reply for reply in replies if reply.status != 200]
    assert 0 < len(refused) < len(replies)
    assert {reply.problem for reply in refused} == {"server-busy"}
    assert {reply.status for reply in refused} == {503}
    assert all(int(reply.headers["retry-after"]) > 0 for reply in refused)


def logged(server: RunningServer, name: str, value: str) -> dict[str, Any]:
    """Return the line of a request; it is written when the answer is on its way."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
        for line in lines:
            if line["event"] == "request" and line[name] == value:
                return dict(line)
        time.sleep(0.05)
    raise AssertionError(f"no request with {name} {value} is in the log")


def test_who_leaves_before_the_request_is_complete_is_counted(small: RunningServer) -> None:
    address = urlsplit(small.endpoint_url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        connection.sendall(b"POST /v1/holds HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
    assert logged(small, "code", "client-left")["operation"] == "unknown"


def test_a_request_is_in_the_log_and_in_the_metrics_by_operation_and_outcome(small: RunningServer) -> None:
    api = Api.of(small)
    for path, code in (("/v1/holds", "OK"), ("/v1/holds?limit=0", "request-invalid")):
        line = logged(small, "request_id", api.get(path).request_id)
        assert (line["operation"], line["code"], line["logger"]) == ("list_holds", code, "countenance.rest")
        counter = f'countenance_requests_total{{code="{code}",operation="list_holds"}}'
        assert counter in api.send("GET", "/metrics").body.decode()


def test_the_other_api_is_where_it_was(api: Api, client: Any) -> None:
    client.list_collections()
    assert api.send("GET", "/healthz").status == 200
    for path in ("/v2/holds", "/v10/holds"):
        assert b"UnknownOperationException" in api.send("GET", path).body
