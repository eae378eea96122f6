"""The clients of these tests let no answer through that is not as Amazon's model and its wire want it."""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from conformance.clients import CONTENT_TYPE, checked_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REQUEST_ID = str(uuid.uuid4())
HEADERS = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": REQUEST_ID}
NOT_FOUND = {
    "__type": "ResourceNotFoundException",
    "Code": "ResourceNotFoundException",
    "message": "gone",
    "Message": "gone",
    "Logref": REQUEST_ID,
}


@contextmanager
def answering(status: int, headers: Mapping[str, str], document: Any) -> Iterator[Any]:
    """Open a client of a server that always gives one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = checked_client(f"http://127.0.0.1:{server.server_port}", "key", "secret")
        yield client
        client.close()
        server.shutdown()
        thread.join()


def test_an_answer_as_it_should_be_gets_through() -> None:
    with answering(200, HEADERS, {"FaceCount": 7}) as client:
        assert client.describe_collection(CollectionId="staff")["FaceCount"] == 7


def test_an_error_as_it_should_be_gets_through() -> None:
    headers = HEADERS | {"x-amzn-ErrorType": NOT_FOUND["__type"]}
    with (
        answering(400, headers, NOT_FOUND) as client,
        pytest.raises(client.exceptions.ResourceNotFoundException),
    ):
        client.describe_collection(CollectionId="staff")


@pytest.mark.parametrize(
    ("status", "headers", "document"),
    [
        (200, {}, {"Owner": "boto3 would have dropped this member"}),
        (200, {}, {"FaceCount": -1}),
        (200, {"Content-Type": "application/json"}, {}),
        (200, {"x-amzn-RequestId": "7"}, {}),
        (400, {}, NOT_FOUND),
        (400, {"x-amzn-ErrorType": "ResourceNotFoundException"}, NOT_FOUND | {"Message": ""}),
        (403, {"x-amzn-ErrorType": "ResourceNotFoundException"}, NOT_FOUND),
        (
            400,
            {"x-amzn-ErrorType": "ConflictException"},
            NOT_FOUND | {"__type": "ConflictException", "Code": "ConflictException"},
        ),
    ],
)
def test_an_answer_that_is_not_as_it_should_be_is_caught(
    status: int, headers: dict[str, str], document: Any
) -> None:
    caught = AssertionError, KeyError, ValueError
    with answering(status, HEADERS | headers, document) as client, pytest.raises(caught):
        client.describe_collection(CollectionId="staff")
