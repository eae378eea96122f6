"""A credential as text for one QR code: ``CTN1:``, then zlib in base45 (RFC 9285), as the EU's health passes.

Base45 has the characters of a QR code's alphanumeric mode, so that three of them take as much room as two
bytes; the largest QR code holds 4,296 of them.
"""

from __future__ import annotations

import zlib

import base45

from countenance.errors import CredentialBroken

PREFIX = "CTN1:"
MOST_CHARACTERS = 4296
MOST_BYTES = 8192


def to_text(credential: bytes) -> str:
    """Return a signed credential as the text of its QR code.

    Raises:
        CredentialBroken: it is too long for one.

    Example:
        >>> to_text(b"signed")
        'CTN1:NCF9O5/V9HN9V50F515E0'
    """
    text: str = PREFIX + base45.b45encode(zlib.compress(credential, 9)).decode()
    if len(text) > MOST_CHARACTERS or len(credential) > MOST_BYTES:
        raise CredentialBroken(
            f"the credential is {len(text):,} characters as a QR code; the limit is {MOST_CHARACTERS:,}: "
            "say less about the event, or name fewer gates"
        )
    return text


def from_text(text: str) -> bytes:
    """Return the signed credential that a QR code's text holds; it is not verified yet.

    Raises:
        CredentialBroken: it is no credential's text, was cut off, or becomes larger than a credential is.
    """
    if len(text) > MOST_CHARACTERS:
        raise CredentialBroken(f"the text has {len(text):,} characters; a QR code has {MOST_CHARACTERS:,}")
    if not text.startswith(PREFIX):
        raise CredentialBroken(f"this is no face credential: its text would begin with {PREFIX}")
    try:
        compressed = base45.b45decode(text[len(PREFIX) :].encode())
    except ValueError:
        raise CredentialBroken("the credential's text is no base45; was it read to its end?") from None
    return _decompressed(compressed)


def _decompressed(compressed: bytes) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        content = decompressor.decompress(compressed, MOST_BYTES + 1)
    except zlib.error:
        raise CredentialBroken("the credential's text cannot be decompressed; it was damaged") from None
    if len(content) > MOST_BYTES:
        raise CredentialBroken(f"the credential would have more than {MOST_BYTES:,} bytes")
    if not decompressor.eof or decompressor.unused_data:
        raise CredentialBroken("the credential's text was cut off, or goes on after its end")
    return content
