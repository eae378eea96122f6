"""A sealed template opens for its gates, as part of its own credential, and tells nobody else anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import cbor2
import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st
from signed_passes import (
    GATE_KEY,
    ISSUER_KEY,
    OTHER_GATE_KEY,
    PACK_SHA256,
    boarding_claims,
    sealed,
    taken,
    template_of,
)

from countenance.credentials.cose import issue
from countenance.credentials.quantising import quantise, restore
from countenance.credentials.sealing import seal, unseal
from countenance.credentials.values import Credential
from countenance.errors import CredentialBroken, CredentialError, CredentialForOthers

GATES = [GATE_KEY.public_key(), OTHER_GATE_KEY.public_key()]


def _opened(credential: Credential, key: X25519PrivateKey = GATE_KEY) -> bytes:
    return unseal(credential, key, PACK_SHA256)


@given(template=st.binary(max_size=500))
def test_each_gate_opens_what_was_sealed_to_it(template: bytes) -> None:
    claims = boarding_claims()
    credential = Credential(claims, seal(template, claims, GATES))
    assert _opened(credential) == _opened(credential, OTHER_GATE_KEY) == template


def test_a_face_survives_the_whole_way() -> None:
    credential = taken(issue(sealed(boarding_claims(), person=5), ISSUER_KEY))
    assert float(restore(_opened(credential), 128) @ template_of(5)) > 0.999


def test_another_gate_is_told_that_it_is_not_meant() -> None:
    with pytest.raises(CredentialForOthers, match="sealed to other gates"):
        _opened(sealed(boarding_claims()), OTHER_GATE_KEY)


def test_a_gate_that_takes_anothers_key_id_cannot_read_it() -> None:
    credential = sealed(boarding_claims())
    claims = credential.claims
    [own], [others] = (
        cbor2.loads(seal(b"template", claims, [key.public_key()])) for key in (GATE_KEY, OTHER_GATE_KEY)
    )
    own.value[1][4] = others.value[1][4]
    with pytest.raises(CredentialBroken, match="does not open"):
        _opened(Credential(claims, cbor2.dumps([own])), OTHER_GATE_KEY)


def test_a_gate_with_another_pack_is_told() -> None:
    with pytest.raises(CredentialForOthers, match="is of the pack dlib-cc0"):
        unseal(sealed(boarding_claims()), GATE_KEY, bytes(32))


@pytest.mark.parametrize(
    "changed",
    [
        {"credential_id": "A" * 22},
        {"issuer": "https://rail.example"},
        {"audience": ("gate-b12", "gate-c3")},
        {"kind": "certificate"},
    ],
)
def test_a_template_moved_to_another_credential_does_not_open(changed: dict[str, Any]) -> None:
    credential = sealed(boarding_claims())
    moved = replace(credential, claims=replace(credential.claims, **changed))
    with pytest.raises(CredentialBroken, match="sealed for another credential"):
        _opened(moved)


def test_a_template_moved_to_another_pack_does_not_open() -> None:
    credential = sealed(boarding_claims())
    moved = replace(credential, claims=replace(credential.claims, pack_sha256=bytes(32)))
    with pytest.raises(CredentialBroken, match="sealed for another credential"):
        unseal(moved, GATE_KEY, bytes(32))


@pytest.mark.parametrize("count", [0, 9])
def test_a_template_is_sealed_to_some_gates_and_not_to_many(count: int) -> None:
    with pytest.raises(CredentialBroken, match=f"to 1 to 8 gate keys, not {count}"):
        seal(b"template", boarding_claims(), [GATE_KEY.public_key()] * count)


def test_a_key_that_makes_no_secret_is_refused() -> None:
    with pytest.raises(CredentialBroken, match="none that a template can be sealed to"):
        seal(b"template", boarding_claims(), [X25519PublicKey.from_public_bytes(bytes(32))])


CREDENTIAL = sealed(boarding_claims())


def test_every_truncation_and_every_changed_bit_is_refused() -> None:
    content = CREDENTIAL.sealed_template
    for position in range(len(content)):
        altered = bytearray(content)
        altered[position] ^= 1
        for sealed_template in (content[:position], bytes(altered)):
            with pytest.raises((CredentialBroken, CredentialForOthers)):
                _opened(replace(CREDENTIAL, sealed_template=sealed_template))


def _changed(position: int, value: object) -> bytes:
    [message] = cbor2.loads(CREDENTIAL.sealed_template)
    message.value[position] = value
    return cbor2.dumps([message])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        cbor2.dumps([]),
        cbor2.dumps({}),
        cbor2.dumps(["message"]),
        cbor2.dumps([cbor2.CBORTag(16, [b"", {}, b""])] * 9),
        cbor2.dumps([cbor2.CBORTag(16, "message")]),
        cbor2.dumps([cbor2.CBORTag(16, [b"", {}])]),
        cbor2.dumps([cbor2.CBORTag(18, [b"", {}, b""])]),
        _changed(0, b""),
        _changed(0, cbor2.dumps({1: 1})),
        _changed(0, cbor2.dumps({1: 35})),
        _changed(0, 7),
        _changed(1, []),
        _changed(1, {}),
        _changed(1, {4: b"kid", -4: "ek"}),
        _changed(1, {4: b"kid", -4: bytes(32), -5: b"psk"}),
        _changed(2, "text"),
        b"\x81" * 8000,
    ],
    ids=count(),  # what is drawn at random must not name a test
)
def test_what_is_no_sealed_template_is_refused(content: bytes) -> None:
    with pytest.raises(CredentialBroken):
        _opened(replace(CREDENTIAL, sealed_template=content))


@pytest.mark.parametrize("encapsulated", [b"", bytes(31), bytes(32), bytes(33), b"\xff" * 32])
def test_a_false_encapsulated_key_opens_nothing(encapsulated: bytes) -> None:
    [message] = cbor2.loads(CREDENTIAL.sealed_template)
    headers = message.value[1] | {-4: encapsulated}
    with pytest.raises(CredentialBroken, match="does not open"):
        _opened(replace(CREDENTIAL, sealed_template=_changed(1, headers)))


@given(content=st.binary(max_size=300), begun=st.sampled_from([b"", CREDENTIAL.sealed_template[:60]]))
def test_no_bytes_do_harm(content: bytes, begun: bytes) -> None:
    with pytest.raises(CredentialError):
        _opened(replace(CREDENTIAL, sealed_template=begun + content))


# --- by hand, as RFC 9180 has it ----------------------------------------------------------------------


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    mac = HMAC(salt or bytes(32), SHA256())
    mac.update(b"HPKE-v1" + suite + label + material)
    return mac.finalize()


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), length, labelled).derive(key)


def _opened_by_hand(sealed_template: bytes, key: X25519PrivateKey, external: bytes) -> bytes:
    [message] = cbor2.loads(sealed_template)
    protected, headers, content = message.value
    encapsulated = headers[-4]
    shared = key.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"
    context = encapsulated + key.public_key().public_bytes_raw()
    secret = _expand(kem, _extract(kem, b"", b"eae_prk", shared), b"shared_secret", context, 32)
    schedule = b"\x00" + _extract(suite, b"", b"psk_id_hash", b"") + _extract(suite, b"", b"info_hash", b"")
    schedule_key = _extract(suite, secret, b"secret", b"")
    cipher = ChaCha20Poly1305(_expand(suite, schedule_key, b"key", schedule, 32))
    nonce = _expand(suite, schedule_key, b"base_nonce", schedule, 12)
    return cipher.decrypt(nonce, content, cbor2.dumps(["Encrypt0", protected, external]))


def test_it_is_sealed_as_the_standards_say() -> None:
    claims = CREDENTIAL.claims
    bound = [
        "countenance template",
        claims.credential_id,
        claims.issuer,
        claims.kind,
        ["gate-b12"],
        PACK_SHA256,
    ]
    external = cbor2.dumps(bound)
    assert _opened_by_hand(CREDENTIAL.sealed_template, GATE_KEY, external) == quantise(template_of(1))
    with pytest.raises(InvalidTag):
        _opened_by_hand(CREDENTIAL.sealed_template, GATE_KEY, external + b".")


# --- unlinkability ------------------------------------------------------------------------------------


def _alike(first: bytes, second: bytes) -> float:
    """Return the share of bits that two texts of one length have in common."""
    bits = [np.unpackbits(np.frombuffer(content, np.uint8)) for content in (first, second)]
    return float((bits[0] == bits[1]).mean())


def _longest_shared(first: bytes, second: bytes) -> int:
    """Return the length of the longest run of bytes that stands in both, wherever it stands."""
    longest = 0
    for start in range(len(first)):
        while first[start : start + longest + 1] in second and start + longest < len(first):
            longest += 1
    return longest


def _linked(shown: Callable[[int], bytes]) -> float:
    """Return how well the likeness of what two passes show tells one person's from strangers': 0.5 is chance.

    It is the area under the curve, over 300 pairs of each sort.
    """
    same = np.array([_alike(shown(person), shown(person)) for person in range(300)])
    different = np.array([_alike(shown(person), shown(person + 1)) for person in range(300)])
    return float((same[:, None] > different).mean() + (same[:, None] == different).mean() / 2)


def test_two_credentials_of_one_person_are_no_more_alike_than_two_of_strangers() -> None:
    linked = _linked(lambda person: sealed(boarding_claims(), person).sealed_template)
    assert abs(linked - 0.5) < 0.12, "at chance, within five standard errors of 600 pairs"


def test_the_same_attack_links_templates_that_are_not_sealed() -> None:
    assert _linked(lambda person: quantise(template_of(person))) == 1


def test_two_credentials_of_one_person_share_what_all_credentials_share_and_no_more() -> None:
    first, second, strangers = (issue(sealed(boarding_claims(), person), ISSUER_KEY) for person in (1, 1, 2))
    constant = _longest_shared(first, strangers)
    assert _longest_shared(first, second) == pytest.approx(constant, abs=2)
    templates = [cbor2.loads(sealed(boarding_claims(), 1).sealed_template)[0].value for _ in range(2)]
    assert _longest_shared(templates[0][2], templates[1][2]) < 4
    assert _longest_shared(templates[0][1][-4], templates[1][1][-4]) < 4
    claims = [taken(signed).claims for signed in (first, second)]
    assert claims[0].credential_id != claims[1].credential_id
    assert claims[0].holder != claims[1].holder
