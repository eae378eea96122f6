"""Encryption at rest: AES-256-GCM, the master key for keys and secrets, data keys for templates.

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
from countenance.store.keyring import KEY_BYTES

if TYPE_CHECKING:
    from countenance.faces import Vector
    from countenance.store.keyring import Keyring, KeyringSource

_NONCE_BYTES = 12


def new_data_key() -> bytes:
    """Return a random key."""
    return os.urandom(KEY_BYTES)


def seal_template(data_key: AESGCM, vector: Vector, belongs_to: bytes) -> bytes:
    """Encrypt a template as little-endian float32."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + data_key.encrypt(nonce, vector.astype("<f4").tobytes(), belongs_to)


def open_template(data_key: AESGCM, sealed: bytes, belongs_to: bytes) -> Vector:
    """Decrypt a template.

    Raises:
        TemplateBroken: it, or what it belongs to, was altered.
    """
    try:
        content = data_key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], belongs_to)
    except (InvalidTag, ValueError, TypeError):
        raise TemplateBroken("a stored template cannot be decrypted: it or its row was altered") from None
    return np.frombuffer(content, "<f4")


def face_data(collection_key: int, face_id: str, pack: str) -> bytes:
    """Return what a face's template is bound to."""
    return f"template\n{collection_key}\n{face_id}\n{pack}".encode()


def subject_data(collection_key: int, name: str) -> bytes:
    """Return what a subject's wrapped data key is bound to."""
    return f"subject\n{collection_key}\n{name}".encode()


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
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[key_id].encrypt(nonce, content, belongs_to), key_id

    def open(self, sealed: bytes, key_id: str, belongs_to: bytes) -> bytes:
        """Decrypt with the key of that id.

        Raises:
            MasterKeyInvalid: there is no such key.
            TemplateBroken: what was sealed, or what it belongs to, was altered.
        """
        try:
            return self.cipher(key_id).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], belongs_to)
        except (InvalidTag, ValueError):
            raise TemplateBroken(
                "a sealed key or secret cannot be opened: it or its row was altered"
            ) from None

    def cipher(self, key_id: str) -> AESGCM:
        """Return the cipher of a key, asking the source again where it is not known.

        Raises:
            MasterKeyInvalid: there is no such key.
        """
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
