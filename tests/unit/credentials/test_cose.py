"""A signed credential is believed as it was issued, by whom it was issued, where and when it is valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycose.algorithms import Es256
from pycose.headers import KID, Algorithm
from pycose.keys.curves import P256
from pycose.keys.ec2 import EC2Key
from pycose.messages.cosemessage import CoseMessage
from pycose.messages.sign1message import Sign1Message
from signed_passes import (
    AIRPORT,
    ES256,
    ISSUER_KEY,
    KEY_NAME,
    NOON,
    boarding_claims,
    cwt_of,
    parts_of,
    sealed,
    signed_pass,
    taken,
)

from countenance.credentials.cose import issue
from countenance.credentials.values import Credential, StatusPlace
from countenance.errors import (
    CredentialBroken,
    CredentialForOthers,
    CredentialNotValidNow,
)

PASS = signed_pass()


def test_what_was_issued_is_what_is_taken() -> None:
    credential = sealed(boarding_claims())
    assert taken(issue(credential, ISSUER_KEY)) == credential


texts = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)


@given(
    holder=st.just("") | texts,
    audience=st.lists(texts, min_size=1, max_size=16).map(tuple),
    status=st.none() | st.builds(StatusPlace, texts, st.integers(0, 2**32 - 1)),
    event=st.dictionaries(texts, texts, max_size=16),
    minutes=st.integers(1, 10**6),
    sealed_template=st.binary(min_size=1, max_size=900),
)
def test_every_claim_is_taken_as_it_was_issued(sealed_template: bytes, minutes: int, **claims: Any) -> None:
    until = NOON + timedelta(hours=1, minutes=minutes)
    credential = Credential(boarding_claims(valid_until=until, **claims), sealed_template)
    assert taken(issue(credential, ISSUER_KEY), audience=claims["audience"]) == credential


def test_times_of_other_zones_become_utc() -> None:
    elsewhere = timezone(timedelta(hours=9))
    claims = taken(signed_pass(valid_from=NOON.astimezone(elsewhere))).claims
    assert (claims.valid_from, claims.valid_from.tzinfo) == (NOON, UTC)


def test_the_bytes_are_a_cwt_of_rfc_8392_in_a_cose_sign1() -> None:
    claims = boarding_claims(holder="")
    cwt = cwt_of(issue(sealed(claims), ISSUER_KEY))
    assert list(cwt) == [1, 3, 4, 5, 7, -65537]
    assert (cwt[1], cwt[3], cwt[5]) == (AIRPORT, ["gate-b12"], int(NOON.timestamp()))
    assert cbor2.loads(PASS).tag == 18
    assert cbor2.loads(parts_of(PASS)[0]) == ES256


# --- an independent library ---------------------------------------------------------------------------


def _pycose_key(*, private: bool = False) -> Any:
    point = ISSUER_KEY.public_key().public_numbers()
    secret = ISSUER_KEY.private_numbers().private_value.to_bytes(32) if private else b""
    return EC2Key(P256, x=point.x.to_bytes(32), y=point.y.to_bytes(32), d=secret)


def test_pycose_verifies_what_we_issue() -> None:
    message: Any = CoseMessage.decode(PASS)
    message.key = _pycose_key()
    assert message.verify_signature()
    assert message.phdr[KID] == KEY_NAME
    message.payload = message.payload[:-1] + b"?"
    assert not message.verify_signature()


def test_we_verify_what_pycose_signs() -> None:
    credential = sealed(boarding_claims())
    payload = parts_of(issue(credential, ISSUER_KEY))[2]
    message = Sign1Message(phdr={Algorithm: Es256, KID: KEY_NAME}, payload=payload)
    message.key = _pycose_key(private=True)
    assert taken(message.encode()) == credential


# --- where and when -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "taken_then"),
    [
        (NOON - timedelta(seconds=61), False),
        (NOON - timedelta(seconds=60), True),
        (NOON + timedelta(days=1, seconds=59), True),
        (NOON + timedelta(days=1, seconds=60), False),
    ],
)
def test_clocks_may_be_apart_by_so_much_and_no_more(now: datetime, taken_then: bool) -> None:
    if taken_then:
        assert taken(PASS, now=now).claims.issuer == AIRPORT
    else:
        with pytest.raises(
            CredentialNotValidNow, match=r"valid (from 2026-11-21|until 2026-11-22) 12:00:00 UTC"
        ):
            taken(PASS, now=now)


def test_without_skew_the_last_second_is_the_one_before_the_end() -> None:
    end = NOON + timedelta(days=1)
    assert taken(PASS, now=end - timedelta(seconds=1), clock_skew_seconds=0)
    with pytest.raises(CredentialNotValidNow):
        taken(PASS, now=end, clock_skew_seconds=0)


def test_a_pass_for_other_gates_or_purposes_is_refused() -> None:
    with pytest.raises(CredentialForOthers, match="is for gate-b12, not for this gate"):
        taken(PASS, audience={"gate-c3", "gate"})
    with pytest.raises(CredentialForOthers, match="is for boarding, which this gate does not take"):
        taken(PASS, kinds={"certificate"})


# --- issuing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"credential_id": "short"}, "22 characters"),
        ({"credential_id": "A" * 21 + "B"}, "22 characters"),
        ({"valid_from": datetime(2026, 11, 21, 12)}, "whole seconds of a time zone"),
        ({"valid_from": NOON.replace(microsecond=1)}, "whole seconds of a time zone"),
        ({"valid_from": datetime(1969, 1, 1, tzinfo=UTC)}, "from 1970 to 9999"),
        ({"valid_until": NOON}, "is over before"),
        ({"audience": ()}, "audience is no list"),
        ({"kind": ""}, "kind is no printable text"),
        ({"pack_sha256": b"short"}, "pack's digest is not 32 bytes"),
        ({"event": {"note": "x" * 257}}, "event is no printable text"),
        ({"event": {"note": "\ud800"}}, "half a character"),
    ],
)
def test_what_no_gate_would_take_is_not_issued(changed: dict[str, Any], said: str) -> None:
    credential = replace(sealed(boarding_claims()), claims=boarding_claims(**changed))
    with pytest.raises(CredentialBroken, match=said):
        issue(credential, ISSUER_KEY)


def test_what_is_longer_than_a_credential_may_be_is_not_issued() -> None:
    event = {f"{number:0256}": "x" * 256 for number in range(15)}
    with pytest.raises(CredentialBroken, match="the limit is 8,192"):
        issue(Credential(boarding_claims(event=event), bytes(4096)), ISSUER_KEY)
