"""A withdrawal ends use at once and erases what rested on the consent; interactions prolong a stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.offices import (
    CLERK,
    acting,
    consent,
    create,
    enrol,
    entries,
    found,
    key,
    make_user,
    names_in,
    office_on,
    swept,
    withdrawn,
)
from countenance.errors import (
    NotPermitted,
    PolicyInvalid,
    SubjectNotFound,
)
from countenance.operations.keep_consents import (
    withdraw_consent,
)
from countenance.operations.manage_holds import place_hold, release_hold
from countenance.operations.record_interaction import record_interaction
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face

DAY = timedelta(days=1)


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def test_use_ends_with_the_withdrawal_and_so_does_what_rested_on_it(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"))
    ann, _ = consent(office, "ann"), consent(office, "bob")
    assert found(office, "staff", 1) == ["ann"]
    done = withdrawn(office, ann.consent_id)
    assert (done.erased_faces, done.held, done.consent.withdrawn_at is not None) == (1, False, True)
    assert found(office, "staff", 1) == []
    assert found(office, "staff", 2) == ["bob"]
    assert names_in(office, staff) == ["bob"]
    (entry,) = entries(office, operation="erase_withdrawn")
    (erased,) = entry["erased"]
    assert (erased["clause"], erased["faces"], erased["collection"]) == ("withdrawal", 1, "staff")


def test_who_consented_twice_and_withdraws_once_is_still_found(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"))
    first, second = consent(office, "ann"), consent(office, "ann", expires_at=datetime.now(UTC) + DAY)
    done = withdrawn(office, first.consent_id)
    assert (done.erased_faces, done.held) == (0, False)
    assert found(office, "staff", 1) == ["ann"]
    assert swept(office) == 0
    assert withdrawn(office, second.consent_id).erased_faces == 1


def test_a_withdrawal_erases_what_rested_on_it_and_nothing_else(office: Office) -> None:
    required = {"consent": "required"}
    staff = create(office, "staff", purpose="entry", **required)
    annex = create(office, "annex", purpose="entry", **required)
    boarding = create(office, "boarding", purpose="boarding", **required)
    open_day = create(office, "open-day", purpose="entry")
    kept = []
    for place, collection in enumerate((staff, annex, boarding, open_day)):
        hers, nobodys, bobs = enrol(
            office,
            collection,
            new_face(10 * place + 1, "ann"),
            new_face(10 * place + 2),
            new_face(10 * place + 3, "bob"),
        )
        make_user(office, collection, "ann", [nobodys, bobs])
        kept.append(hers)
    recorded = consent(office, "ann")
    assert withdrawn(office, recorded.consent_id).erased_faces == 4
    assert names_in(office, staff) == names_in(office, annex) == ["bob"]
    assert names_in(office, boarding) == names_in(office, open_day) == ["ann", None, "bob"]


def test_what_is_withdrawn_under_a_hold_stays_and_is_not_found_until_the_hold_is_released(
    office: Office,
) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"))
    recorded = consent(office, "ann")
    with acting(office) as act:
        hold = place_hold(act, "ann", "warrant 7")
    done = withdrawn(office, recorded.consent_id)
    assert (done.erased_faces, done.held) == (0, True)
    assert entries(office, operation="erase_withdrawn", outcome="HoldInForce")
    assert found(office, "staff", 1) == []
    assert swept(office) == 0
    assert names_in(office, staff) == ["ann"]
    with acting(office) as act:
        release_hold(act, hold.hold_id)
    assert swept(office) == 1
    assert names_in(office, staff) == []


def test_who_withdraws_again_ends_nothing_twice_but_erases_what_is_left(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    recorded = consent(office, "ann")
    first = withdrawn(office, recorded.consent_id)
    enrol(office, staff, new_face(1, "ann"))
    second = withdrawn(office, recorded.consent_id)
    assert (first.erased_faces, second.erased_faces) == (0, 1)
    assert first.consent.withdrawn_at == second.consent.withdrawn_at


def test_whoever_may_withdraw_needs_no_administrators_key(office: Office) -> None:
    recorded = consent(office, "ann")
    with acting(office, CLERK) as act:
        withdraw_consent(office.gallery, act, recorded.consent_id)
    with pytest.raises(NotPermitted), acting(office, key("reader", operations=("list_*",))) as act:
        withdraw_consent(office.gallery, act, recorded.consent_id)


def last_of(office: Office, collection_id: str, name: str) -> datetime:
    with office.gallery.reading() as reader:
        return reader.last_interaction(reader.collection(collection_id), [name])[name]


def test_a_consent_is_an_interaction(office: Office) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"), new_face(2, "bob"))
    before = {name: last_of(office, "staff", f"external:{name}") for name in ("ann", "bob")}
    recorded = consent(office, "ann")
    assert last_of(office, "staff", "external:ann") == recorded.given_at > before["ann"]
    consent(office, "bob", given_at=before["bob"] - DAY)
    assert last_of(office, "staff", "external:bob") == before["bob"]


def test_an_interaction_moves_the_time_forward_and_never_back(office: Office) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    with acting(office, CLERK) as act:
        at = record_interaction(act, "ann")
    assert last_of(office, "staff", "external:ann") == at
    with acting(office, CLERK) as act:
        assert record_interaction(act, "ann", at - DAY) == at - DAY
    assert last_of(office, "staff", "external:ann") == at


def test_no_interaction_is_in_the_future_or_with_nobody(office: Office) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    with pytest.raises(PolicyInvalid, match="in the future"), acting(office) as act:
        record_interaction(act, "ann", datetime.now(UTC) + DAY)
    with pytest.raises(SubjectNotFound, match="of a subject eve"), acting(office) as act:
        record_interaction(act, "eve")
