"""Faces are seen with portraits only where the policy keeps them, and never of those that may not be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.offices import (
    CLERK,
    acting,
    consent,
    create,
    enrol,
    entries,
    keep,
    key,
    make_user,
    office_on,
    old_consent,
)
from countenance.access import AccessKey
from countenance.errors import CollectionNotFound, FaceNotFound, NotPermitted, UserNotFound
from countenance.gallery.values import NewFace
from countenance.governance import Expiry
from countenance.governance.retention import CONSENT_ENDED, RETENTION
from countenance.operations.describe_collections import describe_collections
from countenance.operations.see_faces import SeenFace, SeenFaces, see_face, see_faces
from countenance.operations.tag_collection import tag_collection
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
PICTURE = b"\xff\xd8 a small picture of somebody"
LISTER = key("lister", operations=("list_*",))


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def pictured(number: int, name: str | None = None) -> NewFace:
    """A face of which a picture comes with it."""
    return replace(new_face(number, name), portrait=PICTURE)


def seen(
    office: Office,
    collection_id: str = "staff",
    *,
    by: AccessKey = CLERK,
    most: int = 10,
    after_key: int = 0,
    user_id: str | None = None,
) -> SeenFaces:
    with acting(office, by) as act:
        return see_faces(office.gallery, act, collection_id, most=most, after_key=after_key, user_id=user_id)


def seen_one(office: Office, number: int, by: AccessKey = CLERK) -> SeenFace:
    with acting(office, by) as act:
        return see_face(office.gallery, act, "staff", face_id(number))


def test_faces_come_in_pages_in_the_order_of_their_enrolment(office: Office) -> None:
    enrol(office, create(office, "staff"), *(new_face(number) for number in (3, 1, 2)))
    first = seen(office, most=2)
    assert [face.face_id for face in first.page.items] == [face_id(3), face_id(1)]
    assert first.page.next_after is not None
    rest = seen(office, most=2, after_key=first.page.next_after)
    assert [face.face_id for face in rest.page.items] == [face_id(2)]
    assert rest.page.next_after is None


def test_the_faces_of_one_user_are_seen(office: Office) -> None:
    staff = create(office, "staff")
    one, _ = enrol(office, staff, new_face(1), new_face(2))
    make_user(office, staff, "ann", [one])
    assert [face.face_id for face in seen(office, user_id="ann").page.items] == [face_id(1)]
    with pytest.raises(UserNotFound):
        seen(office, user_id="bob")


def test_portraits_are_seen_where_the_policy_keeps_them_and_are_entered_in_the_ledger(
    office: Office,
) -> None:
    enrol(office, create(office, "staff", portraits="kept"), pictured(1, "ann"), new_face(2, "bob"))
    assert seen(office).portraits == {face_id(1): PICTURE}
    (entry,) = entries(office, operation="show_portraits")
    assert len(entry["portraits"]) == 1
    assert "ann" not in str(entry)


def test_portraits_that_are_still_stored_are_not_seen_once_the_policy_keeps_none(office: Office) -> None:
    enrol(office, create(office, "staff", portraits="kept"), pictured(1))
    with acting(office) as act:
        tag_collection(office.gallery, act, "staff", {"countenance:portraits": "not-kept"})
    assert seen(office).portraits == {}
    assert seen_one(office, 1).portrait is None
    assert entries(office, operation="show_portraits") == []


def test_a_key_that_may_only_list_faces_sees_no_portraits(office: Office) -> None:
    enrol(office, create(office, "staff", portraits="kept"), pictured(1))
    assert seen(office, by=LISTER).portraits == {}
    assert seen_one(office, 1, by=LISTER).portrait is None
    with pytest.raises(NotPermitted):
        seen(office, by=key("nobody", operations=("show_portraits",)))


def test_nobody_sees_the_portrait_of_a_face_whose_consent_has_ended(office: Office) -> None:
    rules = {"consent": "required", "purpose": "entry", "portraits": "kept"}
    enrol(office, create(office, "staff", **rules), pictured(1, "ann"), pictured(2, "bob"))
    consent(office, "ann")
    keep(office, old_consent(1, "bob", "entry", NOW - DAY, withdrawn_at=NOW - DAY))
    page = seen(office)
    assert (page.portraits, page.ended) == ({face_id(1): PICTURE}, frozenset({face_id(2)}))
    assert seen_one(office, 2).ended
    assert seen_one(office, 2).portrait is None


def test_each_face_says_when_and_why_its_stay_ends(office: Office) -> None:
    rules = {"consent": "required", "purpose": "entry", "retention": "P30D"}
    ann, bob = enrol(office, create(office, "staff", **rules), new_face(1, "ann"), new_face(2, "bob"))
    consent(office, "ann", expires_at=NOW + 7 * DAY)
    consent(office, "bob")
    assert seen(office).expiries == {
        ann.face_id: Expiry(NOW + 7 * DAY, CONSENT_ENDED),
        bob.face_id: Expiry(bob.enrolled_at + 30 * DAY, RETENTION),
    }
    assert seen_one(office, 1).expiry == Expiry(NOW + 7 * DAY, CONSENT_ENDED)


def test_what_is_not_there_is_not_found(office: Office) -> None:
    with pytest.raises(CollectionNotFound):
        seen(office)
    create(office, "staff")
    with pytest.raises(FaceNotFound):
        seen_one(office, 1)


def test_collections_are_described_with_what_a_key_may_know_of_each(office: Office) -> None:
    enrol(office, create(office, "staff", purpose="entry"), new_face(1), new_face(2))
    create(office, "guests", purpose="boarding")

    def described(by: AccessKey) -> list[tuple[str, int | None, str | None]]:
        with acting(office, by) as act:
            page = describe_collections(office.gallery, act, NOW, most=10)
        return [
            (
                each.collection.collection_id,
                each.face_count,
                each.policy.purpose if each.policy is not None else None,
            )
            for each in page.items
        ]

    assert described(CLERK) == [("staff", 2, "entry"), ("guests", 0, "boarding")]
    assert described(LISTER) == [("staff", None, None), ("guests", None, None)]
    assert described(key("doorman", purposes=("entry",))) == [("staff", 2, "entry"), ("guests", None, None)]
    assert described(key("host", collections=("guests",))) == [("guests", 0, "boarding")]


def test_a_page_of_collections_says_where_the_next_begins(office: Office) -> None:
    for name in ("one", "two", "three"):
        create(office, name)
    with acting(office, CLERK) as act:
        first = describe_collections(office.gallery, act, NOW, most=2)
    assert first.next_after is not None
    with acting(office, CLERK) as act:
        rest = describe_collections(office.gallery, act, NOW, most=2, after_key=first.next_after)
    assert [each.collection.collection_id for each in rest.items] == ["three"]
    assert rest.next_after is None
