"""Keys of issuers (P-256, to sign) and of gates (X25519, to unseal), as PEM or JWK, and their short names."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from countenance.errors import CredentialError

if TYPE_CHECKING:
    from typing import Final

KEY_ID_BYTES: Final = 8

_MOST_CHARACTERS = 16_384


class KeyUnusable(CredentialError):
    """A key cannot be read, or is not of the kind that is needed there."""


def key_id(key: EllipticCurvePublicKey | X25519PublicKey) -> bytes:
    """Return a key's name in credentials: the first 8 bytes of its SHA-256 thumbprint (RFC 7638, RFC 8037).

    Eight bytes are what a QR code has room for, as in the EU's health passes. It only says which key to try.
    """
    jwk = ECKey.import_key(key) if isinstance(key, EllipticCurvePublicKey) else OKPKey.import_key(key)
    return base64.urlsafe_b64decode(jwk.thumbprint() + "=")[:KEY_ID_BYTES]


def read_issuer_key(text: str) -> EllipticCurvePublicKey:
    """Return an issuer's public key from PEM (``BEGIN PUBLIC KEY``) or a JSON Web Key (RFC 7517).

    Raises:
        KeyUnusable: it is no public P-256 key.

    Example::

        read_issuer_key(Path("airport.pem").read_text())
    """
    key = _read(text, private=False)
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise _unusable("an issuer's public P-256 key")
    return key


def read_signing_key(text: str) -> EllipticCurvePrivateKey:
    """Return an issuer's private key from PEM without a passphrase, or a JSON Web Key.

    Raises:
        KeyUnusable: it is no private P-256 key, or has a passphrase.
    """
    key = _read(text, private=True)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise _unusable("an issuer's private P-256 key")
    return key


def read_gate_key(text: str) -> X25519PublicKey:
    """Return the public key of a gate, or of a group of gates, from PEM or a JSON Web Key (RFC 8037).

    Raises:
        KeyUnusable: it is no public X25519 key.
    """
    key = _read(text, private=False)
    if not isinstance(key, X25519PublicKey):
        raise _unusable("a gate's public X25519 key")
    return key


def read_gate_private_key(text: str) -> X25519PrivateKey:
    """Return the private key of a gate, or of a group of gates, from PEM without a passphrase, or a JWK.

    Raises:
        KeyUnusable: it is no private X25519 key, or has a passphrase.
    """
    key = _read(text, private=True)
    if not isinstance(key, X25519PrivateKey):
        raise _unusable("a gate's private X25519 key")
    return key


def _read(text: str, *, private: bool) -> object:
    if len(text) > _MOST_CHARACTERS:
        raise KeyUnusable(f"the key's text has {len(text):,} characters; the limit is {_MOST_CHARACTERS:,}")
    try:
        if text.lstrip().startswith("{"):
            return _from_jwk(text, private=private)
        return load_pem_private_key(text.encode(), None) if private else load_pem_public_key(text.encode())
    except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _from_jwk(text: str, *, private: bool) -> object:
    fields = json.loads(text)
    jwk = OKPKey.import_key(fields) if fields.get("kty") == "OKP" else ECKey.import_key(fields)
    # A private key where a public one is wanted is refused: it has been handed to the wrong place.
    if jwk.is_private is not private:
        return None
    return jwk.private_key if private else jwk.public_key


def _unusable(what: str) -> KeyUnusable:
    return KeyUnusable(f"the text is not {what}, as PEM or as a JSON Web Key, without a passphrase")
