"""Bad input to the signature: who asks is not said, not known, not true, not now, or not allowed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from conformance.bad_input import BadInput, Ground
from conformance.wire import Message, Wire

_WRONG = "InvalidSignatureException"
_NOBODY = "UnrecognizedClientException"
_DENIED = "AccessDeniedException"


def _good(ground: Ground) -> Message:
    return ground.wire.message("ListCollections")


def _with(ground: Ground, pattern: str, replacement: str) -> Message:
    """Return a good request whose Authorization header was altered."""
    message = _good(ground)
    altered, count = re.subn(pattern, replacement, message.headers["Authorization"])
    assert count, f"{pattern} is not in the header"
    return message.having(Authorization=altered)


def _signed_at(ground: Ground, minutes: float) -> Message:
    return ground.wire.message("ListCollections", at=datetime.now(UTC) + timedelta(minutes=minutes))


def _by(wire: Wire, **changes: str) -> Message:
    return replace(wire, **changes).message("ListCollections")


SIGNATURES = (
    BadInput(
        "no Authorization",
        lambda g: _good(g).without("Authorization"),
        "MissingAuthenticationTokenException",
    ),
    BadInput(
        "an empty Authorization",
        lambda g: _good(g).having(Authorization=""),
        "MissingAuthenticationTokenException",
    ),
    BadInput("Authorization of another kind", lambda g: _good(g).having(Authorization="Bearer abc"), _WRONG),
    BadInput("Authorization cut short", lambda g: _with(g, r", Signature=.*", ""), _WRONG),
    BadInput(
        "a signature that is no hex", lambda g: _with(g, r"Signature=.{64}", "Signature=" + "z" * 64), _WRONG
    ),
    BadInput("a signature of zeros", lambda g: _with(g, r"Signature=.{64}", "Signature=" + "0" * 64), _WRONG),
    BadInput("a signature cut short", lambda g: _with(g, r".$", ""), _WRONG),
    BadInput("another algorithm", lambda g: _with(g, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), _WRONG),
    BadInput("a wrong secret", lambda g: _by(g.wire, secret="x" * 40), _WRONG),
    BadInput("another key's secret", lambda g: _by(g.wire, secret=g.limited.secret), _WRONG),
    BadInput("a key nobody has", lambda g: _by(g.wire, key_id="CTNCNOBODYHASTHISKEY"), _NOBODY),
    BadInput("a key of SQL", lambda g: _with(g, r"Credential=\w+", "Credential=' OR 1=1 --"), _WRONG),
    BadInput("a revoked key", lambda g: g.revoked.message("ListCollections"), _NOBODY),
    BadInput("a session token", lambda g: _good(g).having(**{"X-Amz-Security-Token": "abc"}), _WRONG),
    BadInput(
        "a signature for another service",
        lambda g: g.wire.message("ListCollections", service="s3"),
        _WRONG,
    ),
    BadInput("a signature six minutes old", lambda g: _signed_at(g, -6), _WRONG, words="Signature expired: "),
    BadInput("a signature of last year", lambda g: _signed_at(g, -525_600), _WRONG),
    BadInput("a signature of in six minutes", lambda g: _signed_at(g, 6), _WRONG, words="not yet current"),
    BadInput("a date changed later", lambda g: _good(g).having(X_Amz_Date="20200101T000000Z"), _WRONG),
    BadInput("a date that is none", lambda g: _good(g).having(X_Amz_Date="now"), _WRONG),
    BadInput(
        "a date of the 99th",
        lambda g: _with(g, r"/\d{8}/", "/20249999/").having(X_Amz_Date="20249999T000000Z"),
        _WRONG,
    ),
    BadInput("no date", lambda g: _good(g).without("X-Amz-Date"), _WRONG),
    BadInput(
        "a target changed later",
        lambda g: _good(g).having(X_Amz_Target="RekognitionService.DeleteCollection"),
        _WRONG,
    ),
    BadInput(
        "a target that is not signed", lambda g: _with(g, ";x-amz-target", ""), _WRONG, words="must be signed"
    ),
    BadInput("a host that is not signed", lambda g: _with(g, "host;", ""), _WRONG),
    BadInput("a body changed later", lambda g: replace(_good(g), body=b'{"MaxResults":1}'), _WRONG),
    BadInput("another body's hash", lambda g: _good(g).having(X_Amz_Content_Sha256="0" * 64), _WRONG),
    BadInput("a query added later", lambda g: replace(_good(g), path="/?Action=ListCollections"), _WRONG),
    BadInput("a thousand signed headers", lambda g: _with(g, "host;", "host;" + "a;" * 900), _WRONG),
    BadInput(
        "an operation that the key may not do",
        lambda g: g.limited.message("CreateCollection", {"CollectionId": "public-1"}),
        _DENIED,
    ),
    BadInput(
        "a collection that the key may not use",
        lambda g: g.limited.message("SearchFaces", {"CollectionId": g.collection, "FaceId": g.face_id}),
        _DENIED,
    ),
    BadInput(
        "a collection that is not there and the key may not use",
        lambda g: g.limited.message("SearchFaces", {"CollectionId": "secret", "FaceId": g.face_id}),
        _DENIED,
    ),
)
