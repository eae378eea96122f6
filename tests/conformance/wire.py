"""Requests as bytes: signed by botocore, sent with nothing in between that would put them right."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from unittest import mock
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conformance.clients import CONTENT_TYPE
from countenance.doors.rekognition.service_model import TARGET_PREFIX

if TYPE_CHECKING:
    from datetime import datetime

_TIMEOUT_SECONDS = 60
_SILENCE_SECONDS = 1


@dataclass(frozen=True)
class Message:
    """A request: what is put on the wire."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = "/"

    def without(self, name: str) -> Message:
        """Return the request without a header."""
        return replace(self, headers={key: value for key, value in self.headers.items() if key != name})

    def having(self, **headers: str) -> Message:
        """Return the request with headers set after it was signed; underscores are hyphens."""
        added = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers=self.headers | added)


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """The error's name as SDKs read it; None where the answer has none."""
        try:
            return str(json.loads(self.body)["__type"])
        except (ValueError, KeyError, TypeError):
            return None

    @property
    def message(self) -> str:
        """The error's message."""
        return str(json.loads(self.body)["message"])


@dataclass(frozen=True)
class Wire:
    """A server's address and a key to it."""

    endpoint_url: str
    key_id: str
    secret: str

    def message(
        self,
        operation: str,
        body: object = None,
        *,
        content_type: str = CONTENT_TYPE,
        target: str | None = None,
        method: str = "POST",
        path: str = "/",
        region: str = "us-east-1",
        service: str = "rekognition",
        at: datetime | None = None,
    ) -> Message:
        """Return a signed request; a body that is not bytes becomes JSON."""
        content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        headers = {
            "Host": urlsplit(self.endpoint_url).netloc,
            "Content-Type": content_type,
            "X-Amz-Target": target or f"{TARGET_PREFIX}{operation}",
        }
        request = AWSRequest(method, self.endpoint_url + path, headers, content)
        signer = SigV4Auth(Credentials(self.key_id, self.secret), service, region)
        if at is None:
            signer.add_auth(request)
        else:
            with mock.patch("botocore.auth.get_current_datetime", return_value=at):
                signer.add_auth(request)
        return Message(content, dict(request.headers.items()), method, path)

    def send(self, message: Message) -> Reply:
        """Send a request and return what comes back."""
        address = urlsplit(self.endpoint_url)
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=_TIMEOUT_SECONDS
        )
        try:
            connection.putrequest(message.method, message.path, skip_host=True, skip_accept_encoding=True)
            for name, value in ({"Content-Length": str(len(message.body))} | message.headers).items():
                connection.putheader(name, value)
            connection.endheaders()
            # A server that has answered already reads no more.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(message.body)
            response = connection.getresponse()
            return Reply(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def send_bytes(self, sent: bytes) -> bytes:
        """Send bytes as they are and return what comes back until the server closes or says no more."""
        address = urlsplit(self.endpoint_url)
        received = b""
        with socket.create_connection((address.hostname, address.port), _SILENCE_SECONDS) as connection:
            try:
                connection.sendall(sent)
                while part := connection.recv(65_536):
                    received += part
            except (TimeoutError, BrokenPipeError, ConnectionResetError):
                pass  # it waits for more, or has refused what it got
        return received
