"""The retention report is the schedule that is in force, tells of nobody, and counts what was destroyed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from contract.offices import acting, consent, create, enrol, keep, key, office_on, old_consent, swept
from countenance.errors import NotPermitted
from countenance.operations.reports.records import report_record
from countenance.operations.reports.retention import report_retention
from countenance.reporting import Report
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face
from reports.world import Record, World, facts, rows, section


def retention_of(office: Office) -> Record:
    with acting(office) as act, office.store.reading_ledger() as ledger:
        made: Report = report_retention(office.gallery, ledger, act, office.service)
    return report_record(made)


def test_the_schedule_tells_each_purposes_clauses_and_laws(world: World) -> None:
    schedule = rows(world.record("retention"), "schedule")
    entry = {row["clause"]: row for row in schedule if row["purpose"] == "entry"}
    assert entry["retention"] == {
        "purpose": "entry",
        "clause": "retention",
        "after": "P30D",
        "destroyed": "30 days after the face was enrolled",
        "set_by": "the organisation",
        "law": None,
    }
    assert entry["last-interaction"]["after"] == "P1095D"
    assert entry["last-interaction"]["destroyed"] == "3 years after the last interaction with the person"
    assert str(entry["last-interaction"]["law"]).startswith("740 ILCS 14/15(a)")
    assert entry["consent-ended"]["set_by"] == "bipa"
    assert set(entry) == {"retention", "last-interaction", "consent-ended"}
    others = {row["purpose"]: row["destroyed"] for row in schedule if row["purpose"] != "entry"}
    assert others == {None: "no limit is set", "law-enforcement": "no limit is set"}


def test_it_names_nobody_and_no_collection(world: World) -> None:
    text = json.dumps(world.record("retention"))
    for name in ("ann", "bob", "doors", "cases", "loose", "reception", "CTNC"):
        assert f'"{name}' not in text
        assert f" {name}" not in text


def test_what_was_destroyed_is_counted_by_clause(world: World) -> None:
    record = world.record("retention")
    destroyed = {row["clause"]: row for row in rows(record, "erased")}
    assert {clause: row["last_30_days"] for clause, row in destroyed.items()} == {
        "purpose-met": 0,
        "retention": 0,
        "last-interaction": 0,
        "consent-ended": 1,
        "withdrawal": 1,
        "request": 1,
        "collection-deleted": 2,
    }
    assert all(row["last_365_days"] == row["last_30_days"] for row in destroyed.values())
    assert facts(record, "erased") == {"last_30_days": 5, "last_365_days": 5}


def test_what_was_destroyed_long_ago_is_not_counted(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    office, now = office_on(store), datetime.now(UTC)
    for days, faces in ((400, 1), (200, 2), (5, 4)):
        at = now - timedelta(days=days)
        monkeypatch.setattr("countenance.store.ledger_log.datetime", At(at))
        store.append(
            {"request": "r", "operation": "erase_due", "erased": [{"clause": "retention", "faces": faces}]}
        )
    assert facts(retention_of(office), "erased") == {"last_30_days": 4, "last_365_days": 6}


class At:
    """A clock that always tells the same time."""

    def __init__(self, time: datetime) -> None:
        self._time = time

    def now(self, _: object) -> datetime:
        return self._time


def test_what_is_due_is_overdue_until_it_is_swept(store: SqlStore) -> None:
    office, now = office_on(store), datetime.now(UTC)
    doors = create(office, "doors", purpose="entry", consent="required")
    consent(office, "ann")
    keep(office, old_consent(1, "bob", "entry", now - timedelta(days=2), expires_at=now - timedelta(days=1)))
    enrol(office, doors, new_face(1, "ann"), new_face(2, "bob"), new_face(3, "bob"))
    assert facts(retention_of(office), "overdue") == {"overdue_faces": 2, "faces_being_erased": 0}
    assert swept(office) == 2
    assert facts(retention_of(office), "overdue") == {"overdue_faces": 0, "faces_being_erased": 0}


def test_collections_of_the_same_policy_are_one_line(store: SqlStore) -> None:
    office = office_on(store)
    for name in ("a", "b"):
        create(office, name, purpose="entry", retention="PT12H")
    (row,) = rows(retention_of(office), "schedule")
    assert (row["after"], row["destroyed"]) == ("PT12H", "12 hours after the face was enrolled")


def test_a_purpose_that_ends_and_a_grace_are_told(store: SqlStore) -> None:
    office = office_on(store)
    create(office, "a", purpose="fair", purpose_met="2026-05-01")
    create(office, "b", purpose="shop", jurisdiction="cubi")
    told = {(row["purpose"], row["clause"]): row for row in rows(retention_of(office), "schedule")}
    assert told["fair", "purpose-met"]["destroyed"] == "when the purpose is met, on 2026-05-01"
    assert told["shop", "purpose-met"]["destroyed"] == "1 year after the day when the purpose is met"
    assert "503.001(c)" in told["shop", "purpose-met"]["law"]


def test_a_policy_that_has_become_invalid_is_told(store: SqlStore) -> None:
    office = office_on(store)
    create(office, "a", purpose="fair", retention="soon")
    (row,) = rows(retention_of(office), "schedule")
    assert row["purpose"] is None
    assert "invalid" in row["destroyed"]


def test_how_destruction_works_is_that_of_the_settings(world: World) -> None:
    assert facts(world.record("retention"), "destruction") == {
        "searched_every": "PT1M",
        "found_meanwhile": False,
        "consent_records_kept": "P1825D",
        "backups_kept": "P14D",
    }


@pytest.mark.parametrize("kind", ["retention", "processing", "accountability"])
def test_a_key_that_is_limited_to_collections_gets_no_report_of_the_whole(world: World, kind: str) -> None:
    with pytest.raises(NotPermitted, match="whole service"):
        world.record(kind, by=key("limited", collections=("doors",)))


def test_nothing_in_it_is_to_be_filled_in(world: World) -> None:
    assert all(not each["to_be_filled_in"] for each in world.record("retention")["sections"])
    assert section(world.record("retention"), "schedule")["law"].startswith("740 ILCS 14/15(a)")
