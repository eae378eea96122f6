"""Encryption at rest: AES-256-GCM, the master key for secrets and subject keys, data keys for templates.

What is sealed is a random nonce of 12 bytes, the ciphertext and a tag of 16 bytes. The associated data says
where it belongs, so nothing that was moved to another row opens.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from countenance.errors import MasterKeyInvalid, TemplateBroken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.faces import Vector
    from countenance.store.key_tree import KeyTree
    from countenance.store.keyring import Keyring, KeyringSource

_NONCE_BYTES = 12


def seal(cipher: AESGCM, content: bytes, belongs_to: bytes) -> bytes:
    """Encrypt with a fresh nonce."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, belongs_to)


def open_sealed(cipher: AESGCM, sealed: bytes, belongs_to: bytes, what: str = "what is stored") -> bytes:
    """Decrypt; ``what`` names it in the error.

    Raises:
        TemplateBroken: what was sealed, or what it belongs to, was altered.
    """
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], belongs_to)
    except (InvalidTag, ValueError, TypeError):
        raise TemplateBroken(f"{what} cannot be decrypted: it or its row was altered") from None


def seal_template(data_key: AESGCM, vector: Vector, belongs_to: bytes) -> bytes:
    """Encrypt a template as little-endian float32."""
    return seal(data_key, vector.astype("<f4").tobytes(), belongs_to)


def open_template(data_key: AESGCM, sealed: bytes, belongs_to: bytes) -> Vector:
    """Decrypt a template; raises TemplateBroken."""
    return np.frombuffer(open_sealed(data_key, sealed, belongs_to, "a stored template"), "<f4")


def face_data(collection_key: int, face_id: str, pack: str) -> bytes:
    """Return what a face's template is bound to."""
    return f"template\n{collection_key}\n{face_id}\n{pack}".encode()


def portrait_data(collection_key: int, face_id: str, pack: str) -> bytes:
    """Return what a face's portrait is bound to."""
    return face_data(collection_key, face_id, pack) + b"\nportrait"


def data_keys(tree: KeyTree, leaves: Iterable[int]) -> dict[int, AESGCM]:
    """Return the data keys of those of the leaves whose key was not destroyed."""
    wanted = sorted(set(leaves))
    return {leaf: AESGCM(key) for leaf, key in zip(wanted, tree.keys(wanted), strict=True) if key is not None}


class MasterKeys:
    """Seals with the current master key and opens with whichever was used; follows changes of its source."""

    def __init__(self, source: KeyringSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._stamp: object = None
        self._ciphers: dict[str, AESGCM] = {}
        self._current_id = ""
        self._reload()

    @property
    def current_id(self) -> str:
        """The id of the key that seals now; a changed source is noticed here."""
        if self._source.stamp() != self._stamp:
            self._reload()
        return self._current_id

    def seal(self, content: bytes, belongs_to: bytes) -> tuple[bytes, str]:
        """Encrypt with the current key; returns its id too."""
        key_id = self.current_id
        return seal(self._ciphers[key_id], content, belongs_to), key_id

    def open(self, sealed: bytes, key_id: str, belongs_to: bytes) -> bytes:
        """Decrypt with the key of that id.

        Raises:
            MasterKeyInvalid: there is no such key.
            TemplateBroken: what was sealed, or what it belongs to, was altered.
        """
        return open_sealed(self._cipher(key_id), sealed, belongs_to, "a sealed secret")

    def _cipher(self, key_id: str) -> AESGCM:
        """Return the cipher of a key, asking the source again where it is not known."""
        if key_id not in self._ciphers:
            self._reload()
        if key_id not in self._ciphers:
            raise MasterKeyInvalid(
                f"the database was sealed with the master key {key_id}, which is not in the keyring; "
                "give the server the keyring that belongs to this database"
            )
        return self._ciphers[key_id]

    def _reload(self) -> None:
        with self._lock:
            stamp = self._source.stamp()
            keyring: Keyring = self._source.load()
            self._ciphers = {key.key_id: AESGCM(key.key) for key in keyring.keys}
            self._current_id = keyring.current.key_id
            # A file that was just made has a stamp only now.
            self._stamp = stamp if stamp is not None else self._source.stamp()
