"""Signed checkpoints: what a ledger was at a moment, in the C2SP formats tlog-checkpoint and signed-note.

A checkpoint is three lines (origin, number of entries, root in base64), an empty line, and lines of
signatures. Whoever keeps one can show later that the ledger was rewritten or rolled back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from countenance.errors import LedgerBroken
from countenance.ledger.merkle import HASH_BYTES

if TYPE_CHECKING:
    from typing import Final

_ED25519: Final = b"\x01"
_KEY_ID_BYTES = 4
_MOST_CHARACTERS = 16_384
_MOST_SIGNATURES = 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME = re.compile(r"[^\s+]{1,255}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first ``size`` entries of the ledger ``origin`` have this root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The name and the public key of who signs checkpoints.

    Its text is ``name+id+key``, the id in hexadecimal and the key in base64, as signed-note has it.
    """

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key it is."""
        return hashlib.sha256(f"{self.name}\n".encode() + _ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def of(cls, name: str, private_key: Ed25519PrivateKey) -> VerifierKey:
        """Return the public half of a key."""
        return cls(name, private_key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a key's text.

        Raises:
            LedgerBroken: it is none.
        """
        name, key_id, encoded = (*text.strip().split("+", 2), "", "")[:3]
        content = _decoded(encoded, "the verifier's key")
        if _NAME.fullmatch(name) is None or content[:1] != _ED25519 or len(content) != 1 + HASH_BYTES:
            raise LedgerBroken("a verifier's key is name+id+key, of an Ed25519 key")
        key = cls(name, content[1:])
        if key_id != key.key_id.hex():
            raise LedgerBroken("the verifier's key does not have the id that it says")
        return key


def sign_checkpoint(checkpoint: Checkpoint, private_key: Ed25519PrivateKey) -> str:
    """Return the signed note; the signer has the name of the ledger's origin."""
    verifier = VerifierKey.of(checkpoint.origin, private_key)
    signature = private_key.sign(checkpoint.body().encode())
    encoded = base64.b64encode(verifier.key_id + signature).decode()
    return f"{checkpoint.body()}\n— {verifier.name} {encoded}\n"


def read_checkpoint(text: str, verifier: VerifierKey) -> Checkpoint:
    """Read a signed note that one signer must have signed; others may have, too.

    Raises:
        LedgerBroken: it is no checkpoint, or not signed by that key.
    """
    if len(text) > _MOST_CHARACTERS:
        raise LedgerBroken("the checkpoint is too long")
    body, separator, signatures = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3 or _SIZE.fullmatch(lines[1]) is None or not lines[0]:
        raise LedgerBroken("a checkpoint is an origin, a number of entries and a root, and signatures")
    root = _decoded(lines[2], "the checkpoint's root")
    if len(root) != HASH_BYTES:
        raise LedgerBroken("the checkpoint's root does not have 32 bytes")
    _check_signature(f"{body}\n".encode(errors="surrogatepass"), signatures, verifier)
    return Checkpoint(lines[0], int(lines[1]), root)


def _check_signature(body: bytes, signatures: str, verifier: VerifierKey) -> None:
    for line in signatures.split("\n")[:_MOST_SIGNATURES]:
        dash, name, encoded = (*line.split(" ", 2), "", "")[:3]
        if dash != "—" or name != verifier.name:
            continue
        content = _decoded(encoded, "the checkpoint's signature")
        if content[:_KEY_ID_BYTES] != verifier.key_id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(verifier.public_key).verify(content[_KEY_ID_BYTES:], body)
        except InvalidSignature:
            raise LedgerBroken(f"the checkpoint's signature by {verifier.name} is wrong") from None
        return
    raise LedgerBroken(f"{verifier.name} has not signed the checkpoint with key {verifier.key_id.hex()}")


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise LedgerBroken(f"{what} is not in base64") from None
