"""Keys, a template and claims of a boarding pass for tests, and how the pass is made and taken."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from countenance.credentials.cose import issue, verify
from countenance.credentials.keys import key_id
from countenance.credentials.quantising import quantise
from countenance.credentials.sealing import seal
from countenance.credentials.values import Claims, Credential, StatusPlace

AIRPORT = "https://airport.example"
ISSUER_KEY = derive_private_key(1234567, SECP256R1())
OTHER_ISSUER_KEY = derive_private_key(7654321, SECP256R1())
GATE_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_GATE_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PACK_SHA256 = bytes(range(100, 132))
KEY_NAME = key_id(ISSUER_KEY.public_key())
ES256 = {1: -7, 4: KEY_NAME}


def template_of(person: int, dimension: int = 128) -> Any:
    """Return the unit vector of somebody who does not exist."""
    vector = np.random.default_rng(person).normal(size=dimension)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def boarding_claims(**changed: Any) -> Claims:
    """Return claims with new random names, valid from noon for a day."""
    claims: dict[str, Any] = {
        "credential_id": secrets.token_urlsafe(16),
        "issuer": AIRPORT,
        "holder": secrets.token_urlsafe(12),
        "kind": "boarding",
        "audience": ("gate-b12",),
        "valid_from": NOON,
        "valid_until": NOON + timedelta(days=1),
        "pack": "dlib-cc0",
        "pack_sha256": PACK_SHA256,
        "status": StatusPlace(f"{AIRPORT}/status/3", secrets.randbelow(131_072)),
        "event": {"flight": "XY 1234", "seat": "14C"},
    }
    return Claims(**(claims | changed))


def sealed(claims: Claims, person: int = 1) -> Credential:
    """Return the credential of somebody's face, sealed to the gate."""
    return Credential(claims, seal(quantise(template_of(person)), claims, [GATE_KEY.public_key()]))


def signed_pass(person: int = 1, **changed: Any) -> bytes:
    """Return a boarding pass that the airport signed."""
    return issue(sealed(boarding_claims(**changed), person), ISSUER_KEY)


def taken(signed: bytes, **changed: Any) -> Credential:
    """Return what the gate makes of a pass, an hour after noon."""
    asked: dict[str, Any] = {
        "trusted": {AIRPORT: [ISSUER_KEY.public_key()]},
        "now": NOON + timedelta(hours=1),
        "audience": {"gate-b12"},
        "kinds": {"boarding"},
        "clock_skew_seconds": 60,
    }
    return verify(signed, **(asked | changed))


def parts_of(signed: bytes) -> list[Any]:
    """Return the four parts of a COSE_Sign1 message."""
    parts: list[Any] = cbor2.loads(signed).value
    return parts


def cwt_of(signed: bytes) -> dict[Any, Any]:
    """Return the claims of a CWT."""
    cwt: dict[Any, Any] = cbor2.loads(parts_of(signed)[2])
    return cwt


def message_of(parts: list[Any], tag: int = 18) -> bytes:
    """Return the message of those parts."""
    return cbor2.dumps(cbor2.CBORTag(tag, parts))


def signed_by_hand(payload: bytes, headers: Any = ES256, unprotected: Any = None) -> bytes:
    """Return a credential as RFC 9052, 4.4 has it, made without the library that ours is made with."""
    protected = cbor2.dumps(headers)
    signature = ISSUER_KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]), ECDSA(SHA256()))
    r, s = decode_dss_signature(signature)
    return message_of([protected, unprotected or {}, payload, r.to_bytes(32) + s.to_bytes(32)])
