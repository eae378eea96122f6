"""Signed JSON (JWS, RFC 7515) with ES256 alone: what SD-JWT credentials and status lists are wrapped in.

joserfc does the signing; here is what it leaves open: one algorithm, one type per use, bounded sizes, and
JSON that two readers cannot understand differently. What the claims mean is left to the modules that use it.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from countenance.errors import CredentialBroken, CredentialNotValidNow, CredentialUntrusted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    Keys = Sequence[EllipticCurvePublicKey]
    Trusted = Mapping[str, Keys]

ALGORITHM = "ES256"
_CURVE = "secp256r1"
_LONGEST_HEADER = 8192
_LONGEST_DIGITS = 18
# So far from the calendar's end that no sum with a time can leave it.
_LAST_INSTANT = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp())


def sign(payload: Mapping[str, Any], kind: str, key: EllipticCurvePrivateKey) -> str:
    """Return ``payload`` as a compact JWS of the media type ``kind`` (its ``typ``), such as ``vc+jwt``.

    The header names the key by its RFC 7638 thumbprint.
    """
    signer = ECKey.import_key(key)
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    header = {"alg": ALGORITHM, "typ": kind, "kid": signer.thumbprint()}
    return jws.serialize_compact(header, body, signer, registry=_registry(len(body)))


def verified(token: str, kind: str, keys: Callable[[dict[str, Any]], Keys], longest: int) -> dict[str, Any]:
    """Return the payload of a compact JWS, once one of its signer's keys has verified it.

    Args:
        token: the JWS, as it was received.
        kind: the ``typ`` that its header must have.
        keys: what tells the keys from the payload, of which nothing else may be believed yet.
        longest: how many bytes the payload may have.

    Raises:
        CredentialBroken: it is no such JWS, another algorithm was used, or none of the keys verifies it.
    """
    registry = _registry(longest)
    try:
        signed = jws.extract_compact(token.encode("ascii"), registry=registry)
        header = signed.headers()
        if header.get("alg") != ALGORITHM:
            raise CredentialBroken(f"the signature is not by {ALGORITHM}, the only algorithm that is taken")
        if header.get("typ") != kind:
            raise CredentialBroken(f"the type in the header is not {kind}")
        if "crit" in header:
            raise CredentialBroken("the header demands an extension (crit) that is not known here")
        payload = read_json(signed.payload)
        good = any(
            jws.validate_compact(signed, ECKey.import_key(key), registry=registry) for key in keys(payload)
        )
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise CredentialBroken(f"it is no signed JSON ({kind}) of at most {longest} bytes") from None
    if not good:
        raise CredentialBroken("the signature is not by a key of who it names")
    return payload


def keys_of(trusted: Trusted, issuer: object) -> Keys:
    """Return the keys of an issuer.

    Raises:
        CredentialUntrusted: it is none of the trusted ones.
    """
    if not isinstance(issuer, str) or issuer not in trusted:
        raise CredentialUntrusted("the issuer is none of those whose keys this gate has")
    return trusted[issuer]


def read_json(text: bytes) -> dict[str, Any]:
    """Return a JSON object in which every name stands once.

    Raises:
        CredentialBroken: it is none, or has a name twice, a fraction, or a number of more than 18 digits.
    """
    try:
        read = json.loads(
            text.decode(),
            object_pairs_hook=_once,
            parse_int=_small,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        raise CredentialBroken("what is signed is no JSON") from None
    if isinstance(read, dict):
        return read
    raise CredentialBroken("what is signed is no JSON object")


def public_jwk(key: EllipticCurvePublicKey) -> dict[str, str]:
    """Return a P-256 key as a JSON Web Key (RFC 7517) with only the members that it must have.

    Raises:
        ValueError: it is a key of another curve.
    """
    if key.curve.name != _CURVE:
        raise ValueError(f"the key is on {key.curve.name}; {ALGORITHM} needs one on P-256")
    jwk = ECKey.import_key(key).as_dict(private=False)
    return {name: str(jwk[name]) for name in ("kty", "crv", "x", "y")}


def key_from_jwk(jwk: object) -> EllipticCurvePublicKey:
    """Return the P-256 public key of a JSON Web Key.

    Raises:
        CredentialBroken: it is none, is private, or is no point of the curve.
    """
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise CredentialBroken("the holder's key is no public P-256 key")
    try:
        key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")}).public_key
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise CredentialBroken("the holder's key is no point of P-256") from None
    return key


def instant(value: object, name: str) -> datetime:
    """Return a NumericDate (RFC 7519, whole seconds) as UTC.

    Raises:
        CredentialBroken: it is none, or not between the years 1970 and 9000.
    """
    if type(value) is not int:
        raise CredentialBroken(f"{name} is no whole number of seconds")
    if not 0 <= value < _LAST_INSTANT:
        raise CredentialBroken(f"{name} is not between the years 1970 and 9000")
    return datetime.fromtimestamp(value, UTC)


def check_time(valid_from: datetime, valid_until: datetime, now: datetime, skew: timedelta) -> None:
    """Let through what is valid now, by a clock that may be ``skew`` apart from the issuer's.

    Raises:
        CredentialNotValidNow: it is not valid yet, or not any more.
    """
    if now + skew < valid_from:
        raise CredentialNotValidNow(f"it is valid from {valid_from:%Y-%m-%dT%H:%M:%SZ} on, not yet")
    if now - skew >= valid_until:
        raise CredentialNotValidNow(f"it was valid until {valid_until:%Y-%m-%dT%H:%M:%SZ}")


def base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: object, name: str) -> bytes:
    """Return what base64url without padding holds, if it is written in the only way that it can be.

    Raises:
        CredentialBroken: it is not.
    """
    if not isinstance(text, str):
        raise CredentialBroken(f"{name} is no text")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise CredentialBroken(f"{name} is no base64url") from None
    if base64url(data) != text:
        raise CredentialBroken(f"{name} is no base64url without padding")
    return data


def _registry(longest: int) -> jws.JWSRegistry:
    # Unknown members of a header are to be ignored (RFC 7515, 4); what is critical is refused by `verified`.
    registry = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    registry.max_header_length = _LONGEST_HEADER
    registry.max_payload_length = longest * 4 // 3 + 4
    return registry


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise CredentialBroken("a name stands twice in the JSON")
    return read


def _small(digits: str) -> int:
    if len(digits) > _LONGEST_DIGITS:
        raise CredentialBroken("a number in the JSON is too large")
    return int(digits)


def _refuse(_: str) -> None:
    raise CredentialBroken("a number in the JSON is no whole number")
