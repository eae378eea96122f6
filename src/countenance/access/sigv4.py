"""Verifies AWS Signature Version 4, header form, from AWS's public description of it.

The steps are those of the description ("Create a signed AWS API request"): canonical request, string to sign,
signing key, signature. Whatever a client sends, the outcome is a caller or an `AccessError`.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from countenance.errors import AccessKeyUnknown, AuthenticationMissing, SignatureInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.access.keys import AccessKey

ALGORITHM = "AWS4-HMAC-SHA256"
CLOCK_TOLERANCE = timedelta(minutes=5)
UNKNOWN_KEY = "The security token included in the request is invalid."
WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)

_AUTHORIZATION = re.compile(
    ALGORITHM
    + r" +Credential=([A-Za-z0-9_]{1,128})/([0-9]{8})/([a-z0-9-]{1,64})/([a-z0-9-]{1,64})/aws4_request"
    r", *SignedHeaders=([a-z0-9_;-]{1,2048}), *Signature=([0-9a-f]{64})"
)
_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_SPACES = re.compile(r" +")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came over the wire; header names in lower case, in the order received."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class VerifiedCaller:
    """The key that signed a request, and the region that it was signed for."""

    key: AccessKey
    region: str


def verify(
    request: SignedRequest,
    find_key: Callable[[str], AccessKey | None],
    now: datetime,
    service: str = "rekognition",
) -> VerifiedCaller:
    """Return who signed a request.

    Args:
        request: the request; its body is hashed here, whatever a header says of it.
        find_key: looks up an access key by its id.
        now: the time, with its zone; a signature is good for five minutes before and after its own.
        service: the service that it must be signed for.

    Raises:
        AuthenticationMissing: it has no Authorization header.
        AccessKeyUnknown: nobody has that key, or it is revoked.
        SignatureInvalid: the signature is malformed, wrong, or of another time, service or request.
    """
    headers = _joined(request.headers)
    if not headers.get("authorization"):
        raise AuthenticationMissing("Missing Authentication Token")
    match = _AUTHORIZATION.fullmatch(headers["authorization"])
    if match is None:
        raise SignatureInvalid(f"The Authorization header is not a complete {ALGORITHM} signature.")
    key_id, date, region, signed_service, signed_names, signature = match.groups()
    if signed_service != service:
        raise SignatureInvalid(f"Credential should be scoped to correct service: '{service}'.")
    names = signed_names.split(";")
    _check_signed_headers(headers, names)
    stamp = headers["x-amz-date"]
    _check_time(stamp, date, now)
    key = find_key(key_id)
    if key is None or key.revoked_at is not None or "x-amz-security-token" in headers:
        raise AccessKeyUnknown(UNKNOWN_KEY)
    body_hash = hashlib.sha256(request.body).hexdigest()
    if headers.get("x-amz-content-sha256", body_hash) != body_hash:
        raise SignatureInvalid("The x-amz-content-sha256 header is not the hash of the request's body.")
    scope = f"{date}/{region}/{service}/aws4_request"
    canonical = _canonical_request(request, headers, names, body_hash)
    to_sign = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    expected = hmac.digest(_signing_key(key.secret, date, region, service), to_sign.encode(), "sha256").hex()
    if not hmac.compare_digest(expected, signature):
        raise SignatureInvalid(WRONG_SIGNATURE)
    return VerifiedCaller(key, region)


def _joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, those that came several times joined by commas, runs of spaces folded."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(_SPACES.sub(" ", value.strip()))
    return {name: ",".join(each) for name, each in values.items()}


def _check_signed_headers(headers: dict[str, str], names: list[str]) -> None:
    if names != sorted(set(names)):
        raise SignatureInvalid("SignedHeaders must be sorted, each once.")
    for name in names:
        if name not in headers:
            raise SignatureInvalid(f"The signed header {name} is missing.")
    amazons = {name for name in headers if name.startswith("x-amz-")} | {"host", "x-amz-date"}
    unsigned = amazons - set(names)
    if unsigned:
        raise SignatureInvalid(f"These headers must be signed: {', '.join(sorted(unsigned))}.")


def _check_time(stamp: str, date: str, now: datetime) -> None:
    if _TIME.fullmatch(stamp) is None:
        raise SignatureInvalid("The x-amz-date header must have the form YYYYMMDDThhmmssZ.")
    if stamp[:8] != date:
        raise SignatureInvalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date."
        )
    try:
        signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise SignatureInvalid("The x-amz-date header is no time.") from None
    ours, tolerance = now.astimezone(UTC), "5 min."
    if signed_at < ours - CLOCK_TOLERANCE:
        earliest = _stamp(ours - CLOCK_TOLERANCE)
        raise SignatureInvalid(
            f"Signature expired: {stamp} is now earlier than {earliest} ({_stamp(ours)} - {tolerance})"
        )
    if signed_at > ours + CLOCK_TOLERANCE:
        latest = _stamp(ours + CLOCK_TOLERANCE)
        raise SignatureInvalid(
            f"Signature not yet current: {stamp} is still later than {latest} ({_stamp(ours)} + {tolerance})"
        )


def _canonical_request(
    request: SignedRequest, headers: dict[str, str], names: list[str], body_hash: str
) -> str:
    lines = [request.method, _canonical_path(request.path), _canonical_query(request.query)]
    lines += [f"{name}:{headers[name]}" for name in names]
    return "\n".join((*lines, "", ";".join(names), body_hash))


def _canonical_path(path: str) -> str:
    """Return the path with its segments encoded once more, as all services but S3 want it."""
    return quote(path or "/", safe="/-_.~")


def _canonical_query(query: str) -> str:
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    # As bytes: as text, all that is no UTF-8 would become the same character.
    encoded = [
        tuple(quote(unquote_to_bytes(text.replace("+", " ")), safe="-_.~") for text in pair) for pair in pairs
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


@functools.lru_cache(maxsize=64)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _stamp(time: datetime) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ")
