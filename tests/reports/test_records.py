"""The JSON of a report keeps its keys, and has numbers as numbers and times in ISO 8601."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from countenance.ledger import read_checkpoint
from countenance.operations.reports.words import duration_in_iso, duration_in_words
from reports.world import World

REPORTS: dict[str, dict[str, Any]] = {
    "processing": {},
    "retention": {},
    "accountability": {},
    "subject": {"subject": "ann", "include_templates": True},
}
SECTIONS = {
    "processing": "controller overview collection transfers security assessment false_matches",
    "retention": "schedule destruction erased overdue",
    "accountability": "name packs capabilities inputs purposes users retention security testing errors "
    "reviews searches refusals operations moratoria complaints",
    "subject": "summary face users consent holds reviews jobs videos disclosures decisions entries "
    "pseudonyms policy rights",
}


@pytest.mark.parametrize("kind", REPORTS)
def test_the_keys_of_a_report_are_these(world: World, kind: str) -> None:
    record = world.record(kind, **REPORTS[kind])
    assert set(record) == {
        *("type", "kind", "title", "introduction"),
        *("generated_at", "request_id", "ledger_checkpoint", "sections"),
    }
    assert (record["type"], record["kind"]) == ("countenance-report/1", kind)
    assert list(dict.fromkeys(each["key"] for each in record["sections"])) == SECTIONS[kind].split()
    for section in record["sections"]:
        assert set(section) == {"key", "heading", "law", "text", "facts", "table", "to_be_filled_in"}
        if section["table"] is not None:
            assert all(set(row) == set(section["table"]["columns"]) for row in section["table"]["rows"])


@pytest.mark.parametrize("kind", REPORTS)
def test_sections_of_a_kind_have_the_same_facts(world: World, kind: str) -> None:
    facts: dict[str, set[str]] = {}
    for section in world.record(kind, **REPORTS[kind])["sections"]:
        assert facts.setdefault(section["key"], set(section["facts"])) == set(section["facts"])


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_json_with_numbers_and_times(world: World, kind: str) -> None:
    record = json.loads(json.dumps(world.record(kind, **REPORTS[kind]), allow_nan=False))
    for section in record["sections"]:
        table = section["table"] or {"rows": []}
        for cells in (section["facts"], *table["rows"]):
            for name, value in cells.items():
                if value is not None and name.endswith("_at"):
                    assert datetime.fromisoformat(value).utcoffset() == timedelta(0)
                if name in {"faces", "users", "subjects", "count", "asked", "gallery", "collections"}:
                    assert value is None or isinstance(value, int | list)


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_tied_to_the_ledger(world: World, kind: str) -> None:
    record = world.record(kind, **REPORTS[kind])
    store = world.office.store
    signed = read_checkpoint(record["ledger_checkpoint"], store.verifier_key)
    with store.reading_ledger() as ledger:
        ((place, entry),) = ledger.of_request(record["request_id"])
    assert place == signed.size  # the report's own entry is the next one
    assert json.loads(entry)["operation"] == f"report_{kind}"


@pytest.mark.parametrize(
    ("duration", "words", "iso"),
    [
        (timedelta(days=1095), "3 years", "P1095D"),
        (timedelta(days=365), "1 year", "P365D"),
        (timedelta(days=400), "400 days", "P400D"),
        (timedelta(days=30), "30 days", "P30D"),
        (timedelta(days=1, hours=2), "1 day 2 hours", "P1DT2H"),
        (timedelta(minutes=90), "1 hour 30 minutes", "PT1H30M"),
        (timedelta(seconds=61), "1 minute 1 second", "PT1M1S"),
        (timedelta(0), "at once", "PT0S"),
    ],
)
def test_durations_are_told_in_words_and_in_iso_8601(duration: timedelta, words: str, iso: str) -> None:
    assert (duration_in_words(duration), duration_in_iso(duration)) == (words, iso)
