"""A face is due at the earliest of all its ends: compared with a twin that asks the question day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.governance import Consent, ConsentMethod, Expiry, Policy, due_now, expiry_of, policy_of

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = st.integers(0, 12)
LENGTHS = st.none() | st.integers(1, 9)
LAST_DAY = 40


def day(number: int) -> datetime:
    return START + number * DAY


def consent(given_on: int, expires_on: int | None, withdrawn_on: int | None) -> Consent:
    return Consent(
        consent_id="id",
        subject="ann",
        purpose="entry",
        notice_version="1",
        notice_sha256="0" * 64,
        method=ConsentMethod.WRITTEN_RELEASE,
        signer=None,
        given_at=day(given_on),
        expires_at=day(expires_on) if expires_on is not None else None,
        withdrawn_at=day(withdrawn_on) if withdrawn_on is not None else None,
        evidence_type=None,
        evidence_sha256=None,
        recorded_at=START,
        recorded_by="k",
    )


POLICIES = st.builds(
    lambda retention, last, met, after, required: replace(
        policy_of({"countenance:purpose": "entry"}),
        retention=retention and retention * DAY,
        after_last_interaction=last and last * DAY,
        purpose_met_at=day(met) if met is not None else None,
        after_purpose=(after or 0) * DAY,
        consent_required=required,
    ),
    LENGTHS,
    LENGTHS,
    st.none() | DAYS,
    LENGTHS,
    st.booleans(),
)
CONSENTS = st.lists(st.builds(consent, DAYS, st.none() | DAYS, st.none() | DAYS), max_size=3)


def clauses_on(
    policy: Policy, enrolled_at: datetime, last: datetime, consents: list[Consent], now: datetime
) -> set[str]:
    """Return for which reasons a face must be gone at a time."""
    clauses = set()
    if policy.purpose_met_at is not None and now - policy.purpose_met_at >= policy.after_purpose:
        clauses.add("purpose-met")
    if policy.retention is not None and now - enrolled_at >= policy.retention:
        clauses.add("retention")
    if policy.after_last_interaction is not None and now - last >= policy.after_last_interaction:
        clauses.add("last-interaction")
    if policy.consent_required and consents and all(_ended(each, now) for each in consents):
        clauses.add("consent-ended")
    return clauses


def _ended(each: Consent, now: datetime) -> bool:
    return any(end is not None and end <= now for end in (each.expires_at, each.withdrawn_at))


@given(policy=POLICIES, enrolled_on=DAYS, last_on=DAYS, consents=CONSENTS)
def test_a_face_is_due_on_the_first_day_on_which_anything_ends_its_stay(
    policy: Policy, enrolled_on: int, last_on: int, consents: list[Consent]
) -> None:
    expiry = expiry_of(policy, day(enrolled_on), day(last_on), consents)
    by_day = {
        number: clauses_on(policy, day(enrolled_on), day(last_on), consents, day(number))
        for number in range(LAST_DAY)
    }
    due = [number for number, clauses in by_day.items() if clauses]
    if expiry is None:
        assert due == []
        return
    assert [number for number in range(LAST_DAY) if day(number) >= expiry.at] == due
    if due[0]:  # else it was due already when the twin first looked
        assert expiry.at == day(due[0])
        assert expiry.clause in by_day[due[0]]


@given(policy=POLICIES, enrolled_on=DAYS, last_on=DAYS, consents=CONSENTS, on=DAYS)
def test_what_a_database_is_asked_for_is_what_is_due(
    policy: Policy, enrolled_on: int, last_on: int, consents: list[Consent], on: int
) -> None:
    now, enrolled_at, last = day(on + 12), day(enrolled_on), day(last_on)
    expiry = expiry_of(policy, enrolled_at, last, consents)
    due = due_now(policy, now)
    ended = bool(consents) and all(each.ends_at is not None and each.ends_at <= now for each in consents)
    asked_for = (
        (due.enrolled_before is not None and enrolled_at <= due.enrolled_before)
        or (due.last_interaction_before is not None and last <= due.last_interaction_before)
        or (due.consent_purpose == "entry" and ended)
    )
    assert asked_for == (expiry is not None and expiry.at <= now)


@pytest.mark.parametrize(
    ("tags", "expiry"),
    [
        ({}, None),
        ({"retention": "P10D"}, Expiry(day(12), "retention")),
        ({"last-interaction": "P5D"}, Expiry(day(9), "last-interaction")),
        ({"purpose-met": "2026-01-06"}, Expiry(day(5), "purpose-met")),
        ({"purpose-met": "2026-01-06", "after-purpose": "P2D"}, Expiry(day(7), "purpose-met")),
        ({"retention": "P3D", "last-interaction": "P5D"}, Expiry(day(5), "retention")),
        ({"consent": "required", "purpose": "entry"}, Expiry(day(8), "consent-ended")),
        ({"consent": "required", "purpose": "entry", "retention": "P1D"}, Expiry(day(3), "retention")),
    ],
)
def test_the_earliest_clause_counts(tags: dict[str, str], expiry: Expiry | None) -> None:
    policy = policy_of({f"countenance:{name}": value for name, value in tags.items()})
    consents = [consent(0, 6, None), consent(1, None, 8)]
    assert expiry_of(policy, day(2), day(4), consents) == expiry


def test_who_never_consented_is_never_due_for_it() -> None:
    policy = policy_of({"countenance:consent": "required", "countenance:purpose": "entry"})
    assert expiry_of(policy, day(0), day(0), []) is None


def test_who_still_consents_or_will_is_not_due_for_the_consents_that_ended() -> None:
    policy = policy_of({"countenance:consent": "required", "countenance:purpose": "entry"})
    assert expiry_of(policy, day(0), day(0), [consent(0, 1, None), consent(0, None, None)]) is None
    assert expiry_of(policy, day(0), day(0), [consent(0, 1, None), consent(9, None, None)]) is None


def test_the_latest_purpose_and_the_longest_stay_are_still_times() -> None:
    policy = policy_of({"countenance:purpose-met": "2999-12-31", "countenance:after-purpose": "P199Y"})
    assert expiry_of(policy, day(0), day(0), []) == Expiry(
        datetime(2999, 12, 31, tzinfo=UTC) + timedelta(days=199 * 365), "purpose-met"
    )
    assert due_now(policy, day(0)).enrolled_before is None
