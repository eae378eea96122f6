"""Finds out who asks: a signature for the service ``countenance``, or a bearer token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.access import SignedRequest, verify, verify_bearer

if TYPE_CHECKING:
    from starlette.requests import Request

    from countenance.access import AccessKey, KeyStore

SERVICE = "countenance"


def signed_request(http: Request, body: bytes) -> SignedRequest:
    """Return a request as it came over the wire."""
    return SignedRequest(
        method=http.method,
        path=http.scope.get("raw_path", b"/").decode("ascii", "replace"),
        query=http.scope["query_string"].decode("ascii", "replace"),
        headers=[(key.decode("latin-1"), value.decode("latin-1")) for key, value in http.headers.raw],
        body=body,
    )


def sender(request: SignedRequest, keys: KeyStore) -> AccessKey:
    """Return whose key a request shows.

    Raises:
        AccessError: it shows none, or none that is valid.
    """
    shown = [value for name, value in request.headers if name == "authorization"]
    if len(shown) == 1 and shown[0].lower().startswith("bearer"):
        return verify_bearer(shown[0], keys.key)
    return verify(request, keys.key, datetime.now(UTC), SERVICE).key
