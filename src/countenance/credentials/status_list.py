"""Which credentials of an issuer were revoked: W3C Bitstring Status List v1.0, signed as a JWT.

One bit for each credential, at an index drawn at random, in a list of at least 131,072: a gate that has the
list asks nobody about a passage, and who publishes it does not learn whose credential was shown. Fetching and
storing lists is left to others; here are values and what may be believed of them.
"""

from __future__ import annotations

import gzip
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countenance.credentials.jose import (
    base64url,
    check_time,
    from_base64url,
    instant,
    keys_of,
    sign,
    verified,
)
from countenance.errors import (
    CredentialBroken,
    CredentialNotValidNow,
    CredentialRevoked,
    StatusUnknown,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from countenance.credentials.jose import Trusted
    from countenance.credentials.values import Claims

MEDIA_TYPE = "vc+jwt"
CONTEXT = "https://www.w3.org/ns/credentials/v2"
PURPOSE = "revocation"
LEAST_BITS = 131_072
MOST_BITS = 1_048_576
_LONGEST_PAYLOAD = 262_144
_LONGEST_TIME_TO_LIVE = timedelta(days=366)
# Where a list does not say for how long it may be kept; the standard's own figure.
_TIME_TO_LIVE = timedelta(minutes=5)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list as its issuer signs it.

    Attributes:
        uri: its address, by which credentials name it.
        issuer: who signs it; the same as of the credentials.
        bits: eight credentials to a byte, index 0 in the highest bit of the first byte; 1 is revoked.
        valid_from: UTC, to the second; not before then.
        valid_until: UTC, to the second; not from then on.
        time_to_live: how long a gate may use its copy before it fetches the list again.
    """

    uri: str
    issuer: str
    bits: bytes
    valid_from: datetime
    valid_until: datetime
    time_to_live: timedelta

    def is_revoked(self, index: int) -> bool:
        """Return whether the credential at an index was revoked.

        Raises:
            StatusUnknown: the list is shorter than that.
        """
        if not 0 <= index < len(self.bits) * 8:
            raise StatusUnknown(f"index {index} is not in the status list of {len(self.bits) * 8} bits")
        return bool(self.bits[index // 8] & _mask(index))


def draw_index(taken: Collection[int], size: int = LEAST_BITS) -> int:
    """Return a random index that no credential has yet, each of the free ones as likely as the others.

    Raises:
        ValueError: the list is full; begin another.

    Example:
        >>> draw_index(set(range(1, 131_072)))
        0
    """
    used = sorted(set(taken))
    if len(used) >= size:
        raise ValueError(f"all {size} places of the status list are taken; begin another list")
    index = secrets.randbelow(size - len(used))
    # The n-th free one: each used place before it moves it one further.
    for place in used:
        if place > index:
            break
        index += 1
    return index


def bits_of(revoked: Iterable[int], size: int = LEAST_BITS) -> bytes:
    """Return the bits of a list in which these indexes are revoked.

    Raises:
        ValueError: an index is not in the list, or the list has a size that none may have.

    Example:
        >>> bits_of({0, 9})[:2].hex()
        '8040'
    """
    if not LEAST_BITS <= size <= MOST_BITS or size % 8:
        raise ValueError(f"a list has {LEAST_BITS} to {MOST_BITS} bits, in whole bytes, not {size}")
    bits = bytearray(size // 8)
    for index in revoked:
        if not 0 <= index < size:
            raise ValueError(f"index {index} is not in a list of {size} bits")
        bits[index // 8] |= _mask(index)
    return bytes(bits)


def encode_bits(bits: bytes) -> str:
    """Return bits as ``encodedList`` has them: GZIP, then multibase base64url (``u…``)."""
    return "u" + base64url(gzip.compress(bits, mtime=0))


def decode_bits(text: object) -> bytes:
    """Return the bits of an ``encodedList``; never more than ``MOST_BITS`` are unpacked.

    Raises:
        CredentialBroken: it is none, or has fewer or more bits than a list may have.
    """
    if not isinstance(text, str) or not text.startswith("u"):
        raise CredentialBroken("the status list is not in multibase base64url, which begins with u")
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        bits = unpacking.decompress(from_base64url(text[1:], "the status list"), MOST_BITS // 8 + 1)
    except zlib.error:
        raise CredentialBroken("the status list cannot be unpacked: it is no GZIP, or was altered") from None
    if len(bits) > MOST_BITS // 8:
        raise CredentialBroken(f"the status list has more than {MOST_BITS} bits")
    if not unpacking.eof or unpacking.unused_data:
        raise CredentialBroken("the packed status list does not end where it should")
    if len(bits) < LEAST_BITS // 8:
        raise CredentialBroken(f"the status list has {len(bits) * 8} bits; {LEAST_BITS} are the least")
    return bits


def sign_status_list(listing: StatusList, key: EllipticCurvePrivateKey) -> str:
    """Return the status list credential (a W3C VC 2.0) as a JWT signed with ES256.

    Raises:
        ValueError: the list has fewer or more bits than it may have.

    Example:
        >>> revoked = bits_of({94_567})
        >>> listing = StatusList(uri, issuer, revoked, now, tomorrow, six_hours)  # doctest: +SKIP
        >>> published = sign_status_list(listing, key)  # doctest: +SKIP
    """
    if not LEAST_BITS <= len(listing.bits) * 8 <= MOST_BITS:
        raise ValueError(f"a list has {LEAST_BITS} to {MOST_BITS} bits, not {len(listing.bits) * 8}")
    credential = {
        "@context": [CONTEXT],
        "id": listing.uri,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": listing.issuer,
        "validFrom": _written(listing.valid_from),
        "validUntil": _written(listing.valid_until),
        "credentialSubject": {
            "id": f"{listing.uri}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": encode_bits(listing.bits),
            "ttl": listing.time_to_live // timedelta(milliseconds=1),
        },
    }
    return sign(credential, MEDIA_TYPE, key)


def read_status_list(token: str, uri: str, trusted: Trusted) -> StatusList:
    """Return the list at an address, once a key of its issuer has verified it; ``check_status`` asks its age.

    1. Is the signature by a trusted issuer's key?
    2. Is it a revocation list, and the one of that address?
    3. Are its times and its bits what they should be?

    Raises:
        CredentialUntrusted: its issuer is none of the trusted ones.
        CredentialBroken: it is no such list, was altered, is another one, or is too short.

    Example:
        >>> listing = read_status_list(fetched_text, claims.status.list_uri, trusted)  # doctest: +SKIP
    """
    # 1
    read = verified(token, MEDIA_TYPE, lambda said: keys_of(trusted, said.get("issuer")), _LONGEST_PAYLOAD)
    # 2
    subject = read.get("credentialSubject")
    if not isinstance(subject, dict) or "BitstringStatusListCredential" not in _texts(read.get("type")):
        raise CredentialBroken("it is no status list credential")
    if _texts(read.get("@context"))[:1] != [CONTEXT] or subject.get("type") != "BitstringStatusList":
        raise CredentialBroken("it is no Bitstring Status List of the W3C data model 2.0")
    if PURPOSE not in _texts(subject.get("statusPurpose")):
        raise CredentialBroken("the status list is not of revocations")
    if read.get("id") != uri:
        raise CredentialBroken("the status list is the one of another address")
    # 3
    return StatusList(
        uri=uri,
        issuer=read["issuer"],
        bits=decode_bits(subject.get("encodedList")),
        valid_from=_read(read.get("validFrom"), "validFrom"),
        valid_until=_read(read.get("validUntil"), "validUntil"),
        time_to_live=_time_to_live(subject),
    )


def check_status(
    claims: Claims,
    listing: StatusList | None,
    *,
    fetched: datetime,
    now: datetime,
    clock_skew_seconds: int,
) -> None:
    """Let a credential through that its issuer has not revoked, or that has no status at all.

    Args:
        claims: what the credential says.
        listing: the list that it names, verified; None where there is none.
        fetched: UTC, when the list was had from its address.
        now: UTC.
        clock_skew_seconds: how far the clocks of gates and issuers may be apart.

    Raises:
        CredentialRevoked: its bit is set.
        StatusUnknown: the list is missing, too old, another one, another issuer's, or too short.

    Example:
        >>> check_status(claims, listing, fetched=then, now=now, clock_skew_seconds=60)  # doctest: +SKIP
    """
    if claims.status is None:
        return
    if listing is None:
        raise StatusUnknown("the status list that the credential names is not here")
    if listing.uri != claims.status.list_uri:
        raise StatusUnknown("the status list is another than the credential names")
    if listing.issuer != claims.issuer:
        raise StatusUnknown("the status list is by another issuer than the credential")
    try:
        check_time(listing.valid_from, listing.valid_until, now, timedelta(seconds=clock_skew_seconds))
    except CredentialNotValidNow as error:
        raise StatusUnknown(f"the status list cannot be used: {error}") from None
    if now - fetched > listing.time_to_live:
        raise StatusUnknown(f"the status list was fetched longer than {listing.time_to_live} ago")
    if listing.is_revoked(claims.status.index):
        raise CredentialRevoked("the issuer has revoked the credential")


def _mask(index: int) -> int:
    return 0x80 >> index % 8


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str)]


def _time_to_live(subject: dict[str, Any]) -> timedelta:
    ttl = subject.get("ttl", _TIME_TO_LIVE // timedelta(milliseconds=1))
    if type(ttl) is not int or not 0 < ttl <= _LONGEST_TIME_TO_LIVE // timedelta(milliseconds=1):
        raise CredentialBroken("the ttl of the status list is no number of milliseconds up to a year")
    return timedelta(milliseconds=ttl)


def _written(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _read(value: Any, name: str) -> datetime:
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        raise CredentialBroken(f"{name} of the status list is no time with its zone")
    try:
        seconds = int(datetime.fromisoformat(value).timestamp())
    except ValueError:
        raise CredentialBroken(f"{name} of the status list is no time of the calendar") from None
    return instant(seconds, f"{name} of the status list")
