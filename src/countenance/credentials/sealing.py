"""Templates that only the gates of a credential's audience can read, and only as part of that credential.

Each gate's key gets one COSE_Encrypt0 message (RFC 9052) with integrated HPKE in base mode (RFC 9180; in
COSE: draft-ietf-cose-hpke, HPKE-4: X25519, HKDF-SHA256, ChaCha20-Poly1305); several gates can share a key.
The credential's id, issuer, kind, audience and pack are authenticated with it, so that a template moved to
another credential does not open. Every sealing draws a new key, so that two credentials of one person share
nothing that tells it. A gate that can open both can compare them; that is what it is trusted with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbor2 import CBORTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cwt import COSE, COSEKey
from cwt.exceptions import CWTError

from countenance.credentials.cbor import read_cbor, write_cbor
from countenance.credentials.keys import key_id
from countenance.errors import CredentialBroken, CredentialForOthers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cwt.cose_key_interface import COSEKeyInterface

    from countenance.credentials.values import Claims, Credential

MOST_GATE_KEYS = 8

_HPKE_4 = 42
_ALGORITHM, _KEY_ID, _ENCAPSULATED_KEY = 1, 4, -4
_ENCRYPT0_TAG = 16
_OCTET_KEY_PAIR, _X25519, _KEY_OPERATIONS, _DERIVE_BITS = 1, 4, 4, 8


def seal(template: bytes, claims: Claims, gates: Sequence[X25519PublicKey]) -> bytes:
    """Return a quantised template, encrypted to each of the gates' keys and bound to the claims.

    Args:
        template: what :func:`countenance.credentials.quantising.quantise` returned.
        claims: those of the credential that it is for.
        gates: 1 to 8 keys of gates, or of groups of gates; each adds the template's bytes and 71 more.

    Raises:
        CredentialBroken: there are no gates, or too many.

    Example::

        sealed = seal(quantise(vector), claims, [gate_key.public_key()])
        unseal(Credential(claims, sealed), gate_key, claims.pack_sha256)
    """
    if not 1 <= len(gates) <= MOST_GATE_KEYS:
        raise CredentialBroken(
            f"a template is sealed to 1 to {MOST_GATE_KEYS} gate keys, not {len(gates)}; gates can share one"
        )
    bound = _bound_to(claims)
    return write_cbor([_sealed_to(gate, template, bound) for gate in gates])


def unseal(credential: Credential, gate_key: X25519PrivateKey, pack_sha256: bytes) -> bytes:
    """Return the quantised template of a verified credential.

    Args:
        credential: as it was verified.
        gate_key: the gate's private key, or its group's.
        pack_sha256: the digest of the pack that the gate compares faces with.

    Raises:
        CredentialForOthers: it is sealed to other gates, or made with another pack.
        CredentialBroken: it was altered, or sealed for another credential.
    """
    if credential.claims.pack_sha256 != pack_sha256:
        raise CredentialForOthers(
            f"the credential's template is of the pack {credential.claims.pack}, not of this gate's"
        )
    own, key = key_id(gate_key.public_key()), _cose_key(gate_key)
    for message in _messages(credential.sealed_template):
        if message.value[1][_KEY_ID] == own:
            return _opened(message, key, _bound_to(credential.claims))
    raise CredentialForOthers("the credential's template is sealed to other gates")


def _sealed_to(gate: X25519PublicKey, template: bytes, bound: bytes) -> CBORTag:
    try:
        encrypted = COSE.new().encode(
            template,
            _cose_key(gate),
            protected={_ALGORITHM: _HPKE_4},
            unprotected={_KEY_ID: key_id(gate)},
            external_aad=bound,
            out="cbor2/CBORTag",
        )
    except CWTError:
        # A point of small order; no gate that draws its key has one.
        raise CredentialBroken("a gate's key is none that a template can be sealed to") from None
    assert isinstance(encrypted, CBORTag)  # noqa: S101 -- what the library returns where it is asked for it
    return encrypted


def _messages(sealed: bytes) -> list[CBORTag]:
    messages = read_cbor(sealed, "the sealed template")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_GATE_KEYS:
        raise CredentialBroken(f"a sealed template is a list of 1 to {MOST_GATE_KEYS} encrypted messages")
    if not all(map(_is_encrypt0, messages)):
        raise CredentialBroken("the template is not sealed as COSE_Encrypt0 with HPKE-4")
    return messages


def _is_encrypt0(message: object) -> bool:
    if not isinstance(message, CBORTag) or message.tag != _ENCRYPT0_TAG:
        return False
    if not isinstance(message.value, list) or len(message.value) != 3:
        return False
    protected, unprotected, content = message.value
    return (
        protected == write_cbor({_ALGORITHM: _HPKE_4})
        and isinstance(unprotected, dict)
        and unprotected.keys() == {_KEY_ID, _ENCAPSULATED_KEY}
        and all(isinstance(value, bytes) for value in unprotected.values())
        and isinstance(content, bytes)
    )


def _opened(message: CBORTag, key: COSEKeyInterface, bound: bytes) -> bytes:
    try:
        template: bytes = COSE.new().decode(message, key, external_aad=bound)
    except (CWTError, ValueError):
        raise CredentialBroken(
            "the template does not open: it was altered, or sealed for another credential"
        ) from None
    return template


def _bound_to(claims: Claims) -> bytes:
    return write_cbor(
        [
            "countenance template",
            claims.credential_id,
            claims.issuer,
            claims.kind,
            list(claims.audience),
            claims.pack_sha256,
        ]
    )


def _cose_key(key: X25519PublicKey | X25519PrivateKey) -> COSEKeyInterface:
    public = key if isinstance(key, X25519PublicKey) else key.public_key()
    parameters: dict[int, object] = {
        1: _OCTET_KEY_PAIR,
        2: key_id(public),
        3: _HPKE_4,
        _KEY_OPERATIONS: [],
        -1: _X25519,
        -2: public.public_bytes_raw(),
    }
    if isinstance(key, X25519PrivateKey):
        parameters |= {_KEY_OPERATIONS: [_DERIVE_BITS], -4: key.private_bytes_raw()}
    return COSEKey.new(parameters)
