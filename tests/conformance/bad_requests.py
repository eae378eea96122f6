"""Bad input before any parameter: HTTP, target, JSON."""

from __future__ import annotations

from conformance.bad_input import BadInput, asking

_UNKNOWN = "UnknownOperationException"
_NO_JSON = "SerializationException"


def _raw(body: bytes, operation: str = "CreateCollection") -> BadInput:
    shown = body[:24].decode("utf-8", "replace") + ("…" if len(body) > 24 else "")
    return BadInput(
        f"the {len(body)} bytes {shown} in place of JSON", lambda g: g.wire.message(operation, body), _NO_JSON
    )


TARGETS = (
    BadInput("an empty target", lambda g: g.wire.message("x", target=" "), _UNKNOWN),
    BadInput("an operation nobody knows", asking("RecogniseFaces"), _UNKNOWN),
    BadInput("an operation in lower case", asking("detectfaces"), _UNKNOWN),
    BadInput("an operation that is not served: text", asking("DetectText"), _UNKNOWN),
    BadInput("an operation that is not served: video", asking("StartLabelDetection"), _UNKNOWN),
    BadInput("an operation that is not served: liveness", asking("CreateFaceLivenessSession"), _UNKNOWN),
    BadInput(
        "another service's target",
        lambda g: g.wire.message("x", target="DynamoDB_20120810.ListTables"),
        _UNKNOWN,
    ),
    BadInput(
        "a target without its service", lambda g: g.wire.message("x", target="ListCollections"), _UNKNOWN
    ),
    BadInput(
        "a target that is a path",
        lambda g: g.wire.message("x", target="RekognitionService.../../etc"),
        _UNKNOWN,
    ),
    BadInput(
        "JSON said to be plain JSON",
        lambda g: g.wire.message("ListCollections", content_type="application/json"),
        _UNKNOWN,
    ),
    BadInput(
        "JSON of another version",
        lambda g: g.wire.message("ListCollections", content_type="application/x-amz-json-1.0"),
        _UNKNOWN,
    ),
    BadInput(
        "a form", lambda g: g.wire.message("ListCollections", content_type="multipart/form-data"), _UNKNOWN
    ),
)

BODIES = (
    _raw(b"{"),
    _raw(b'{"CollectionId": "a"'),
    _raw(b'{"CollectionId": "a",}'),
    _raw(b"{'CollectionId': 'a'}"),
    _raw(b'{"CollectionId": "a"} {}'),
    _raw(b'{"CollectionId": "a\nb"}'),
    _raw(b"[]"),
    _raw(b'"CollectionId"'),
    _raw(b"7"),
    _raw(b"null"),
    _raw(b"true"),
    _raw(b"\x00"),
    _raw(b"\xff\xfe\xfd"),
    _raw(b'{"MaxResults": NaN}', "ListCollections"),
    _raw(b'{"MaxResults": Infinity}', "ListCollections"),
    _raw(b'{"MaxResults": ' + b"9" * 10_000 + b"}", "ListCollections"),
    _raw(b"[" * 200_000),
    _raw(b'{"Tags":' * 100_000),
    _raw(b"<CreateCollection/>"),
    _raw(b"CollectionId=a"),
)
