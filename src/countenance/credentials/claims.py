"""The claims of a credential as those of a CBOR Web Token (CWT, RFC 8392), and back.

| label  | claim                     | written as                                                  |
|--------|---------------------------|-------------------------------------------------------------|
| 1      | iss, the issuer           | text                                                        |
| 2      | sub, the holder           | text; left out where there is none                          |
| 3      | aud, the audience         | list of texts                                               |
| 4, 5   | exp, nbf, the validity    | whole seconds since 1970, UTC                               |
| 7      | cti, the credential's id  | 16 bytes                                                    |
| −65537 | what is ours              | map: 1 kind, 2 pack, 3 its digest, 4 the sealed template, 5 |
|        |                           | place of its status, 6 event; 5 and 6 may be left out       |

There is one way to write a credential: what has other claims, or others' forms of them, is refused.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.credentials.values import Claims, Credential, StatusPlace
from countenance.errors import CredentialBroken

if TYPE_CHECKING:
    from typing import Any, Final

ISSUER: Final = 1

MOST_AUDIENCES = 16
MOST_EVENT_FACTS = 16
MOST_CHARACTERS = 256
MOST_SEALED_BYTES = 4096

_HOLDER, _AUDIENCE, _UNTIL, _FROM, _ID, _OURS = 2, 3, 4, 5, 7, -65537
_KIND, _PACK, _DIGEST, _SEALED, _STATUS, _EVENT = range(1, 7)
_DIGEST_BYTES, _ID_BYTES = 32, 16
_CREDENTIAL_ID = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_LAST_SECOND = 253_402_300_799
_HIGHEST_INDEX = 2**32 - 1


def to_cwt(credential: Credential) -> dict[int, Any]:
    """Return a credential's CWT claims, in the order in which they are written.

    Raises:
        CredentialBroken: a claim cannot be written: an id that is none, a time without its zone.
    """
    claims = credential.claims
    if _CREDENTIAL_ID.fullmatch(claims.credential_id) is None:
        raise CredentialBroken("a credential's id is 22 characters of base64url, for 128 bits")
    ours: dict[int, Any] = {
        _KIND: claims.kind,
        _PACK: claims.pack,
        _DIGEST: claims.pack_sha256,
        _SEALED: credential.sealed_template,
    }
    if claims.status is not None:
        ours[_STATUS] = [claims.status.list_uri, claims.status.index]
    if claims.event:
        ours[_EVENT] = dict(claims.event)
    holder = {_HOLDER: claims.holder} if claims.holder else {}
    return {
        ISSUER: claims.issuer,
        **holder,
        _AUDIENCE: list(claims.audience),
        _UNTIL: _seconds(claims.valid_until),
        _FROM: _seconds(claims.valid_from),
        _ID: base64.urlsafe_b64decode(f"{claims.credential_id}=="),
        _OURS: ours,
    }


def from_cwt(cwt: dict[Any, Any]) -> Credential:
    """Return the credential of CWT claims, each of the kind and the size that it may have.

    Raises:
        CredentialBroken: a claim is missing, is not known here, or is none of its kind.
    """
    _exactly(cwt, {ISSUER, _AUDIENCE, _UNTIL, _FROM, _ID, _OURS}, {_HOLDER})
    ours = cwt[_OURS]
    _exactly(ours, {_KIND, _PACK, _DIGEST, _SEALED}, {_STATUS, _EVENT})
    claims = Claims(
        credential_id=base64.urlsafe_b64encode(_bytes(cwt[_ID], "id", _ID_BYTES)).decode().rstrip("="),
        issuer=_text(cwt[ISSUER], "issuer"),
        holder=_text(cwt[_HOLDER], "holder") if _HOLDER in cwt else "",
        kind=_text(ours[_KIND], "kind"),
        audience=_audience(cwt[_AUDIENCE]),
        valid_from=_instant(cwt[_FROM]),
        valid_until=_instant(cwt[_UNTIL]),
        pack=_text(ours[_PACK], "pack"),
        pack_sha256=_bytes(ours[_DIGEST], "pack's digest", _DIGEST_BYTES),
        status=_status(ours[_STATUS]) if _STATUS in ours else None,
        event=_event(ours[_EVENT]) if _EVENT in ours else {},
    )
    if claims.valid_from >= claims.valid_until:
        raise CredentialBroken("the credential is over before it begins to be valid")
    sealed = ours[_SEALED]
    if not isinstance(sealed, bytes) or not 1 <= len(sealed) <= MOST_SEALED_BYTES:
        raise CredentialBroken(f"the credential's sealed template is no 1 to {MOST_SEALED_BYTES:,} bytes")
    return Credential(claims, sealed)


def _exactly(claims: object, needed: set[int], possible: set[int]) -> None:
    # CBOR's true is a key that equals 1, but what is read here has no truth values (see cbor.py).
    if not isinstance(claims, dict) or not needed <= claims.keys() <= needed | possible:
        raise CredentialBroken(
            "the credential lacks a claim that it needs, or has one that is not known here"
        )


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_CHARACTERS or not value.isprintable():
        raise CredentialBroken(
            f"the credential's {what} is no printable text of 1 to {MOST_CHARACTERS} characters"
        )
    return value


def _bytes(value: object, what: str, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise CredentialBroken(f"the credential's {what} is not {length} bytes")
    return value


def _audience(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_AUDIENCES:
        raise CredentialBroken(f"the credential's audience is no list of 1 to {MOST_AUDIENCES} names")
    return tuple(_text(name, "audience") for name in value)


def _event(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not 1 <= len(value) <= MOST_EVENT_FACTS:
        raise CredentialBroken(f"the credential's event is no map of 1 to {MOST_EVENT_FACTS} texts")
    return {_text(name, "event"): _text(fact, "event") for name, fact in value.items()}


def _status(value: object) -> StatusPlace:
    if not isinstance(value, list) or len(value) != 2:
        raise CredentialBroken("the place of the credential's status is not an address and an index")
    uri, index = value
    if type(index) is not int or not 0 <= index <= _HIGHEST_INDEX:
        raise CredentialBroken("the credential's index in its status list is no whole number below 2³²")
    return StatusPlace(_text(uri, "status list"), index)


def _seconds(instant: datetime) -> int:
    if instant.tzinfo is None or instant.microsecond:
        raise CredentialBroken("the times of a credential are whole seconds of a time zone, UTC if possible")
    return int(instant.timestamp())


def _instant(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise CredentialBroken("a time of the credential is no whole number of seconds from 1970 to 9999")
    return datetime.fromtimestamp(value, UTC)
