"""A sweep erases what is due and nothing else, in batches, and goes on where it was broken off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from sqlalchemy import update

from contract.databases import Database
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
    names_in,
    office_on,
    old_consent,
    receipt,
    swept,
    tags,
)
from contract.situations import SITUATIONS, Situation, furnish
from countenance.errors import NotPermitted
from countenance.operations import sweep as sweeping
from countenance.operations.erase_faces import erase_faces
from countenance.operations.sweep import sweep
from countenance.store import SqlStore
from countenance.store.tables import faces, subjects
from countenance.wiring import Office
from new_faces import face_id, new_face

DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CONSENTED = {"consent": "required", "purpose": "entry"}


@pytest.fixture
def office(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office that erases two faces at a time."""
    monkeypatch.setattr(sweeping, "_BATCH", 2)
    return office_on(store)


def age(database: Database, *names: str) -> None:
    """Make faces old."""
    these = faces.c.external_image_id.in_(names)
    database.statement(update(faces).where(these).values(enrolled_at=LONG_AGO))


def test_each_clause_erases_what_it_makes_due_and_is_named(office: Office, database: Database) -> None:
    kept = create(office, "kept", retention="P1Y")
    seen = create(office, "seen", last_interaction="P3Y")
    met = create(office, "met", purpose_met="2026-01-01")
    asked = create(office, "asked", **CONSENTED)
    forever = create(office, "forever", purpose="entry")
    collections = [kept, seen, met, asked, forever]
    for place, collection in enumerate(collections):
        enrol(office, collection, new_face(10 * place, f"old-{place}"), new_face(10 * place + 1, "new"))
    consent(office, "new")
    keep(office, old_consent(1, "old-3", "entry", LONG_AGO, expires_at=LONG_AGO + DAY))
    age(database, "old-0", "old-4")
    of_old = subjects.c.name == "external:old-1"
    database.statement(update(subjects).where(of_old).values(last_interaction_at=LONG_AGO))
    assert swept(office) == 5
    assert [names_in(office, each) for each in collections] == [
        ["new"],
        ["new"],
        [],
        ["new"],
        ["old-4", "new"],
    ]
    found = [part for entry in entries(office, operation="erase_due") for part in entry["erased"]]
    assert [(part["collection"], part["clause"], part["faces"]) for part in found] == [
        ("kept", "retention", 1),
        ("seen", "last-interaction", 1),
        ("met", "purpose-met", 2),
        ("asked", "consent-ended", 1),
    ]
    proved = receipt(office, "a-sweep")
    assert (proved.erased_faces, proved.keys_destroyed) == (5, 5)
    assert swept(office) == 0


def test_where_nothing_is_due_nothing_is_recorded(office: Office) -> None:
    enrol(office, create(office, "staff", retention="P1Y"), new_face(1, "ann"))
    assert swept(office) == 0
    assert entries(office) == []


def test_a_sweep_that_is_asked_for_is_recorded_with_what_it_did(office: Office, database: Database) -> None:
    enrol(office, create(office, "staff", retention="P1Y"), new_face(1, "ann"))
    age(database, "ann")
    with acting(office, CLERK, "the-request") as act:
        assert sweep(office.gallery, act, timedelta(days=1)) == 1
    assert [entry["operation"] for entry in entries(office, request="the-request")] == [
        "erase_due",
        "destroy_keys",
        "sweep",
    ]
    with pytest.raises(NotPermitted), acting(office, key("reader", operations=("list_*",))) as act:
        sweep(office.gallery, act, timedelta(days=1))


def test_those_whose_consent_holds_without_end_are_not_in_the_way_of_those_whose_does_not(
    office: Office,
) -> None:
    staff = create(office, "staff", **CONSENTED)
    people = ["ann", "bob", "eve", "max", "tom"]
    enrol(office, staff, *(new_face(number, name) for number, name in enumerate(people)))
    ends = [None, datetime.now(UTC) + DAY]
    for number, name in enumerate(people[:4]):
        keep(office, old_consent(number, name, "entry", LONG_AGO, expires_at=ends[number % 2]))
    keep(office, old_consent(9, "tom", "entry", LONG_AGO, withdrawn_at=LONG_AGO + DAY))
    assert swept(office) == 1
    assert names_in(office, staff) == people[:4]


