"""The overview counts what is held, due and waiting, and tells nobody more than their key may know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from sqlalchemy import update

from contract.databases import Database
from contract.offices import (
    BOSS,
    CLERK,
    KEPT,
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
    withdrawn,
)
from contract.reviewing import searched
from contract.situations import DAY, NOW, SITUATIONS, Situation, furnish
from countenance.access import AccessKey
from countenance.errors import NotPermitted
from countenance.governance import due_now
from countenance.jobs.values import JobState
from countenance.operations.manage_holds import place_hold
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.operations.overview.forecasting import Due, Forecasts
from countenance.operations.overview.ledger_watch import LedgerWatch
from countenance.operations.overview.show_overview import OverviewRooms, show_overview
from countenance.operations.overview.values import Held, Overview, SweepNote
from countenance.operations.upkeep import UpkeepNotes
from countenance.store import SqlStore
from countenance.store.tables import faces, ledger_head
from countenance.wiring import Office
from new_faces import PACK, new_face
from new_jobs import queued, with_items

AUDITOR = key("auditor")


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def rooms(office: Office) -> OverviewRooms:
    return OverviewRooms(
        gallery=office.gallery,
        store=office.store,
        watch=LedgerWatch(office.store),
        notes=UpkeepNotes(),
        forecasts=Forecasts(),
        consents_kept=KEPT,
        pack=PACK,
    )


def seen(office: Office, by: AccessKey = BOSS, looked_into: OverviewRooms | None = None) -> Overview:
    with acting(office, by) as act:
        return show_overview(looked_into or rooms(office), act)


def limited(*collections: str, **limits: Any) -> AccessKey:
    return replace(AUDITOR, collections=collections, **limits)


def test_an_empty_service_holds_nothing(office: Office) -> None:
    shown = seen(office)
    assert (shown.collections, shown.held, shown.largest, shown.due) == (0, Held(), (), Due())
    assert shown.due_counted_at is None
    assert shown.consents == {"expired": 0, "future": 0, "valid": 0, "withdrawn": 0}
    assert (shown.open_reviews, shown.holds, shown.moratoria, shown.running_monitors) == (0, 0, (), 0)
    assert shown.jobs == dict.fromkeys(JobState, 0)
    assert shown.ledger is not None
    assert (shown.ledger.size, shown.ledger.last_at, shown.ledger.signature_holds) == (0, None, True)


def test_it_counts_collections_faces_users_and_subjects(office: Office) -> None:
    staff, guests = create(office, "staff", purpose="entry"), create(office, "guests", retention="P30D")
    ann, _ = enrol(office, staff, new_face(1, "ann"), new_face(2, "ann"))
    enrol(office, guests, new_face(3, "bob"))
    make_user(office, staff, "user-of-ann", [ann])
    shown = seen(office)
    assert (shown.collections, shown.held) == (2, Held(faces=3, users=1, subjects=3))
    assert [(each.collection_id, each.purpose, each.held.faces) for each in shown.largest] == [
        ("staff", "entry", 2),
        ("guests", None, 1),
    ]
    assert [each.due for each in shown.largest] == [None, Due(0, 0, 1)]


def test_a_look_leaves_one_entry(office: Office) -> None:
    seen(office)
    assert [entry["operation"] for entry in entries(office)] == ["show_overview"]


def test_a_key_limited_to_some_collections_or_purposes_sees_only_those_counted(office: Office) -> None:
    for number, (name, purpose) in enumerate([("staff", "entry"), ("guests", "visit")], 1):
        enrol(office, create(office, name, purpose=purpose, review="one"), new_face(number, name))
        consent(office, name, purpose)
    searched(office, "guests", 2)
    for by in (limited("staff"), limited("*", purposes=("entry",))):
        shown = seen(office, by)
        assert (shown.collections, shown.held.faces, shown.open_reviews) == (1, 1, 0)
        assert [each.collection_id for each in shown.largest] == ["staff"]
        assert shown.consents is not None
        assert shown.consents["valid"] == 1
        assert shown.consents_due is None
    whole = seen(office)
    assert (whole.held.faces, whole.open_reviews) == (2, 1)
    assert whole.consents is not None
    assert whole.consents["valid"] == 2


def test_what_a_key_may_not_list_is_left_out(office: Office) -> None:
    shown = seen(office, replace(AUDITOR, operations=("show_overview",)))
    told = (shown.consents, shown.consents_due, shown.open_reviews, shown.holds, shown.jobs)
    assert (*told, shown.running_monitors, shown.ledger) == (None,) * 7
    with pytest.raises(NotPermitted):
        seen(office, replace(AUDITOR, operations=("list_faces",)))


def test_consents_are_counted_by_state_and_by_when_their_records_are_due(office: Office) -> None:
    given = NOW - 800 * DAY
    keep(office, old_consent(1, "ann", "entry", given))
    keep(office, old_consent(2, "bob", "entry", given, expires_at=NOW - KEPT + 3 * DAY))
    keep(office, old_consent(3, "eve", "entry", given, expires_at=NOW - KEPT + 20 * DAY))
    keep(office, old_consent(4, "dan", "entry", given, expires_at=NOW - KEPT - DAY))
    keep(office, old_consent(5, "fay", "entry", NOW + DAY))
    withdrawn(office, consent(office, "gus").consent_id)
    shown = seen(office)
    assert shown.consents == {"expired": 3, "future": 1, "valid": 1, "withdrawn": 1}
    assert shown.consents_due == Due(now=1, in_week=2, in_month=3)


def test_what_is_due_is_told_ahead_and_remembered_for_a_while(office: Office, database: Database) -> None:
    staff = create(office, "staff", retention="P100D")
    enrolled = enrol(office, staff, *(new_face(number, f"p{number}") for number in range(1, 6)))
    for face, days in zip(enrolled, (101, 95, 80, 75, 10), strict=True):
        then = datetime.now(UTC) - timedelta(days=days)
        database.statement(update(faces).where(faces.c.key == face.key).values(enrolled_at=then))
    seconds = [0.0]
    remembering = replace(rooms(office), forecasts=Forecasts(lambda: seconds[0]))
    assert seen(office, looked_into=remembering).due == Due(now=1, in_week=2, in_month=4)
    with acting(office) as act:
        place_hold(act, "p1", "case 1")
    assert seen(office, looked_into=remembering).due.now == 1
    seconds[0] = 31.0
    assert seen(office, looked_into=remembering).due == Due(now=0, in_week=1, in_month=3)


def test_what_is_counted_ahead_is_what_would_be_counted_then(store: SqlStore, database: Database) -> None:
    office = office_on(store)

    @settings(max_examples=40, deadline=None)
    @given(situation=SITUATIONS)
    def in_any(situation: Situation) -> None:
        there = furnish(office, database, situation)
        dues = [due_now(there.policy, NOW + days * DAY) for days in (0, 2, 7)]
        with store.reading() as reader:
            assert reader.count_due_faces_until(there.collection.key, dues) == [
                reader.count_due_faces(there.collection.key, due) for due in dues
            ]

    in_any()


def test_moratoria_in_force_are_told_to_everybody_also_those_that_no_key_can_lift(store: SqlStore) -> None:
    office = office_on(store, moratorium="enrol")
    with acting(office) as act:
        begin_moratorium(act, "search", "the council said so", None)
    shown = seen(office, replace(AUDITOR, operations=("show_overview",)))
    assert [(each.scope.text, each.moratorium_id is None) for each in shown.moratoria] == [
        ("enrol", True),
        ("search", False),
    ]


def test_holds_and_jobs_are_counted_those_of_others_only_for_an_administrator(office: Office) -> None:
    with acting(office) as act:
        place_hold(act, "ann", "case 1")
    now = datetime.now(UTC)
    queued(office.store, asked_by="clerk", now=now)
    queued(office.store, asked_by="auditor", collection_id="vault", now=now)
    failed = with_items(office.store, "a.jpg", asked_by="clerk")
    old = with_items(office.store, "b.jpg", asked_by="clerk")
    with office.store.writing() as writer:
        writer.end_job(failed, "mine", JobState.FAILED, "no disk", now)
        writer.end_job(old, "mine", JobState.FAILED, "no disk", now - 2 * DAY)
    assert seen(office).holds == 1
    for by, waiting, ended in ((BOSS, 2, 1), (CLERK, 1, 1), (AUDITOR, 1, 0), (limited("staff"), 0, 0)):
        jobs = seen(office, by).jobs
        assert jobs is not None
        assert (jobs[JobState.WAITING], jobs[JobState.FAILED]) == (waiting, ended)


def test_the_pack_in_use_is_told_with_what_was_measured_of_it(office: Office) -> None:
    pack = seen(office).pack
    assert pack is not None
    assert (pack.name, pack.licence) == (PACK, "CC0-1.0 AND MIT")
    assert [each.similarity for each in pack.errors] == [80, 90, 99]
    for each in pack.errors:
        low, high = each.false_non_match_range
        assert 0 < low < each.false_non_match_rate < high < 1
    assert pack.groups_with_more_errors
    assert pack.most_errors is not None
    unknown = replace(rooms(office), pack="no-such-pack")
    assert seen(office, looked_into=unknown).pack is None


def test_the_last_sweep_is_told_where_there_was_one(office: Office) -> None:
    looked_into = rooms(office)
    assert seen(office, looked_into=looked_into).last_sweep is None
    looked_into.notes.last_sweep = SweepNote(NOW, 3)
    assert seen(office, looked_into=looked_into).last_sweep == SweepNote(NOW, 3)


def test_the_ledger_is_told_with_its_last_entry_and_whether_it_is_signed(
    office: Office, database: Database
) -> None:
    before = datetime.now(UTC)
    create_one_entry(office)
    ledger = seen(office).ledger
    assert ledger is not None
    assert (ledger.size, ledger.signature_holds) == (1, True)
    assert ledger.last_at is not None
    assert before <= ledger.last_at <= datetime.now(UTC)
    note = office.store
    with note.reading_ledger() as reader:
        forged = reader.head().checkpoint.replace("countenance\n2\n", "countenance\n3\n")
    database.statement(update(ledger_head).values(checkpoint=forged))
    ledger = seen(office, looked_into=rooms(office)).ledger
    assert ledger is not None
    assert not ledger.signature_holds


def create_one_entry(office: Office) -> None:
    office.store.append({"request": "r", "key": "k", "operation": "list_faces", "outcome": "done", "v": 1})
