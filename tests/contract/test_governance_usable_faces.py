"""No search finds whom it may not, from the very second, and others take the places of those."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Update, update

from contract.databases import Database
from contract.offices import (
    CLERK,
    acting,
    asked_until,
    consent,
    create,
    enrol,
    found,
    keep,
    looking_like,
    make_user,
    names_in,
    office_on,
    old_consent,
    swept,
    vision,
    withdrawn,
)
from countenance.errors import ConsentMissing
from countenance.governance import ReviewMode
from countenance.operations.search_faces import search_faces
from countenance.operations.search_users import search_users_by_face, search_users_by_user
from countenance.operations.usable import usable_faces, usable_users
from countenance.store import SqlStore
from countenance.store.governance_tables import consents
from countenance.store.tables import faces, subjects
from countenance.wiring import Office
from new_faces import face_id, new_face

DAY = timedelta(days=1)
CONSENTED = {"consent": "required", "purpose": "entry"}


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def users_like(office: Office, number: int) -> list[str]:
    with acting(office, CLERK) as act:
        found_users = search_users_by_face(
            vision(), office.gallery, act, "staff", face_id(number), most=10, least_similarity=80
        )
    return [match.user.user_id for match in found_users.matches]


def test_only_who_consents_now_is_found(office: Office) -> None:
    staff, now = create(office, "staff", **CONSENTED), datetime.now(UTC)
    states = ["never", "expired", "withdrawn", "future", "elsewhere", "valid", "twice"]
    enrol(office, staff, *(looking_like(number, 100, name) for number, name in enumerate(states)))
    keep(office, old_consent(1, "expired", "entry", now - DAY, expires_at=now))
    keep(office, old_consent(2, "withdrawn", "entry", now - DAY, withdrawn_at=now))
    keep(office, old_consent(3, "future", "entry", now + DAY))
    keep(office, old_consent(4, "elsewhere", "boarding", now - DAY))
    keep(office, old_consent(5, "valid", "entry", now - DAY, expires_at=now + DAY))
    keep(office, old_consent(6, "twice", "entry", now - DAY, withdrawn_at=now))
    keep(office, old_consent(7, "twice", "entry", now - DAY))
    assert found(office, "staff", 100) == ["valid", "twice"]


def test_a_consent_ends_use_in_the_second_in_which_it_ends(office: Office) -> None:
    enrol(office, create(office, "staff", **CONSENTED), new_face(1, "ann"))
    end = datetime.now(UTC) + timedelta(seconds=0.5)
    consent(office, "ann", expires_at=end)
    before, after = asked_until(end, lambda: found(office, "staff", 1))
    assert before == [["ann"]] * len(before)
    assert after == [[]]


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LAPSES: dict[str, tuple[dict[str, str], Update]] = {
    "retention": (
        {"retention": "P1Y"},
        update(faces).where(faces.c.external_image_id == "ann").values(enrolled_at=LONG_AGO),
    ),
    "last interaction": (
        {"last_interaction": "P3Y"},
        update(subjects).where(subjects.c.name == "external:ann").values(last_interaction_at=LONG_AGO),
    ),
    "consent": (
        CONSENTED,
        update(consents).where(consents.c.subject == "ann").values(expires_at=LONG_AGO),
    ),
}


@pytest.mark.parametrize("clause", LAPSES)
def test_whose_time_is_over_leaves_the_place_to_others(
    office: Office, database: Database, clause: str
) -> None:
    policy, lapse = LAPSES[clause]
    staff = create(office, "staff", **policy)
    for name in ("ann", "bob", "eve"):
        consent(office, name)
    alike = [looking_like(1, 1, "ann"), looking_like(2, 1, "bob", likeness=0.9)]
    anns, bobs, _ = enrol(office, staff, *alike, looking_like(3, 1, "eve", likeness=0.8))
    make_user(office, staff, "ann", [anns])
    make_user(office, staff, "bob", [bobs])
    assert found(office, "staff", 1, most=1) == ["ann"]
    assert found(office, "staff", 1) == ["ann", "bob", "eve"]
    assert users_like(office, 3) == ["ann", "bob"]
    database.statement(lapse)
    assert found(office, "staff", 1, most=1) == ["bob"]
    assert found(office, "staff", 1) == ["bob", "eve"]
    assert users_like(office, 3) == ["bob"]
    assert swept(office) == 1
    assert names_in(office, staff) == ["bob", "eve"]


def test_when_the_purpose_is_met_nobody_is_found(office: Office) -> None:
    staff = create(office, "staff", purpose_met=(datetime.now(UTC) + DAY).isoformat())
    enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"))
    assert found(office, "staff", 1) == ["ann"]
    with office.gallery.changing() as change:
        change.writer.set_tags(staff, {"countenance:purpose-met": datetime.now(UTC).isoformat()})
    assert found(office, "staff", 1) == []
    assert swept(office) == 2


def test_whose_use_has_ended_is_searched_for_no_more(office: Office) -> None:
    staff = create(office, "staff", **CONSENTED)
    anns, bobs = enrol(office, staff, new_face(1, "ann"), looking_like(2, 1, "bob"))
    consent(office, "bob")
    make_user(office, staff, "ann", [anns])
    make_user(office, staff, "bob", [bobs])
    rooms, how = (vision(), office.gallery), {"most": 10, "least_similarity": 80.0}
    with pytest.raises(ConsentMissing, match="has ended"), acting(office, CLERK) as act:
        search_faces(*rooms, act, "staff", face_id(1), **how)  # type: ignore[arg-type]
    with pytest.raises(ConsentMissing, match="has ended"), acting(office, CLERK) as act:
        search_users_by_face(*rooms, act, "staff", face_id(1), **how)  # type: ignore[arg-type]
    with pytest.raises(ConsentMissing, match="has ended"), acting(office, CLERK) as act:
        search_users_by_user(*rooms, act, "staff", "ann", **how)  # type: ignore[arg-type]
    with acting(office, CLERK) as act:
        answer = search_faces(*rooms, act, "staff", face_id(2), **how)  # type: ignore[arg-type]
    assert answer.matches == []


def test_a_user_with_one_face_that_may_not_be_used_is_not_found(office: Office) -> None:
    staff = create(office, "staff", **CONSENTED)
    one, two, three = enrol(
        office, staff, looking_like(1, 1, "ann"), looking_like(2, 1, "bob"), looking_like(3, 1, "eve")
    )
    bobs, _ = consent(office, "bob"), (consent(office, "ann"), consent(office, "eve"))
    make_user(office, staff, "team", [one, two])
    make_user(office, staff, "eve", [three])
    assert set(users_like(office, 3)) == {"team", "eve"}
    with acting(office, CLERK):
        withdrawn(office, bobs.consent_id)
    assert set(users_like(office, 3)) == {"team", "eve"}  # the face is erased, and the team is without it
    enrol(office, staff, looking_like(2, 1, "bob"))
    with office.gallery.changing() as change:
        face = change.writer.face(staff, face_id(2))
        change.associate(staff, change.writer.user(staff, "team"), [face.key])
    assert users_like(office, 3) == ["eve"]


def test_who_is_enrolled_without_a_name_where_consent_is_needed_is_neither_found_nor_erased(
    office: Office,
) -> None:
    staff = create(office, "staff", **CONSENTED)
    enrol(office, staff, new_face(1), new_face(2, "ann"))
    assert found(office, "staff", 1) == found(office, "staff", 2) == []
    assert swept(office) == 0
    assert names_in(office, staff) == [None, "ann"]
    consent(office, "ann")
    assert found(office, "staff", 2) == ["ann"]


def test_a_nameless_face_is_its_users_who_may_consent(office: Office) -> None:
    staff = create(office, "staff", **CONSENTED)
    make_user(office, staff, "ann", enrol(office, staff, new_face(1)))
    assert found(office, "staff", 1) == []
    recorded = consent(office, "ann")
    assert found(office, "staff", 1) == [None]
    assert withdrawn(office, recorded.consent_id).erased_faces == 1


@pytest.mark.parametrize("policy", [{}, {"purpose": "entry"}, {"review": "one", "after_purpose": "P1D"}])
def test_where_nothing_ends_use_nobody_is_asked_about(office: Office, policy: dict[str, str]) -> None:
    staff = create(office, "staff", **policy)
    with acting(office, CLERK) as act:
        act.permit("search_faces", "staff")
        assert act.policy is not None
        assert act.policy.review in (ReviewMode.NONE, ReviewMode.ONE)
        assert usable_faces(act, staff) is None
        assert usable_users(act, staff) is None
