"""Status lists say of each credential whether it was revoked, to who has the issuer's public key."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from countenance.credentials.jose import sign
from countenance.credentials.status_list import (
    LEAST_BITS,
    MOST_BITS,
    StatusList,
    bits_of,
    check_status,
    decode_bits,
    draw_index,
    encode_bits,
    read_status_list,
    sign_status_list,
)
from countenance.credentials.values import Claims, StatusPlace
from countenance.errors import (
    CredentialBroken,
    CredentialError,
    CredentialRevoked,
    CredentialUntrusted,
    StatusUnknown,
)

KEY, OTHER_KEY = derive_private_key(7, SECP256R1()), derive_private_key(8, SECP256R1())
ISSUER, URI = "https://air.example", "https://air.example/status/1"
TRUSTED = {ISSUER: [KEY.public_key()]}
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
REVOKED = frozenset({0, 9, LEAST_BITS - 1})
LISTING = StatusList(
    uri=URI,
    issuer=ISSUER,
    bits=bits_of(REVOKED),
    valid_from=NOW - timedelta(hours=1),
    valid_until=NOW + timedelta(days=1),
    time_to_live=timedelta(hours=6),
)
INDEXES = st.sets(st.integers(0, LEAST_BITS - 1), max_size=200)


def claims(index: int = 5, uri: str = URI, issuer: str = ISSUER) -> Claims:
    return Claims(
        credential_id="A" * 22,
        issuer=issuer,
        holder="",
        kind="boarding",
        audience=("gate 7",),
        valid_from=NOW,
        valid_until=NOW + timedelta(hours=1),
        pack="dlib",
        pack_sha256=bytes(32),
        status=StatusPlace(uri, index),
    )


def check(of: Claims, listing: StatusList | None, fetched: datetime = NOW) -> None:
    check_status(of, listing, fetched=fetched, now=NOW, clock_skew_seconds=60)


def signed_again(change: Callable[[dict[str, Any]], None]) -> str:
    """Return the list as its issuer would have signed it with something else in it."""
    said = json.loads(unpacked(sign_status_list(LISTING, KEY)))
    change(said)
    return sign(said, "vc+jwt", KEY)


def unpacked(token: str) -> bytes:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def packed(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(INDEXES)
@settings(max_examples=30)
def test_exactly_the_revoked_are_revoked_after_signing_and_reading(revoked: set[int]) -> None:
    token = sign_status_list(replace(LISTING, bits=bits_of(revoked)), KEY)
    read = read_status_list(token, URI, TRUSTED)
    assert {index for index in range(LEAST_BITS) if read.is_revoked(index)} == revoked


def test_a_list_is_read_as_it_was_signed() -> None:
    assert read_status_list(sign_status_list(LISTING, KEY), URI, TRUSTED) == LISTING


def test_the_first_index_is_the_leftmost_bit() -> None:
    assert bits_of({0, 9})[:2] == bytes([0b10000000, 0b01000000])


def test_an_independent_library_verifies_a_list_and_finds_the_bits_where_the_standard_has_them() -> None:
    jws = JWS()
    jws.deserialize(sign_status_list(LISTING, KEY))
    jws.verify(JWK.from_pyca(KEY.public_key()), alg="ES256")
    subject = json.loads(jws.payload)["credentialSubject"]
    encoded = subject["encodedList"]
    assert encoded[0] == "u"
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    text = "".join(f"{byte:08b}" for byte in bits)
    assert {place for place, bit in enumerate(text) if bit == "1"} == REVOKED
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    assert json.loads(jws.objects["protected"])["typ"] == "vc+jwt"


def test_a_list_that_an_independent_library_signed_is_read() -> None:
    jws = JWS(unpacked(sign_status_list(LISTING, KEY)))
    jws.add_signature(JWK.from_pyca(KEY), protected=json.dumps({"alg": "ES256", "typ": "vc+jwt"}))
    assert read_status_list(jws.serialize(compact=True), URI, TRUSTED) == LISTING


def test_the_largest_list_is_read_though_it_cannot_be_packed() -> None:
    largest = replace(LISTING, bits=random.Random(5).randbytes(MOST_BITS // 8))
    assert read_status_list(sign_status_list(largest, KEY), URI, TRUSTED) == largest


def test_a_list_of_a_few_revoked_is_small_enough_to_fetch_often() -> None:
    assert len(sign_status_list(LISTING, KEY)) < 1000


@given(st.sets(st.integers(0, 63)).filter(lambda taken: len(taken) < 64))
def test_an_index_is_drawn_that_nobody_has(taken: set[int]) -> None:
    assert draw_index(taken, size=64) in set(range(64)) - taken


def test_every_free_index_can_be_drawn() -> None:
    assert {draw_index({0, 2, 3}, size=6) for _ in range(500)} == {1, 4, 5}


def test_of_a_full_list_none_is_drawn() -> None:
    with pytest.raises(ValueError, match="begin another list"):
        draw_index(range(8), size=8)


@pytest.mark.parametrize("size", [8, LEAST_BITS - 8, LEAST_BITS + 1, MOST_BITS + 8])
def test_a_list_has_no_size_that_it_may_not_have(size: int) -> None:
    with pytest.raises(ValueError, match="a list has 131072"):
        bits_of([], size)


def test_an_index_beyond_the_list_cannot_be_revoked() -> None:
    with pytest.raises(ValueError, match="not in a list"):
        bits_of([LEAST_BITS])


def test_a_list_that_is_too_short_is_not_signed() -> None:
    with pytest.raises(ValueError, match="a list has 131072"):
        sign_status_list(replace(LISTING, bits=bytes(10)), KEY)


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        (None, "multibase"),
        ("z" + encode_bits(LISTING.bits)[1:], "multibase"),
        ("u!!", "base64url"),
        ("uÄ", "base64url"),
        (packed(b"no gzip"), "cannot be unpacked"),
        (packed(gzip.compress(LISTING.bits)[:-9]), "does not end"),
        (packed(gzip.compress(LISTING.bits) + b"more"), "does not end"),
        (packed(gzip.compress(bytes(LEAST_BITS // 8 - 1))), "131064 bits"),
        (packed(gzip.compress(bytes(50_000_000))), "more than 1048576"),
        (packed(b""), "does not end"),
    ],
    ids=count(),  # what is drawn at random must not name a test
)
def test_bits_that_are_packed_wrongly_are_refused(encoded: object, why: str) -> None:
    with pytest.raises(CredentialBroken, match=why):
        decode_bits(encoded)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("id", "https://air.example/status/2", "another address"),
        ("type", ["VerifiableCredential"], "no status list credential"),
        ("credentialSubject", [], "no status list credential"),
        ("@context", ["https://example.org"], "data model 2.0"),
        ("validFrom", "2026-07-01", "no time with its zone"),
        ("validFrom", "2026-13-01T00:00:00Z", "calendar"),
        ("validFrom", "0001-01-01T00:00:00Z", "1970"),
        ("validUntil", "9999-12-31T23:59:59Z", "9000"),
        ("validUntil", None, "no time with its zone"),
        ("credentialSubject.type", "StatusList2021", "data model 2.0"),
        ("credentialSubject.statusPurpose", "suspension", "not of revocations"),
        ("credentialSubject.ttl", -1, "ttl"),
        ("credentialSubject.ttl", True, "ttl"),
        ("credentialSubject.ttl", 10**17, "ttl"),
        ("credentialSubject.ttl", 10**30, "too large"),
        ("credentialSubject.ttl", 1.5, "whole number"),
    ],
)
def test_a_signed_list_with_something_else_in_it_is_refused(path: str, value: Any, why: str) -> None:
    def change(said: dict[str, Any]) -> None:
        *outer, last = path.split(".")
        (said[outer[0]] if outer else said)[last] = value

    with pytest.raises(CredentialBroken, match=why):
        read_status_list(signed_again(change), URI, TRUSTED)


def test_a_list_that_names_no_ttl_lasts_for_the_standards_five_minutes() -> None:
    token = signed_again(lambda said: said["credentialSubject"].pop("ttl"))
    assert read_status_list(token, URI, TRUSTED).time_to_live == timedelta(minutes=5)


def test_a_list_by_anybody_else_is_refused() -> None:
    token = sign_status_list(LISTING, OTHER_KEY)
    with pytest.raises(CredentialBroken, match="not by a key of who it names"):
        read_status_list(token, URI, TRUSTED)
    with pytest.raises(CredentialUntrusted):
        read_status_list(token, URI, {"https://rail.example": [OTHER_KEY.public_key()]})


def test_a_list_by_an_issuers_newer_key_is_read() -> None:
    keys = {ISSUER: [OTHER_KEY.public_key(), KEY.public_key()]}
    assert read_status_list(sign_status_list(LISTING, KEY), URI, keys) == LISTING


@given(st.data())
@settings(max_examples=60)
def test_a_list_with_any_character_altered_is_refused(data: st.DataObject) -> None:
    token = sign_status_list(LISTING, KEY)
    place = data.draw(st.integers(0, token.rindex(".") - 1))
    other = data.draw(st.sampled_from("Aaz09-_.~=é"))
    altered = token[:place] + other + token[place + 1 :]
    if altered != token:
        with pytest.raises(CredentialError):
            read_status_list(altered, URI, TRUSTED)


@given(st.text(max_size=300))
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(CredentialError):
        read_status_list(text, URI, TRUSTED)


def test_a_credential_whose_bit_is_not_set_passes() -> None:
    check(claims(), LISTING)


def test_a_credential_that_cannot_be_revoked_needs_no_list() -> None:
    check(replace(claims(), status=None), None)


def test_a_revoked_credential_is_refused() -> None:
    with pytest.raises(CredentialRevoked):
        check(claims(9), LISTING)


@pytest.mark.parametrize(
    ("of", "listing", "fetched", "why"),
    [
        (claims(), None, NOW, "not here"),
        (claims(uri=URI + "0"), LISTING, NOW, "another than the credential names"),
        (claims(issuer="https://rail.example"), LISTING, NOW, "another issuer"),
        (claims(), replace(LISTING, valid_until=NOW - timedelta(minutes=1)), NOW, "was valid until"),
        (claims(), replace(LISTING, valid_from=NOW + timedelta(minutes=2)), NOW, "not yet"),
        (claims(), LISTING, NOW - timedelta(hours=6, seconds=1), "fetched longer than"),
        (claims(LEAST_BITS), LISTING, NOW, "not in the status list"),
        (claims(-1), LISTING, NOW, "not in the status list"),
    ],
)
def test_without_a_list_that_can_be_used_the_status_is_unknown(
    of: Claims, listing: StatusList | None, fetched: datetime, why: str
) -> None:
    with pytest.raises(StatusUnknown, match=why):
        check(of, listing, fetched)


def test_a_list_is_used_until_the_end_of_its_time_to_live() -> None:
    check(claims(), LISTING, NOW - timedelta(hours=6))
