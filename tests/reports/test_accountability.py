"""The accountability report counts what was done, in the ledger, and marks what only the agency knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from countenance.operations.reports.usage import usage_of
from reports.world import HOSTILE, World, facts, rows, section


def test_searches_are_counted_by_purpose_and_month(world: World) -> None:
    record = world.record("accountability")
    month = f"{datetime.now(UTC):%Y-%m}"
    counted = {(row["month"], row["purpose"]): row for row in rows(record, "searches")}
    ends = ("asked", "returned", "empty", "held", "refused", "failed")
    assert {which: [row[end] for end in ends] for which, row in counted.items()} == {
        (month, None): [2, 1, 0, 0, 1, 0],
        (month, "entry"): [6, 3, 1, 0, 2, 0],
        (month, "law-enforcement"): [3, 0, 0, 3, 0, 0],
    }
    totals = facts(record, "searches")
    assert (totals["searches"], totals["returned"], totals["held"], totals["refused"]) == (11, 4, 3, 3)


def test_refusals_are_counted_by_reason(world: World) -> None:
    record = world.record("accountability")
    counted = {(row["reason"], row["operation"]): row["count"] for row in rows(record, "refusals")}
    assert counted["NotPermitted", "search_faces_by_image"] == 1  # the reception in cases
    assert counted["MoratoriumInForce", "search_faces_by_image"] == 2
    assert facts(record, "refusals")["refusals"] == sum(counted.values())


def test_reviews_are_counted_by_what_became_of_them(world: World) -> None:
    record = world.record("accountability")
    assert facts(record, "reviews") == {
        "reviews": 3,
        "confirmed": 1,
        "rejected": 0,
        "disagreed": 1,
        "undecided": 1,
    }
    assert rows(record, "reviews") == [{"mode": "two-person", "count": 3}]


def test_all_operations_are_counted(world: World) -> None:
    before = {row["operation"]: row for row in rows(world.record("accountability"), "operations")}
    after = {row["operation"]: row for row in rows(world.record("accountability"), "operations")}
    assert before["vote_on_review"] == {"operation": "vote_on_review", "done": 4, "refused": 0, "failed": 0}
    assert before["erase_due"]["done"] == 1
    assert (
        after["report_accountability"]["done"] == before.get("report_accountability", {"done": 0})["done"] + 1
    )


def test_what_is_counted_is_all_of_the_ledger(world: World) -> None:
    with world.office.store.reading_ledger() as ledger:
        usage = usage_of(ledger)
        contents = [json.loads(entry) for _, entry in ledger.entries()]
    assert usage.entries == len(contents)
    assert sum(each.done + each.refused + each.failed for each in usage.operations) == len(contents)
    assert usage.first == datetime.fromisoformat(contents[0]["time"])
    assert usage.last == datetime.fromisoformat(contents[-1]["time"])


def test_moratoria_are_told_with_their_reasons(world: World) -> None:
    record = world.record("accountability")
    (moratorium,) = rows(record, "moratoria")
    assert (moratorium["scope"], moratorium["reason"]) == ("search", f"a complaint {HOSTILE}")
    assert moratorium["lifted_at"] is not None
    assert moratorium["in_force"] is False


def test_purposes_users_and_packs_are_told(world: World) -> None:
    record = world.record("accountability")
    purposes = {row["purpose"]: row for row in rows(record, "purposes")}
    assert {purpose: row["faces"] for purpose, row in purposes.items()} == {
        None: 1,
        "entry": 3,
        "law-enforcement": 2,
    }
    assert purposes["law-enforcement"]["review"] == ["two-person"]
    assert section(record, "purposes")["to_be_filled_in"] == ["benefits", "decisions"]
    assert len(rows(record, "users")) == 5
    (pack,) = rows(record, "packs")
    assert (pack["pack"], pack["licence"]) == ("dlib-cc0", "CC0-1.0 AND MIT")
    tested = rows(record, "testing")
    assert tested[0]["value"] == 5_919_753


def test_complaints_are_to_be_filled_in(world: World) -> None:
    complaints = section(world.record("accountability"), "complaints")
    assert {"complaints", "civil_rights"} <= set(complaints["to_be_filled_in"])
    assert set(complaints["facts"].values()) == {None}
