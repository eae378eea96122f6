"""Asks a server's `/v1` API as clients do: with a bearer token, or signed by botocore."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from serving import RunningServer

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def request_id(self) -> str:
        """The request's id, as the header tells it."""
        return self.headers["x-countenance-request-id"]

    @property
    def problem(self) -> str:
        """The problem's kind, after everything that each problem has was checked."""
        told = self.json
        assert self.headers["content-type"] == "application/problem+json"
        assert set(told) == {"type", "title", "status", "detail", "request_id"}
        assert told["status"] == self.status
        assert told["request_id"] == self.request_id
        assert told["title"]
        assert told["detail"]
        prefix, _, kind = told["type"].rpartition(":")
        assert prefix == "urn:countenance"
        return str(kind)

    @property
    def detail(self) -> str:
        """What the problem says."""
        return str(self.json["detail"])


@dataclass(frozen=True)
class Api:
    """A server's address and a key to it; ``signs``: with a signature rather than a bearer token."""

    endpoint_url: str
    key_id: str
    secret: str
    signs: bool = False
    service: str = "countenance"

    @classmethod
    def of(cls, server: RunningServer) -> Api:
        """Return the API of a server with its administrator's key."""
        return cls(server.endpoint_url, server.access_key_id, server.secret_access_key)

    @property
    def token(self) -> str:
        """The bearer token."""
        return f"{self.key_id}.{self.secret}"

    def signing(self) -> Api:
        """Return the same, with signatures."""
        return replace(self, signs=True)

    def with_key(self, **limits: Any) -> Api:
        """Make a key and return the API with it; ``limits`` as in `POST /v1/keys`."""
        made = self.post("/v1/keys", {"name": "a test's", **limits})
        assert made.status == 201, made.body
        key = made.json
        return replace(self, key_id=key["access_key_id"], secret=key["secret_access_key"])

    def get(self, path: str, **query: Any) -> Reply:
        """GET a path."""
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: object = None) -> Reply:
        """POST JSON, or nothing."""
        return self.ask("POST", path, body)

    def patch(self, path: str, body: object) -> Reply:
        """PATCH JSON."""
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        """DELETE a path."""
        return self.ask("DELETE", path)

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """Send a request with this key."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        return self.send(method, path, content, headers | self.authorization(method, path, content, headers))

    def authorization(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Return the headers that say who asks."""
        if not self.signs:
            return {"Authorization": f"Bearer {self.token}"}
        address = urlsplit(self.endpoint_url).netloc
        request = AWSRequest(method, f"http://{address}{path}", headers or {}, body)
        SigV4Auth(Credentials(self.key_id, self.secret), self.service, "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ) -> Reply:
        """Send exactly this."""
        address = urlsplit(self.endpoint_url).netloc
        with contextlib.closing(http.client.HTTPConnection(address, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items() if isinstance(headers, Mapping) else headers:
                if name.lower() != "host":
                    connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, told, response.read())


def in_base64(content: bytes) -> str:
    """Return bytes as JSON holds them."""
    return base64.b64encode(content).decode()


def consent_of(subject: str, **other: Any) -> dict[str, Any]:
    """Return what `POST /v1/consents` wants."""
    return {
        "subject": subject,
        "purpose": "access-control",
        "notice_version": "1",
        "notice_text": "We keep a template of your face to open the door for you.",
        "method": "written-release",
        **other,
    }
