"""Checkpoints are signed notes that are read as they were written, or refused for a reason."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import LedgerBroken
from countenance.ledger import Checkpoint, VerifierKey, leaf_hash, read_checkpoint, sign_checkpoint

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey.of("countenance", SIGNER)
CHECKPOINT = Checkpoint("countenance", 7, leaf_hash(b"root"))
NOTE = sign_checkpoint(CHECKPOINT, SIGNER)


def test_a_note_looks_as_the_formats_want_it() -> None:
    lines = NOTE.split("\n")
    assert lines[:2] == ["countenance", "7"]
    assert base64.b64decode(lines[2]) == CHECKPOINT.root
    assert lines[3] == ""
    assert lines[4].startswith("— countenance ")
    signature = base64.b64decode(lines[4].split(" ")[2])
    assert signature[:4] == KEY.key_id
    assert len(signature) == 4 + 64
    assert lines[5:] == [""]


def test_ed25519_signs_the_same_each_time() -> None:
    assert sign_checkpoint(CHECKPOINT, SIGNER) == NOTE


@given(size=st.integers(0, 2**62), root=st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_what_is_read(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("countenance", size, root)
    assert read_checkpoint(sign_checkpoint(checkpoint, SIGNER), KEY) == checkpoint


def test_others_may_have_signed_too() -> None:
    witness = sign_checkpoint(replace(CHECKPOINT, origin="witness"), SIGNER).split("\n\n")[1]
    body, own = NOTE.split("\n\n")
    assert read_checkpoint(f"{body}\n\n{witness}{own}", KEY) == CHECKPOINT


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("", "a checkpoint is"),
        ("\n\n", "a checkpoint is"),
        (NOTE.replace("7", "07"), "a checkpoint is"),
        (NOTE.replace("7", "-7"), "a checkpoint is"),
        (NOTE.replace("7", "٧"), "a checkpoint is"),
        (NOTE.replace("7", "8"), "signature by countenance is wrong"),
        (NOTE.replace("countenance\n", "another\n"), "signature by countenance is wrong"),
        (NOTE.replace("— countenance", "— somebody"), "has not signed"),
        (NOTE.replace("— ", "- "), "has not signed"),
        (NOTE.split("—")[0], "has not signed"),
        (NOTE.replace("\n\n", "\nmore\n\n"), "signature by countenance is wrong"),
        ("x" * 20_000, "too long"),
        ("countenance\n7\n???\n\n", "root is not in base64"),
        ("countenance\n7\nAAAA\n\n", "does not have 32 bytes"),
    ],
)
def test_a_note_that_was_altered_is_refused(note: str, said: str) -> None:
    with pytest.raises(LedgerBroken, match=said):
        read_checkpoint(note, KEY)


def test_another_key_of_the_same_name_has_not_signed() -> None:
    other = VerifierKey.of("countenance", Ed25519PrivateKey.generate())
    with pytest.raises(LedgerBroken, match="has not signed the checkpoint with key"):
        read_checkpoint(NOTE, other)


@given(text=st.text() | st.builds("{}\n{}\n{}\n\n{}".format, *[st.text(max_size=20)] * 4))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with pytest.raises(LedgerBroken):
        read_checkpoint(text, KEY)


def test_a_verifiers_key_is_read_as_it_is_written() -> None:
    assert VerifierKey.parse(str(KEY)) == KEY
    assert str(KEY).startswith(f"countenance+{KEY.key_id.hex()}+A")


@pytest.mark.parametrize(
    "text",
    ["", "countenance", "a+b", str(KEY)[:-4], str(KEY).replace("countenance", "another"), f"+{KEY}", "é+é+é"],
)
def test_what_is_no_verifiers_key_is_refused(text: str) -> None:
    with pytest.raises(LedgerBroken):
        VerifierKey.parse(text)


@given(text=st.text())
def test_no_text_is_taken_for_a_verifiers_key(text: str) -> None:
    with pytest.raises(LedgerBroken):
        VerifierKey.parse(text)
