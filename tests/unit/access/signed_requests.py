"""Requests as botocore signs them, and as somebody alters them on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from countenance.access import AccessKey, SignedRequest, new_access_key

HOST = "faces.example.org:8443"
KEY = new_access_key("test", datetime.now(UTC))


def known_key(key_id: str) -> AccessKey | None:
    return KEY if key_id == KEY.key_id else None


def signed(
    path: str = "/",
    parameters: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"{}",
    token: str | None = None,
) -> SignedRequest:
    """Return a request as botocore sends it now; it encodes the parameters of the query, not the path."""
    request = AWSRequest("POST", f"https://{HOST}{path}", headers, body, parameters or {})
    SigV4Auth(Credentials(KEY.key_id, KEY.secret, token), "rekognition", "eu-west-1").add_auth(request)
    sent = [("host", HOST), *((name.lower(), value) for name, value in request.headers.items())]
    url = urlsplit(request.prepare().url)
    return SignedRequest("POST", url.path, url.query, sent, body)


def header(request: SignedRequest, name: str) -> str:
    return dict(request.headers)[name]


def without(request: SignedRequest, name: str) -> SignedRequest:
    return replace(request, headers=[each for each in request.headers if each[0] != name])


def having(request: SignedRequest, name: str, value: str) -> SignedRequest:
    """Return the request with one header of that name, with that value."""
    return replace(request, headers=[*without(request, name).headers, (name, value)])


def authorised(request: SignedRequest, old: str, new: str) -> SignedRequest:
    """Return the request with a part of its Authorization header replaced."""
    text = header(request, "authorization")
    assert old in text, f"{old} is not in {text}"
    return having(request, "authorization", text.replace(old, new, 1))


def signing_time(request: SignedRequest) -> datetime:
    return datetime.strptime(header(request, "x-amz-date"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
