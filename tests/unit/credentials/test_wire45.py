"""A credential's text for a QR code is read as it was written, or refused before it does harm."""

from __future__ import annotations

import contextlib
import secrets
import zlib

import base45
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_passes import signed_pass, taken

from countenance.credentials.wire45 import MOST_BYTES, MOST_CHARACTERS, PREFIX, from_text, to_text
from countenance.errors import CredentialBroken, CredentialError

ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def _text(compressed: bytes) -> str:
    encoded: bytes = base45.b45encode(compressed)
    return PREFIX + encoded.decode()


@given(content=st.binary(max_size=2000))
def test_what_is_written_is_read(content: bytes) -> None:
    text = to_text(content)
    assert set(text) <= ALPHANUMERIC
    assert from_text(text) == content


def test_a_boarding_pass_fits_a_qr_code_of_version_20() -> None:
    text = to_text(signed_pass())
    assert len(text) <= 970, "version 20 at level M holds 970 alphanumeric characters"
    assert taken(from_text(text)).claims.event == {"flight": "XY 1234", "seat": "14C"}


def test_a_credential_too_long_for_a_code_is_not_written() -> None:
    with pytest.raises(CredentialBroken, match=r"the limit is 4,296: say less about the event"):
        to_text(secrets.token_bytes(2900))
    with pytest.raises(CredentialBroken):
        to_text(bytes(MOST_BYTES + 1))


def test_a_bomb_is_not_unpacked() -> None:
    text = _text(zlib.compress(bytes(2_000_000)))
    assert len(text) <= MOST_CHARACTERS
    with pytest.raises(CredentialBroken, match="more than 8,192 bytes"):
        from_text(text)


def test_every_truncation_is_refused() -> None:
    text = to_text(signed_pass())
    for length in range(len(text)):
        with pytest.raises(CredentialBroken):
            from_text(text[:length])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "would begin with CTN1:"),
        ("HC1:6BFOXN", "would begin with CTN1:"),
        ("ctn1:6BF", "would begin with CTN1:"),
        ("CTN1:", "cut off"),
        ("CTN1:abc", "no base45"),
        ("CTN1::::", "no base45"),
        ("CTN1:\ud800", "no base45"),
        ("CTN1:ÄÖ", "no base45"),
        ("CTN1:" + "0" * 5000, "has 5,005 characters"),
        (_text(b"nothing compressed"), "was damaged"),
        (_text(zlib.compress(b"signed") + b"more"), "goes on after its end"),
        (to_text(b"signed") + "\n", "no base45"),
    ],
)
def test_other_texts_are_refused_for_a_reason(text: str, said: str) -> None:
    with pytest.raises(CredentialBroken, match=said):
        from_text(text)


@given(text=st.text(max_size=200), behind=st.booleans())
def test_no_text_does_harm(text: str, behind: bool) -> None:
    with contextlib.suppress(CredentialError):
        from_text(PREFIX + text if behind else text)
