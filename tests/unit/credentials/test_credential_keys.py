"""Keys are read from PEM and JWK, each for its own use, and named by their thumbprints."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from signed_passes import GATE_KEY, ISSUER_KEY

from countenance.credentials.keys import (
    KeyUnusable,
    key_id,
    read_gate_key,
    read_gate_private_key,
    read_issuer_key,
    read_signing_key,
)


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _pem(key: object) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[attr-defined, no-any-return]


def _public_pem(key: object) -> str:
    public = key.public_key()  # type: ignore[attr-defined]
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()  # type: ignore[no-any-return]


POINT = ISSUER_KEY.public_key().public_numbers()
ISSUER_JWK = {
    "crv": "P-256",
    "kty": "EC",
    "x": _base64url(POINT.x.to_bytes(32)),
    "y": _base64url(POINT.y.to_bytes(32)),
}
SIGNING_JWK = ISSUER_JWK | {"d": _base64url((1234567).to_bytes(32))}
GATE_JWK = {"crv": "X25519", "kty": "OKP", "x": _base64url(GATE_KEY.public_key().public_bytes_raw())}
GATE_PRIVATE_JWK = GATE_JWK | {"d": _base64url(GATE_KEY.private_bytes_raw())}


def test_a_key_is_read_from_either_form() -> None:
    for text in (_public_pem(ISSUER_KEY), json.dumps(ISSUER_JWK)):
        assert read_issuer_key(text).public_numbers() == POINT
    for text in (_pem(ISSUER_KEY), json.dumps(SIGNING_JWK)):
        assert read_signing_key(text).private_numbers() == ISSUER_KEY.private_numbers()
    for text in (_public_pem(GATE_KEY), json.dumps(GATE_JWK)):
        assert read_gate_key(text).public_bytes_raw() == GATE_KEY.public_key().public_bytes_raw()
    for text in (_pem(GATE_KEY), json.dumps(GATE_PRIVATE_JWK)):
        assert read_gate_private_key(text).private_bytes_raw() == GATE_KEY.private_bytes_raw()


@pytest.mark.parametrize(("key", "jwk"), [(ISSUER_KEY, ISSUER_JWK), (GATE_KEY, GATE_JWK)])
def test_a_key_is_named_by_the_first_bytes_of_its_thumbprint(key: object, jwk: dict[str, str]) -> None:
    canonical = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    assert key_id(key.public_key()) == hashlib.sha256(canonical).digest()[:8]  # type: ignore[attr-defined]


ELSEWHERE = generate_private_key(SECP384R1())
LOCKED = ISSUER_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "{",
        "{}",
        "[" * 10_000,
        '{"a":' * 3_000,
        json.dumps({"kty": "oct", "k": "c2VjcmV0"}),
        json.dumps(ISSUER_JWK | {"y": ISSUER_JWK["x"]}),
        json.dumps(ISSUER_JWK | {"x": 1}),
        _public_pem(ELSEWHERE),
        _pem(ELSEWHERE),
        LOCKED.decode(),
        _public_pem(ISSUER_KEY)[:-40],
        "x" * 20_000,
        "\ud800",
    ],
)
def test_no_reader_takes_what_is_no_key_of_its_kind(text: str) -> None:
    for read in (read_issuer_key, read_signing_key, read_gate_key, read_gate_private_key):
        with pytest.raises(KeyUnusable):
            read(text)


def test_a_private_key_is_not_taken_for_a_public_one_nor_a_gates_for_an_issuers() -> None:
    for text in (_pem(ISSUER_KEY), json.dumps(SIGNING_JWK), _public_pem(GATE_KEY), json.dumps(GATE_JWK)):
        with pytest.raises(KeyUnusable, match="is not an issuer's public P-256 key"):
            read_issuer_key(text)
    for text in (_pem(GATE_KEY), json.dumps(GATE_PRIVATE_JWK), _public_pem(ISSUER_KEY)):
        with pytest.raises(KeyUnusable, match="is not a gate's public X25519 key"):
            read_gate_key(text)


@given(text=st.text(max_size=100), begun=st.sampled_from(["", "{", "-----BEGIN PUBLIC KEY-----\n"]))
def test_no_text_does_harm(text: str, begun: str) -> None:
    with pytest.raises(KeyUnusable):
        read_issuer_key(begun + text)
