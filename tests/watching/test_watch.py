"""Watching says who comes and goes, and the ledger tells all of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from contract.offices import (
    acting,
    entries,
)
from countenance.operations.explain_decision import explain_decision
from countenance.operations.reports.usage import usage_of
from countenance.operations.review_answers import list_reviews
from countenance.operations.watch_events import (
    Recognised,
    event_record,
)
from countenance.settings import read_settings
from countenance.wiring import open_office
from new_faces import face_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.faces import Vector
    from countenance.wiring import Office


from watching.watchers import Heard, enrol_collins, watched


@dataclass(frozen=True)
class Seen:
    """A film that was watched to its end."""

    office: Office
    heard: Heard
    film: Path

    @property
    def records(self) -> list[dict[str, Any]]:
        return [event_record(event) for event in self.heard.events]


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, collins_and_hopper: Path, collins_vector: Vector
) -> Iterator[Seen]:
    """Eileen Collins, Grace Hopper, and Collins again; only she is enrolled, with somebody else."""
    settings = read_settings(data_dir=tmp_path_factory.mktemp("seen"), index_memory_mb=100)
    with open_office(settings) as office:
        enrol_collins(office, collins_vector, purpose="entry")
        heard = Heard()
        assert watched(office, collins_and_hopper, heard) == "the file has ended"
        yield Seen(office, heard, collins_and_hopper)


def test_it_says_who_comes_and_goes(seen: Seen) -> None:
    assert seen.heard.names == [
        *("started", "appeared", "recognised", "left"),
        *("appeared", "appeared", "recognised", "left", "left", "ended"),
    ]
    started, recognised, left, ended = (seen.records[place] for place in (0, 2, 3, -1))
    assert (started["collection_id"], started["source"]) == ("staff", str(seen.film))
    assert (recognised["external_image_id"], recognised["face_id"]) == ("eileen", face_id(1))
    assert recognised["similarity_percent"] >= 99
    assert 0 < recognised["false_match_rate"] <= 1e-4
    assert [record["track"] for record in seen.records if record["event"] == "recognised"] == [1, 3]
    assert left["seconds"] == pytest.approx(1.4, abs=0.11)
    assert ended["frames"] == {"read": 150, "looked_at": 75, "dropped": 0}
    assert seen.heard.pictures == 75


def test_events_are_plain_json_with_times_in_utc(seen: Seen) -> None:
    assert json.loads(json.dumps(seen.records)) == seen.records
    assert all(record["at"].endswith("Z") for record in seen.records)
    assert len({record["watch_id"] for record in seen.records}) == 1


def test_begin_each_search_and_end_are_in_the_ledger(seen: Seen) -> None:
    watch_id = seen.heard.events[0].watch_id
    mine = [entry for entry in entries(seen.office) if entry["operation"] != "explain_decision"]
    begun, *searches, ended = mine
    assert (begun["operation"], begun["request"], begun["key"]) == ("watch", watch_id, "clerk")
    assert begun["reasons"] == ["purpose:entry", "search:allowed", "watch:allowed", "review:none"]
    assert (begun["collection"], begun["threshold"], begun["source_kind"]) == ("staff", "99.00", "file")
    assert {entry["operation"] for entry in searches} == {"search_live"}
    assert {entry["watch"] for entry in searches} == {watch_id}
    assert [entry["track"] for entry in searches if entry["results"]] == [1, 1, 3, 3]
    assert [entry["track"] for entry in searches if not entry["results"]] == [2, 2]
    assert (ended["operation"], ended["request"], ended["key"]) == ("end_watch", watch_id, "clerk")
    assert (ended["ended_by"], ended["faces"], ended["recognised"]) == ("done", 3, 2)
    assert ended["searches"] == len(searches) == 6
    assert ended["frames"] == {"read": 150, "looked_at": 75, "dropped": 0}
    everything = json.dumps(mine)
    assert not any(name in everything for name in ("eileen", face_id(1), seen.film.name))


def test_a_decision_can_be_explained_and_counts_as_a_search(seen: Seen) -> None:
    recognised = next(event for event in seen.heard.events if isinstance(event, Recognised))
    with acting(seen.office) as act, seen.office.store.reading_ledger() as ledger:
        explained = explain_decision(ledger, act, recognised.request_id)
        begun = explain_decision(ledger, act, recognised.watch_id)
        (use,) = usage_of(ledger).searches
    assert (explained.asked["operation"], explained.gallery_size) == ("search_live", 2)
    assert begun.asked["operation"] == "watch"
    assert (use.purpose, use.asked, use.returned, use.empty) == ("entry", 6, 4, 2)


def test_nothing_of_anybody_is_kept(seen: Seen) -> None:
    with seen.office.gallery.reading() as reader:
        assert reader.count_faces(reader.collection("staff")) == 2
    with acting(seen.office) as act:
        assert list_reviews(act, state=None, most=9).items == []
