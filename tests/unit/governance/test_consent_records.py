"""A consent holds from when it was given until it ends, whichever way comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from countenance.governance import Consent, ConsentMethod, valid_consent

START = datetime(2026, 7, 1, tzinfo=UTC)
DAYS = st.integers(0, 9)
ZONES = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))


def day(number: float, zone: timezone = UTC) -> datetime:
    return (START + timedelta(days=number)).astimezone(zone)


def consent(
    given_on: float, expires_on: float | None = None, withdrawn_on: float | None = None, zone: timezone = UTC
) -> Consent:
    return Consent(
        consent_id="11111111-1111-4111-8111-111111111111",
        subject="ann",
        purpose="entry",
        notice_version="1",
        notice_sha256="0" * 64,
        method=ConsentMethod.WRITTEN_RELEASE,
        signer=None,
        given_at=day(given_on, zone),
        expires_at=day(expires_on, zone) if expires_on is not None else None,
        withdrawn_at=day(withdrawn_on, zone) if withdrawn_on is not None else None,
        evidence_type=None,
        evidence_sha256=None,
        recorded_at=START,
        recorded_by="k",
    )


EAST, WEST = timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))
CONSENTS = st.builds(consent, DAYS, st.none() | DAYS, st.none() | DAYS, ZONES)


@pytest.mark.parametrize(
    ("record", "on", "state"),
    [
        (consent(1), 0.999, "future"),
        (consent(1), 1, "valid"),
        (consent(1), 9999, "valid"),
        (consent(1, 5), 4.999, "valid"),
        (consent(1, 5), 5, "expired"),
        (consent(1, 5), 0, "future"),
        (consent(1, 5, 3), 3, "withdrawn"),
        (consent(1, 5, 3), 9, "withdrawn"),
        (consent(1, None, 3), 3, "withdrawn"),
        (consent(1, 5, 7), 6, "withdrawn"),
    ],
)
def test_a_consent_is_in_one_state_at_any_time(record: Consent, on: float, state: str) -> None:
    assert record.state(day(on)) == state


@pytest.mark.parametrize(
    ("record", "ends"),
    [
        (consent(1), None),
        (consent(1, 5), 5),
        (consent(1, 5, 3), 3),
        (consent(1, 5, 7), 5),
        (consent(1, None, 3), 3),
    ],
)
def test_a_consent_ends_at_the_first_of_its_ends(record: Consent, ends: float | None) -> None:
    assert record.ends_at == (day(ends) if ends is not None else None)


@given(record=CONSENTS, on=DAYS)
def test_a_consent_holds_from_its_first_moment_to_before_its_end(record: Consent, on: int) -> None:
    holds = record.given_at <= day(on) and all(
        day(on) < end for end in (record.expires_at, record.withdrawn_at) if end is not None
    )
    assert record.valid(day(on)) is holds
    if record.state(day(on)) == "valid":
        assert holds


@given(records=st.lists(CONSENTS, max_size=5), on=DAYS)
@example(records=[consent(1, 5), consent(1, 9), consent(1, 7)], on=2)
@example(records=[consent(1, 9), consent(1), consent(1, 7)], on=2)
@example(records=[consent(1, 5, zone=WEST), consent(1, 4.9, zone=EAST)], on=2)
def test_of_several_consents_the_one_that_holds_longest_counts_in_whatever_zone_it_was_given(
    records: list[Consent], on: int
) -> None:
    holding = [record for record in records if record.valid(day(on))]
    found = valid_consent(records, day(on))
    if not holding:
        assert found is None
        return
    assert found in holding
    assert found is not None
    for other in holding:
        assert found.ends_at is None or (other.ends_at is not None and other.ends_at <= found.ends_at)
