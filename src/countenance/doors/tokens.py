"""Pagination tokens: opaque, signed, and good only for the request that they continue.

A token holds a position, until when it is good, and a keyed hash of both and of what it belongs to
(operation, collection, filters), so a token that was altered, is older than a day or comes with another
request is refused. The position is masked: it counts what there is in collections that are none of the
client's business.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import struct
import time
from typing import TYPE_CHECKING, Any

from countenance.errors import PaginationTokenInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from countenance.operations.pages import Page

# A position of up to 128 bits, in two halves, and the second after which the token is good no more.
_CONTENT = struct.Struct(">QQQ")
_HALF_BITS = 64
_SIGNATURE_BYTES = 16
_GOOD_FOR_SECONDS = 24 * 60 * 60


class PaginationTokens:
    """Makes and reads tokens with one secret of 32 bytes; ``clock`` tells the seconds since 1970."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock

    def token(self, position: int, belongs_to: Mapping[str, object]) -> str:
        """Return the token for a position, of at most 128 bits, within a list; ``belongs_to`` says which."""
        until = int(self._clock()) + _GOOD_FOR_SECONDS
        packed = _CONTENT.pack(*divmod(position, 1 << _HALF_BITS), until)
        signature = self._signature(packed, belongs_to)
        return base64.urlsafe_b64encode(self._masked(packed, signature) + signature).decode()

    def following(self, page: Page[Any], belongs_to: Mapping[str, object]) -> str | None:
        """Return the token for the page after one, None after the last."""
        return None if page.next_after is None else self.token(page.next_after, belongs_to)

    def position(self, token: str | None, belongs_to: Mapping[str, object]) -> int:
        """Return the position that a token names; without a token that is 0, the beginning.

        Raises:
            PaginationTokenInvalid: the token is not one for this list, or older than a day.
        """
        if token is None:
            return 0
        try:
            content = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
            signature = content[_CONTENT.size :]
            packed = self._masked(content[: _CONTENT.size], signature)
            high, low, until = _CONTENT.unpack(packed)
        except (ValueError, binascii.Error, struct.error):
            raise _invalid() from None
        if base64.urlsafe_b64encode(content).decode() != token:  # the same bytes, spelt otherwise
            raise _invalid()
        if not hmac.compare_digest(signature, self._signature(packed, belongs_to)):
            raise _invalid()
        if until < self._clock():
            raise _invalid()
        return int((high << _HALF_BITS) + low)

    def _signature(self, packed: bytes, belongs_to: Mapping[str, object]) -> bytes:
        content = packed + json.dumps(belongs_to, sort_keys=True).encode()
        return hmac.digest(self._secret, content, hashlib.sha256)[:_SIGNATURE_BYTES]

    def _masked(self, packed: bytes, signature: bytes) -> bytes:
        """Return the content masked, or a mask taken off: no two contents have the same one."""
        mask = hmac.digest(self._secret, b"position\n" + signature, hashlib.sha256)
        return bytes(each ^ other for each, other in zip(packed, mask, strict=False))


def _invalid() -> PaginationTokenInvalid:
    return PaginationTokenInvalid("Invalid Pagination Token")
