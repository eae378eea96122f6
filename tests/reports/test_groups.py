"""Reports tell of groups: how many there are, and of a person's faces in which group each is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract.databases import Database
from contract.grouping import Album
from contract.offices import acting, consent, office_on
from countenance.operations.reports.policy_words import policy_table
from countenance.operations.reports.processing import report_processing
from countenance.operations.reports.records import report_record
from countenance.operations.reports.subject import report_subject
from reports.world import all_of, facts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    """Two suggested groups, one of whom was named ann."""
    files = tmp_path / "files"
    database = Database(f"sqlite:///{files / 'gallery.sqlite'}", tmp_path / "master.key", files)
    with database.opened() as store:
        office = office_on(store)
        made = Album.made(office, *range(1, 6))
        made.suggest([1, 2], [3, 4, 5])
        consent(office, "ann", "archive")
        made.call(1, "ann")
        yield made


def test_the_record_of_processing_counts_groups(album: Album) -> None:
    office = album.office
    with acting(office) as act, office.store.reading_ledger() as ledger:
        record = report_record(report_processing(office.gallery, ledger, office.store, act, office.service))
    (told,) = (each["facts"] for each in all_of(record, "collection"))
    assert (told["grouping_allowed"], told["groups"], told["confirmed_groups"]) == (True, 2, 1)
    assert facts(record, "assessment")["grouped"] == 1


def test_a_person_is_told_in_which_groups_their_faces_are(album: Album) -> None:
    office = album.office
    with acting(office) as act, office.store.reading_ledger() as ledger:
        record = report_record(report_subject(office.gallery, ledger, office.store, act, "ann"))
    told = [each["facts"] for each in all_of(record, "face")]
    assert {face["group_id"] for face in told} == {album.of(1).group_id}
    assert [(face["group_faces"], face["group_confirmed"]) for face in told] == [(2, True)] * 2


def test_the_policy_is_told_in_words(album: Album) -> None:
    policy = album.office.register.policy_of({"countenance:grouping": "allowed"})
    words = {row[0]: row[1] for row in policy_table("policy", policy).rows}
    assert words["grouping"] == (
        "Faces may be grouped into people whom nobody has named; a name takes that person's consent."
    )
    usual = {row[0]: row[1] for row in policy_table("policy", album.office.register.policy_of({})).rows}
    assert usual["grouping"] == "Faces are not grouped into people."
