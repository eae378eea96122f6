"""What reports count in the database, in both kinds of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contract.offices import consent, create, enrol, found, keep, make_user, office_on, old_consent
from countenance.governance import due_now
from countenance.store import SqlStore
from new_faces import new_face


def test_subjects_are_counted_by_name_user_or_face_and_reviews_are_none(store: SqlStore) -> None:
    office = office_on(store)
    staff, others = create(office, "staff", review="one"), create(office, "others")
    faces = enrol(
        office, staff, new_face(1, "ann"), new_face(2, "ann"), new_face(3), new_face(4), new_face(5)
    )
    make_user(office, staff, "bob", faces[2:4])
    enrol(office, others, new_face(6, "eve"))
    assert found(office, "staff", 1) == []  # it waits for a person, under a data key of its own
    with store.reading() as reader:
        assert reader.count_subjects(staff) == 3  # ann, bob, and whoever is on the last face
        assert reader.count_subjects(others) == 1


def test_due_faces_are_counted_as_they_are_listed(store: SqlStore) -> None:
    office, now = office_on(store), datetime.now(UTC)
    doors = create(office, "doors", purpose="entry", consent="required")
    enrol(office, doors, *(new_face(number, name) for number, name in enumerate(("ann", "bob", "eve"), 1)))
    consent(office, "ann")
    ended = {"expires_at": now - timedelta(days=1)}
    keep(office, old_consent(1, "bob", "entry", now - timedelta(days=2), **ended))
    policy = office.register.policy_of({"countenance:purpose": "entry", "countenance:consent": "required"})
    with store.reading() as reader:
        due = due_now(policy, now)
        assert reader.count_due_faces(doors.key, due) == len(reader.due_faces(doors.key, due, 10)) == 1


def test_consents_are_counted_by_state_of_one_purpose_or_of_all(store: SqlStore) -> None:
    office = office_on(store)
    consent(office, "ann")
    consent(office, "ann", "payroll")
    now = datetime.now(UTC)
    keep(office, old_consent(1, "bob", "entry", now - timedelta(days=2), withdrawn_at=now))
    with store.reading() as reader:
        assert reader.count_consents(now) == {"valid": 2, "withdrawn": 1}
        assert reader.count_consents(now, "entry") == {"valid": 1, "withdrawn": 1}
        assert reader.count_consents(now, "nothing") == {}