def test_a_sweep_that_was_broken_off_has_done_whole_batches_and_the_next_goes_on(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = create(office, "staff", retention="P1Y")
    people = [f"person-{number}" for number in range(7)]
    enrol(office, staff, *(new_face(number, name) for number, name in enumerate(people)))
    age(database, *people[:6])
    batches = [True, False]

    def broken_in_the_second(*arguments: Any) -> int:
        if not batches.pop(0):
            raise KeyboardInterrupt
        return erase_faces(*arguments)

    with monkeypatch.context() as broken:
        broken.setattr(sweeping, "erase_faces", broken_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            swept(office)
    assert names_in(office, staff) == people[2:]
    assert [entry["outcome"] for entry in entries(office, operation="erase_due")] == ["done", "failed"]
    assert receipt(office, "a-sweep").erased_faces == 2
    assert swept(office) == 4
    assert names_in(office, staff) == people[6:]
    assert receipt(office, "a-sweep").erased_faces == 6


def test_who_consents_again_at_the_last_moment_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = create(office, "staff", **CONSENTED)
    enrol(office, staff, new_face(1, "ann"))
    keep(office, old_consent(1, "ann", "entry", LONG_AGO, withdrawn_at=LONG_AGO + DAY))
    changing = office.gallery.changing

    def after_she_consented() -> Any:
        consent(office, "ann", expires_at=datetime.now(UTC) + DAY)
        return changing()

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(office.gallery, "changing", after_she_consented)
        assert swept(office) == 0
    assert names_in(office, staff) == ["ann"]


def test_a_damaged_face_is_erased_when_it_is_due_and_is_in_nobodys_way(
    office: Office, database: Database
) -> None:
    staff = create(office, "staff", retention="P1Y", last_interaction="P3Y")
    nobodys, _ = enrol(office, staff, new_face(1), new_face(2, "ann"))
    make_user(office, staff, "carol", [nobodys])
    database.statement("UPDATE faces SET template = :rubbish WHERE user_key IS NOT NULL", rubbish=bytes(40))
    with office.gallery.changing() as change:
        change.writer.disassociate(staff, [nobodys.key])
    assert swept(office) == 0
    database.statement(update(faces).values(enrolled_at=LONG_AGO))
    assert swept(office) == 2
    assert names_in(office, staff) == []


def test_a_collection_whose_tags_are_no_policy_is_in_no_other_ones_way(
    office: Office, database: Database
) -> None:
    broken, staff = create(office, "broken"), create(office, "staff", retention="P1Y")
    with office.gallery.changing() as change:
        change.writer.set_tags(broken, tags(retention="a while"))
    for place, collection in enumerate((broken, staff)):
        enrol(office, collection, new_face(place, "ann"))
    age(database, "ann")
    assert swept(office) == 1
    assert (names_in(office, broken), names_in(office, staff)) == (["ann"], [])


def test_a_user_stays_without_the_faces_that_were_due(office: Office, database: Database) -> None:
    staff = create(office, "staff", retention="P1Y")
    both = enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"))
    make_user(office, staff, "team", both)
    age(database, "ann")
    assert swept(office) == 1
    with office.gallery.reading() as reader:
        assert reader.user(staff, "team").face_count == 1
        assert [face.face_id for face in reader.faces(staff, after_key=0, most=9)] == [face_id(2)]


def test_more_collections_than_are_looked_at_at_once_are_all_swept(
    office: Office, database: Database
) -> None:
    for number in range(5):
        collection = create(office, f"staff-{number}", retention="P1Y")
        enrol(office, collection, new_face(number, "ann"))
    age(database, "ann")
    assert swept(office) == 5


def test_in_any_gallery_a_sweep_leaves_exactly_what_is_not_due(office: Office, database: Database) -> None:
    @settings(max_examples=15, deadline=None)
    @given(situation=SITUATIONS)
    def any_gallery(situation: Situation) -> None:
        there = furnish(office, database, situation)
        now = datetime.now(UTC)
        due = {face.key for face in there.faces if there.due(face, now) and not there.is_held(face)}
        assert swept(office) == len(due)
        with office.gallery.reading() as reader:
            left = reader.faces(there.collection, after_key=0, most=99)
        assert [face.key for face in left] == [face.key for face in there.faces if face.key not in due]
        assert swept(office) == 0

    any_gallery()
