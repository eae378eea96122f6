"""CBOR (RFC 8949) from strangers: bounded, and only what our own encoder would have written.

What is read must encode to the same bytes again, and may hold only texts, bytes, whole numbers, lists and
maps. So there are no two ways to write one credential, and none of what CBOR has besides: names given twice,
lengths that do not end, fractions, dates, and references that make a hundred bytes unfold to 2³⁰ values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cbor2

from countenance.errors import CredentialBroken

if TYPE_CHECKING:
    from typing import Any

MOST_BYTES = 8192

_BYTES, _TEXT, _TAG, _SIMPLE = 2, 3, 6, 7
_COSE_ENCRYPT0, _COSE_SIGN1 = 16, 18
_LONG_ARGUMENTS = {24: 1, 25: 2, 26: 4, 27: 8}


def read_cbor(content: bytes, what: str) -> Any:
    """Return the one value that is written there; tags of COSE as :class:`cbor2.CBORTag`.

    Args:
        content: at most 8,192 bytes.
        what: whose content it is, for the message.

    Raises:
        CredentialBroken: it is too long, no CBOR, or not written in the one way that we write it.
    """
    if len(content) > MOST_BYTES:
        raise CredentialBroken(f"{what} has {len(content):,} bytes; the limit is {MOST_BYTES:,}")
    _refuse_foreign(content, what)
    try:
        value = cbor2.loads(content)
        again = cbor2.dumps(value)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError):
        raise CredentialBroken(f"{what} is no CBOR") from None
    if again != content:
        raise CredentialBroken(f"{what} is CBOR, but not written in the one way that credentials are")
    return value


def write_cbor(value: object) -> bytes:
    """Return a value's encoding; maps keep the order that they are given in.

    Raises:
        CredentialBroken: a text in it cannot be written as UTF-8.
    """
    try:
        return cbor2.dumps(value)
    except ValueError:
        raise CredentialBroken(
            "a text of the credential has half a character, which UTF-8 cannot write"
        ) from None


def _refuse_foreign(content: bytes, what: str) -> None:
    # The decoder acts on tags as it meets them, so they are looked for first: item after item, whatever holds
    # it. Items that do not fit together are left to the decoder.
    position = 0
    while position < len(content):
        major, argument = content[position] >> 5, content[position] & 31
        position += 1
        if argument in _LONG_ARGUMENTS:
            end = position + _LONG_ARGUMENTS[argument]
            argument, position = int.from_bytes(content[position:end]), end
        if major == _SIMPLE or (major == _TAG and argument not in {_COSE_ENCRYPT0, _COSE_SIGN1}):
            raise CredentialBroken(f"{what} holds CBOR of a kind that credentials have no use for")
        if major in {_BYTES, _TEXT}:
            position += argument
