"""People are listed once each by their names, and one is shown with all that is held and was found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.offices import (
    BOSS,
    CLERK,
    acting,
    consent,
    create,
    enrol,
    entries,
    found,
    key,
    make_user,
    office_on,
    withdrawn,
)
from countenance.access import AccessKey
from countenance.errors import NotPermitted, PolicyInvalid, SubjectNotFound
from countenance.operations.delete_collection import delete_collection
from countenance.operations.list_subjects import ListedSubject, list_subjects
from countenance.operations.manage_holds import place_hold, release_hold
from countenance.operations.record_interaction import record_interaction
from countenance.operations.show_subject import ShownSubject, TracedSubject, show_subject, trace_subject
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def listed(office: Office, like: str = "", by: AccessKey = CLERK) -> list[ListedSubject]:
    """List people two at a time, so that every list of these tests has several pages."""
    people, after_key = list[ListedSubject](), 0
    while True:
        with acting(office, by) as act:
            page = list_subjects(office.gallery, act, like=like, most=2, after_key=after_key)
        people += page.items
        if page.next_after is None:
            return people
        after_key = page.next_after


def names(office: Office, like: str = "", by: AccessKey = CLERK) -> list[str]:
    return [each.name for each in listed(office, like, by)]


def shown(office: Office, subject: str, by: AccessKey = CLERK) -> ShownSubject:
    with acting(office, by) as act:
        return show_subject(office.gallery, act, subject)


def traced(office: Office, subject: str, by: AccessKey = CLERK) -> TracedSubject:
    with acting(office, by) as act, office.store.reading_ledger() as ledger:
        return trace_subject(office.gallery, ledger, office.store, act, subject)


def test_everybody_is_listed_once_wherever_and_however_they_are_known(office: Office) -> None:
    staff, guests = create(office, "staff"), create(office, "guests")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"), new_face(3), new_face(4, "ann"))
    enrol(office, guests, new_face(5, "cat"), new_face(6, "bob"))
    make_user(office, guests, "ann")
    make_user(office, guests, "dan", enrol(office, guests, new_face(7)))
    assert names(office) == ["ann", "bob", "cat", "dan"]
    known_in = {each.name: each.collection_ids for each in listed(office)}
    assert known_in == {
        "ann": ("staff", "guests"),
        "bob": ("staff", "guests"),
        "cat": ("guests",),
        "dan": ("guests",),
    }


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ("coll", ["eileen-Collins", "collins_100"]),
        ("EILEEN", ["eileen-Collins"]),
        ("_", ["collins_100"]),
        ("%", []),
        ("external", []),
        ("user:", ["user:x"]),
    ],
)
def test_they_are_found_by_any_part_of_their_name(office: Office, like: str, expected: list[str]) -> None:
    staff = create(office, "staff")
    enrol(office, staff, *(new_face(n, name) for n, name in enumerate(["eileen-Collins", "bob", "user:x"])))
    make_user(office, staff, "collins_100")
    assert names(office, like) == expected


def test_a_key_lists_whom_the_collections_know_that_it_may_use(office: Office) -> None:
    staff, guests = create(office, "staff", purpose="entry"), create(office, "guests", purpose="events")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"))
    enrol(office, guests, new_face(3, "ann"), new_face(4, "cat"))
    of_guests = key("host", collections=("gue*",))
    assert [(each.name, each.collection_ids) for each in listed(office, by=of_guests)] == [
        ("ann", ("guests",)),
        ("cat", ("guests",)),
    ]
    assert names(office, by=key("guard", purposes=("entry",))) == ["ann", "bob"]
    assert names(office, by=key("nobody", collections=("other",))) == []
    with pytest.raises(NotPermitted):
        names(office, by=key("gate", operations=("search_*",)))


def test_whom_only_a_deleted_collection_knew_is_listed_no_more(office: Office) -> None:
    old, staff = create(office, "old"), create(office, "staff")
    enrol(office, old, new_face(1, "ann"), new_face(2, "bob"))
    enrol(office, staff, new_face(3, "ann"))
    with office.store.writing() as writer:
        writer.hide_collection(old, "a-request")
    assert [(each.name, each.collection_ids) for each in listed(office)] == [("ann", ("staff",))]
    with acting(office) as act:
        delete_collection(office.gallery, act, "staff")
    assert names(office) == []


def test_the_list_says_who_consents_and_who_is_held(office: Office) -> None:
    staff = create(office, "staff", purpose="entry")
    enrol(office, staff, *(new_face(n, name) for n, name in enumerate(["ann", "bob", "cat"])))
    consent(office, "ann")
    withdrawn(office, consent(office, "bob").consent_id)
    with acting(office) as act:
        place_hold(act, "cat", "case 7")
    ann, bob, cat = listed(office)
    assert (ann.purposes, ann.consent_ended, ann.held) == (("entry",), False, False)
    assert (bob.purposes, bob.consent_ended, bob.held) == ((), True, False)
    assert (cat.purposes, cat.consent_ended, cat.held) == ((), False, True)


def test_a_text_that_is_no_part_of_a_name_is_refused(office: Office) -> None:
    for like in ("x" * 256, "\0"):
        with pytest.raises(PolicyInvalid, match="at most 255 characters"):
            names(office, like)


def test_what_is_held_of_one_is_shown_by_collection(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required", retention="P30D")
    guests = create(office, "guests")
    (first, _) = enrol(office, staff, new_face(1, "ann"), new_face(2, "ann"))
    make_user(office, guests, "ann", enrol(office, guests, new_face(3, "annie")))
    given = consent(office, "ann")
    in_staff, in_guests = shown(office, "ann").held_in
    assert (in_staff.collection_id, in_staff.purpose, in_staff.consent_required) == ("staff", "entry", True)
    assert (in_staff.faces, in_staff.usable, in_staff.users) == (2, 2, 0)
    assert in_staff.face_ids == (face_id(1), face_id(2))
    assert in_staff.expiry is not None
    assert in_staff.expiry.at == first.enrolled_at + timedelta(days=30)
    assert (in_guests.faces, in_guests.users, in_guests.expiry) == (1, 1, None)
    whole = shown(office, "ann")
    assert (whole.faces, whole.users, whole.other_names) == (3, 1, ("annie",))
    assert [each.consent_id for each in whole.consents] == [given.consent_id]
    assert whole.complete


def test_whose_consent_is_missing_is_shown_as_not_to_be_found(office: Office) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"))
    (in_staff,) = shown(office, "ann").held_in
    assert (in_staff.faces, in_staff.usable) == (1, 0)


def test_an_interaction_moves_the_end_of_their_stay(office: Office) -> None:
    staff = create(office, "staff", last_interaction="P1Y")
    (face,) = enrol(office, staff, new_face(1, "ann"))
    later = datetime.now(UTC)
    with acting(office) as act:
        record_interaction(act, "ann", later)
    (in_staff,) = shown(office, "ann").held_in
    assert in_staff.last_interaction_at == later
    assert in_staff.expiry is not None
    assert in_staff.expiry.clause == "last-interaction"
    assert in_staff.expiry.at > face.enrolled_at + timedelta(days=364)


def test_holds_are_shown_those_released_too(office: Office) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    with acting(office) as act:
        old, new = place_hold(act, "ann", "case 1"), place_hold(act, "ann", "case 2")
    with acting(office) as act:
        release_hold(act, old.hold_id)
    whole = shown(office, "ann")
    assert [each.reference for each in whole.holds] == ["case 1", "case 2"]
    assert [each.hold_id for each in whole.holds_in_force] == [new.hold_id]


def test_who_has_only_consented_is_shown_and_who_has_not_is_not_found(office: Office) -> None:
    consent(office, "ann")
    assert (shown(office, "ann").held_in, len(shown(office, "ann").consents)) == ((), 1)
    for look in (lambda: shown(office, "eve"), lambda: traced(office, "eve"), lambda: traced(office, "ann")):
        with pytest.raises(SubjectNotFound):
            look()


def test_a_key_sees_of_one_what_its_collections_hold(office: Office) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    enrol(office, create(office, "guests"), new_face(2, "ann"))
    seen = shown(office, "ann", by=key("host", collections=("guests",)))
    assert [each.collection_id for each in seen.held_in] == ["guests"]
    assert not seen.complete


def test_the_searches_that_found_one_are_shown_and_so_is_each_look(office: Office) -> None:
    enrol(office, create(office, "staff"), new_face(1, "ann"), new_face(2, "bob"))
    assert found(office, "staff", 1) == ["ann"]
    assert found(office, "staff", 2) == ["bob"]
    shown(office, "ann", by=BOSS)
    trace = traced(office, "ann")
    (mention,) = trace.found
    assert (mention.operation, mention.collection, mention.key_id) == (
        "search_faces_by_image",
        "staff",
        "clerk",
    )
    assert mention.similarity is not None
    assert mention.similarity > 99
    assert [(each.key_id, each.operation) for each in trace.disclosures] == [
        ("clerk", "search_faces_by_image"),
        ("boss", "show_subject"),
    ]
    looks = entries(office, operation="show_subject")
    assert len(looks) == 2
    assert all(len(look["subjects"]) == 1 and "ann" not in str(look) for look in looks)
