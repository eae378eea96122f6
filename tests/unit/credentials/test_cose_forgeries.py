"""What was not signed by who it names, or is written as no issuer does, is not believed and does no harm."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from signed_passes import (
    AIRPORT,
    ES256,
    ISSUER_KEY,
    KEY_NAME,
    NOON,
    OTHER_ISSUER_KEY,
    boarding_claims,
    cwt_of,
    message_of,
    parts_of,
    sealed,
    signed_by_hand,
    signed_pass,
    taken,
)

from countenance.credentials.cose import issue
from countenance.credentials.keys import KeyUnusable, key_id
from countenance.errors import (
    CredentialBroken,
    CredentialError,
    CredentialUntrusted,
)

PASS = signed_pass()


# --- forgery ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [1, 2, 3, 4, 5, 7, -65537])
def test_altered_claims_are_not_believed(label: int) -> None:
    later = NOON + timedelta(hours=2)
    others = cwt_of(signed_pass(person=2, audience=("gate-c3",), valid_until=later))
    cwt = cwt_of(PASS)
    cwt[label] = others[label] if label not in {1, 5} else {1: AIRPORT + ".", 5: 0}[label]
    parts = parts_of(PASS)
    parts[2] = cbor2.dumps(cwt)
    with pytest.raises(
        CredentialUntrusted if label == 1 else CredentialBroken, match=r"wrong|issuer is none"
    ):
        taken(message_of(parts))


def test_a_swapped_template_is_not_believed() -> None:
    cwt = cwt_of(PASS)
    cwt[-65537][4] = cwt_of(signed_pass(person=2))[-65537][4]
    parts = parts_of(PASS)
    parts[2] = cbor2.dumps(cwt)
    with pytest.raises(CredentialBroken, match="signature is wrong"):
        taken(message_of(parts))


def test_another_issuer_cannot_sign_in_the_name_of_one() -> None:
    forged = issue(sealed(boarding_claims()), OTHER_ISSUER_KEY)
    with pytest.raises(CredentialUntrusted, match=f"which {AIRPORT} does not have here"):
        taken(forged)
    trusted = {AIRPORT: [ISSUER_KEY.public_key()], "https://rail.example": [OTHER_ISSUER_KEY.public_key()]}
    with pytest.raises(CredentialUntrusted):
        taken(forged, trusted=trusted)
    parts = parts_of(forged)
    parts[0] = cbor2.dumps(ES256)
    with pytest.raises(CredentialBroken, match="signature is wrong"):
        taken(message_of(parts))


def test_an_issuer_that_nobody_knows_is_not_trusted() -> None:
    with pytest.raises(CredentialUntrusted, match="issuer is none of those"):
        taken(PASS, trusted={})


def test_any_of_an_issuers_keys_will_do() -> None:
    keys = [OTHER_ISSUER_KEY.public_key(), ISSUER_KEY.public_key()]
    assert taken(PASS, trusted={AIRPORT: keys}).claims.issuer == AIRPORT


def test_the_public_key_is_no_secret_of_a_mac() -> None:
    public = ISSUER_KEY.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    ):
        protected = cbor2.dumps({1: 5, 4: KEY_NAME})
        payload = parts_of(PASS)[2]
        for context, tag in (("MAC0", 17), ("Signature1", 18)):
            signed = cbor2.dumps([context, protected, b"", payload])
            code = hmac.new(secret, signed, hashlib.sha256).digest()
            with pytest.raises(CredentialBroken, match=r"COSE_Sign1|no use for|ES256"):
                taken(message_of([protected, {}, payload, code], tag))


@pytest.mark.parametrize(
    "headers",
    [{4: KEY_NAME}, {1: 0, 4: KEY_NAME}, {1: "none", 4: KEY_NAME}, {1: -8, 4: KEY_NAME}, {}, [], -7],
)
def test_no_other_algorithm_is_taken(headers: Any) -> None:
    with pytest.raises(CredentialBroken, match="not signed with ES256"):
        taken(signed_by_hand(parts_of(PASS)[2], headers))


@pytest.mark.parametrize(
    "headers", [{1: -7}, {1: -7, 4: "kid"}, ES256 | {2: [99], 99: 1}, ES256 | {5: b"iv"}]
)
def test_no_other_headers_are_taken(headers: Any) -> None:
    with pytest.raises(CredentialBroken, match="more or less than its algorithm"):
        taken(signed_by_hand(parts_of(PASS)[2], headers))


def test_headers_that_are_not_signed_are_refused() -> None:
    assert taken(signed_by_hand(parts_of(PASS)[2])).claims.issuer == AIRPORT
    with pytest.raises(CredentialBroken, match="no other headers"):
        taken(signed_by_hand(parts_of(PASS)[2], unprotected={4: KEY_NAME}))


@pytest.mark.parametrize("signature", [b"", bytes(64), bytes(63), b"\xff" * 64, bytes(128)])
def test_a_signature_of_nothing_is_wrong(signature: bytes) -> None:
    with pytest.raises(CredentialBroken, match="signature is"):
        taken(message_of([*parts_of(PASS)[:3], signature]))


def test_keys_of_other_curves_neither_sign_nor_verify() -> None:
    elsewhere = derive_private_key(1234567, SECP384R1())
    with pytest.raises(KeyUnusable, match="on secp384r1"):
        issue(sealed(boarding_claims()), elsewhere)
    headers = {1: -7, 4: key_id(elsewhere.public_key())}
    with pytest.raises(KeyUnusable, match="on secp384r1"):
        taken(signed_by_hand(parts_of(PASS)[2], headers), trusted={AIRPORT: [elsewhere.public_key()]})


# --- hostile content ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "value"),
    [
        (3, "gate-b12"),
        (3, []),
        (3, ["gate-b12"] * 17),
        (3, [7]),
        (3, ["gate-b12\n"]),
        (3, ["x" * 257]),
        (4, -1),
        (4, 2**62),
        (4, "tomorrow"),
        (4, int(NOON.timestamp())),
        (5, b"now"),
        (7, bytes(15)),
        (7, "id"),
        (2, ""),
        (6, 0),
        ("iss", AIRPORT),
        (-65537, []),
        (-65537, {}),
    ],
)
def test_claims_that_the_issuer_signed_but_no_gate_understands_are_refused(label: Any, value: Any) -> None:
    with pytest.raises(CredentialBroken, match="credential"):
        taken(signed_by_hand(cbor2.dumps(cwt_of(PASS) | {label: value})))


@pytest.mark.parametrize(
    ("label", "value"),
    [
        (1, ""),
        (2, "x" * 300),
        (3, bytes(31)),
        (4, b""),
        (4, bytes(5000)),
        (4, "text"),
        (5, []),
        (5, ["uri", -1]),
        (5, ["uri", 2**32]),
        (5, ["uri", "0"]),
        (6, {}),
        (6, {"seat": 14}),
        (6, {str(number): "x" for number in range(17)}),
        (6, {"seat": "\u202e14C"}),
        (7, 0),
    ],
)
def test_parts_of_ours_that_no_gate_understands_are_refused(label: int, value: Any) -> None:
    cwt = cwt_of(PASS)
    cwt[-65537][label] = value
    with pytest.raises(CredentialBroken, match="credential"):
        taken(signed_by_hand(cbor2.dumps(cwt)))


@pytest.mark.parametrize("time", [NOON.timestamp(), True, None, cbor2.CBORTag(1, int(NOON.timestamp()))])
def test_times_are_whole_seconds_and_nothing_else(time: Any) -> None:
    with pytest.raises(CredentialBroken, match="no use for"):
        taken(signed_by_hand(cbor2.dumps(cwt_of(PASS) | {5: time})))


def test_a_claim_given_twice_is_refused() -> None:
    payload = parts_of(PASS)[2]
    assert payload[0] == 0xA7
    twice = b"\xa8" + payload[1:] + cbor2.dumps(3) + cbor2.dumps(["gate-c3"])
    with pytest.raises(CredentialBroken, match="not written in the one way"):
        taken(signed_by_hand(twice), audience={"gate-c3"})


def _unfolding() -> bytes:
    content = b"\xd8\x1c\x80"
    for number in range(200):
        content = b"\xd8\x1c\x82" + content + b"\xd8\x1d" + cbor2.dumps(number)
    return content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xd2",
        b"\xd2\x84",
        b"\x81" * 8000,
        b"\xa1\x01" * 4000,
        b"\x9b" + b"\xff" * 8,
        b"\x5b\x7f" + b"\xff" * 7,
        b"\xbb\x7f" + b"\xff" * 7,
        b"\x9f" * 8000,
        b"\xc5\x82\x1b\x00\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\xd8\x23\x64(a+)",
        b"\xc2\x59\x1f\x00" + b"\xff" * 0x1F00,
        b"\x61\xff",
        b"\xa1\xa0\x00",
        b"\xa1\x80\x00",
        b"\x19",
        _unfolding(),
        bytes(9000),
        cbor2.dumps("text"),
        cbor2.dumps(cbor2.CBORTag(18, 1)),
        cbor2.dumps(cbor2.CBORTag(16, [b"", {}, b""])),
        cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b"", b""])),
        cbor2.dumps(cbor2.CBORTag(18, [{}, {}, b"", b""])),
        message_of(parts_of(PASS)) + b"\x00",
    ],
)
def test_hostile_cbor_is_refused_as_message_as_header_and_as_content(content: bytes) -> None:
    for signed in (content, message_of([content, {}, b"", bytes(64)]), signed_by_hand(content)):
        with pytest.raises((CredentialBroken, CredentialUntrusted)):
            taken(signed)


def test_every_truncation_is_refused() -> None:
    for length in range(len(PASS)):
        with pytest.raises(CredentialBroken):
            taken(PASS[:length])


@given(position=st.integers(0, len(PASS) - 1), changed=st.integers(1, 255))
def test_no_changed_byte_is_believed(position: int, changed: int) -> None:
    altered = bytearray(PASS)
    altered[position] ^= changed
    with pytest.raises((CredentialBroken, CredentialUntrusted)):
        taken(bytes(altered))


@given(
    content=st.binary(max_size=300),
    begun=st.sampled_from([b"", b"\xd2", b"\xd2\x84", b"\xd2\x84\x43\xa1\x01\x26"]),
)
def test_no_bytes_do_harm(content: bytes, begun: bytes) -> None:
    with contextlib.suppress(CredentialError):
        taken(begun + content)
