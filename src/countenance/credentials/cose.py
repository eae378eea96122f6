"""Credentials as signed CBOR: CWT claims (RFC 8392) in COSE_Sign1 (RFC 9052) with ES256, small enough for QR.

Whoever has the issuer's public key verifies them without asking anybody. Whether one was taken back
(status_list.py), was shown before, or is shown by the person whose face it holds is left to the gate.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cbor2 import CBORTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cwt import COSE, COSEKey
from cwt.exceptions import CWTError

from countenance.credentials.cbor import read_cbor, write_cbor
from countenance.credentials.claims import ISSUER, from_cwt, to_cwt
from countenance.credentials.keys import KeyUnusable, key_id
from countenance.errors import (
    CredentialBroken,
    CredentialForOthers,
    CredentialNotValidNow,
    CredentialUntrusted,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cwt.cose_key_interface import COSEKeyInterface

    from countenance.credentials.values import Claims, Credential

_ES256 = -7
_ALGORITHM, _KEY_ID = 1, 4
_SIGN1_TAG = 18
_SIGNATURE_BYTES = 64
_ELLIPTIC, _P256, _SIGN, _VERIFY = 2, 1, 1, 2
_COORDINATE_BYTES = 32


def issue(credential: Credential, issuer_key: EllipticCurvePrivateKey) -> bytes:
    """Return a credential, signed by its issuer.

    Args:
        credential: what is vouched for.
        issuer_key: on P-256.

    Raises:
        CredentialBroken: a claim is none that a gate would take, or all of them are too long.
        KeyUnusable: the key is on another curve.

    Example::

        text = to_text(issue(Credential(claims, seal(template, claims, gates)), key))
    """
    payload = write_cbor(to_cwt(credential))
    key = _cose_key(issuer_key)
    signed: bytes = COSE.new().encode(payload, key, protected={_ALGORITHM: _ES256, _KEY_ID: key.kid})
    # What a gate would not take never leaves the issuer.
    _, _, content = _read(signed)
    from_cwt(read_cbor(content, "the credential's content"))
    return signed


def verify(
    signed: bytes,
    *,
    trusted: Mapping[str, Sequence[EllipticCurvePublicKey]],
    now: datetime,
    audience: Collection[str],
    kinds: Collection[str],
    clock_skew_seconds: int,
) -> Credential:
    """Return what a signed credential says, once it may be believed here and now.

    1. It is a COSE_Sign1 with ES256, and nothing else in its headers but which key signed it.
    2. Its issuer is trusted and has that key.
    3. The issuer signed it.
    4. Its claims are all there, and of their kinds.
    5. It is valid now.
    6. It is for these gates and for this purpose.

    Args:
        signed: the credential, as :func:`countenance.credentials.wire45.from_text` returned it.
        trusted: the public keys of each issuer, by its name.
        now: with its time zone.
        audience: the names that this gate goes by: its own, and its groups'.
        kinds: what this gate takes credentials for, such as ``boarding``.
        clock_skew_seconds: how far the clocks of gates and issuers may be apart.

    Raises:
        CredentialBroken: it is no credential, was altered, or was not signed by who it names.
        CredentialUntrusted: its issuer, or the issuer's key, is not among the trusted.
        CredentialNotValidNow: it is not valid yet, or not any more.
        CredentialForOthers: it is for other gates, or of another kind.
        KeyUnusable: the key that it names is trusted, but on another curve than P-256.

    Example::

        verify(from_text(text), trusted={"https://airport.example": [key]}, now=datetime.now(UTC),
            audience={"gate-12"}, kinds={"boarding"}, clock_skew_seconds=60)
    """
    message, key_name, payload = _read(signed)  # 1
    cwt = read_cbor(payload, "the credential's content")
    if not isinstance(cwt, dict):
        raise CredentialBroken("the credential's content is no map of claims")
    keys = _keys_of(cwt.get(ISSUER), key_name, trusted)  # 2
    _check_signature(message, keys)  # 3
    credential = from_cwt(cwt)  # 4
    _check_time(credential.claims, now, timedelta(seconds=clock_skew_seconds))  # 5
    _check_purpose(credential.claims, audience, kinds)  # 6
    return credential


def _read(signed: bytes) -> tuple[CBORTag, bytes, bytes]:
    message = read_cbor(signed, "the credential")
    if not isinstance(message, CBORTag) or message.tag != _SIGN1_TAG:
        raise CredentialBroken("the credential is no COSE_Sign1 message (CBOR tag 18)")
    parts = message.value if isinstance(message.value, list) else []
    if len(parts) != 4 or not all(isinstance(parts[number], bytes) for number in (0, 2, 3)) or parts[1] != {}:
        raise CredentialBroken(
            "a signed credential is protected headers, no other headers, content and signature"
        )
    headers = read_cbor(parts[0], "the credential's header")
    if not isinstance(headers, dict) or headers.get(_ALGORITHM) != _ES256:
        raise CredentialBroken("the credential is not signed with ES256, the one algorithm that is taken")
    key_name = headers.get(_KEY_ID)
    if headers.keys() != {_ALGORITHM, _KEY_ID} or not isinstance(key_name, bytes):
        raise CredentialBroken("the credential's header is more or less than its algorithm and its key's id")
    if len(parts[3]) != _SIGNATURE_BYTES:
        raise CredentialBroken(f"the credential's signature is not {_SIGNATURE_BYTES} bytes")
    return message, key_name, parts[2]


def _keys_of(
    issuer: object, key_name: bytes, trusted: Mapping[str, Sequence[EllipticCurvePublicKey]]
) -> list[COSEKeyInterface]:
    if not isinstance(issuer, str) or issuer not in trusted:
        raise CredentialUntrusted("the credential's issuer is none of those whose keys this gate has")
    keys = [_cose_key(key) for key in trusted[issuer] if key_id(key) == key_name]
    if not keys:
        raise CredentialUntrusted(
            f"the credential is signed with the key {key_name.hex()[:64]}, which {issuer} does not have here"
        )
    return keys


def _check_signature(message: CBORTag, keys: list[COSEKeyInterface]) -> None:
    try:
        COSE.new().decode(message, keys)
    except (CWTError, ValueError):
        raise CredentialBroken(
            "the credential's signature is wrong: it was altered, or signed by another"
        ) from None


def _check_time(claims: Claims, now: datetime, skew: timedelta) -> None:
    if now + skew < claims.valid_from:
        raise CredentialNotValidNow(f"the credential is valid from {claims.valid_from:%Y-%m-%d %H:%M:%S} UTC")
    if now - skew >= claims.valid_until:
        raise CredentialNotValidNow(
            f"the credential was valid until {claims.valid_until:%Y-%m-%d %H:%M:%S} UTC"
        )


def _check_purpose(claims: Claims, audience: Collection[str], kinds: Collection[str]) -> None:
    if not set(claims.audience) & set(audience):
        raise CredentialForOthers(f"the credential is for {', '.join(claims.audience)}, not for this gate")
    if claims.kind not in kinds:
        raise CredentialForOthers(f"the credential is for {claims.kind}, which this gate does not take")


def _cose_key(key: EllipticCurvePrivateKey | EllipticCurvePublicKey) -> COSEKeyInterface:
    public = key.public_key() if isinstance(key, EllipticCurvePrivateKey) else key
    if not isinstance(public.curve, SECP256R1):
        raise KeyUnusable(f"a key is on {public.curve.name}; credentials are signed with keys on P-256")
    point = public.public_numbers()
    parameters: dict[int, object] = {
        1: _ELLIPTIC,
        2: key_id(public),
        3: _ES256,
        4: [_VERIFY],
        -1: _P256,
        -2: point.x.to_bytes(_COORDINATE_BYTES),
        -3: point.y.to_bytes(_COORDINATE_BYTES),
    }
    if isinstance(key, EllipticCurvePrivateKey):
        parameters |= {4: [_SIGN], -4: key.private_numbers().private_value.to_bytes(_COORDINATE_BYTES)}
    return COSEKey.new(parameters)
