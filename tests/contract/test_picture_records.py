"""A face leads back to the articles of its picture, for as long as a face of the picture is there."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from contract.databases import Database
from contract.offices import acting, entries
from countenance.images import open_image
from countenance.operations.delete_collection import delete_collection
from countenance.operations.delete_faces import delete_faces
from countenance.operations.search_records import search_records
from countenance.store import SqlStore
from import_desk import COLLECTION, Desk, People, desk_on
from local_web import answering, web

FIRST = """\
    ---
    title: Crew returns
    publishedDateTime: 2026-03-01T09:00:00Z
    webUrl: https://news.example.org/crew
    provider: {name: Example News}
    topics: [space]
    images:
      - url: http://HOST/0
      - url: both.jpg
    related:
      - title: A computer pioneer
        images: [{url: http://HOST/1}]
    ---
    Text.
    """
SECOND = """\
    ---
    title: Ten years later
    webUrl: https://news.example.org/later
    images: [{url: http://HOST/0}]
    ---
    """


@pytest.fixture
def people(astronaut: Path, grace_hopper: Path) -> People:
    return People.of(astronaut, grace_hopper)


@pytest.fixture
def desk(store: SqlStore, people: People, tmp_path: Path) -> Desk:
    """A desk into whose collection two articles were imported that share a picture."""
    desk, folder = desk_on(store), tmp_path / "articles"
    folder.mkdir()
    (folder / "both.jpg").write_bytes(people.both())

    def answer(request: Any) -> None:
        answering(people.picture(int(request.path[1:])))(request)

    with web(answer) as (host, _):
        for name, text in (("first.md", FIRST), ("second.md", SECOND)):
            (folder / name).write_text(textwrap.dedent(text).replace("HOST", host))
        job = desk.done(folder, private_hosts=(host,))
    assert (job.progress.done, job.progress.failed) == (5, 0), desk.left(job)
    return desk


def titles(desk: Desk, people: People, number: int) -> set[str]:
    """Search for who is in a numbered picture; return the titles of the articles of all matches."""
    with acting(desk.office) as act:
        found = search_records(
            desk.rooms.vision,
            desk.office.gallery,
            act,
            COLLECTION,
            lambda: open_image(people.picture(number)),
            most=10,
            least_similarity=95,
        )
    return {str(record.title) for match in found.matches for record in match.records}


def test_a_search_by_face_answers_with_the_articles(desk: Desk, people: People) -> None:
    assert titles(desk, people, 2) == {"Crew returns", "Ten years later"}
    assert titles(desk, people, 3) == {"Crew returns"}
    assert entries(desk.office)[-1]["records"] == 2


def test_what_a_record_says_is_kept_as_it_was(desk: Desk) -> None:
    found = [record for records in desk.records().values() for record in records]
    (related,) = [record for record in found if record["found_in"] == "related"]
    assert related == {
        "kind": "article",
        "source_file": "first.md",
        "title": "Crew returns",
        "published_at": "2026-03-01T09:00:00Z",
        "web_url": "https://news.example.org/crew",
        "provider": "Example News",
        "topics": ("space",),
        "found_in": "related",
        "related_title": "A computer pioneer",
    }


def test_records_go_with_the_last_face_of_their_picture(desk: Desk) -> None:
    both = [face for face in desk.faces() if list(desk.records()).count(face.image_id)]
    shared = {face.image_id: [each for each in both if each.image_id == face.image_id] for face in both}
    (pair,) = [faces for faces in shared.values() if len(faces) == 2]
    for face, left in zip(pair, (4, 3), strict=True):
        with acting(desk.office) as act:
            delete_faces(desk.office.gallery, act, COLLECTION, [face.face_id])
        assert sum(map(len, desk.records().values())) == left, (
            "records of a picture with a face went, or stayed"
        )


def test_nothing_is_left_of_a_collection_that_is_deleted(desk: Desk, database: Database) -> None:
    assert database.statement("SELECT count(*) FROM picture_records") == [(4,)]
    with acting(desk.office) as act:
        delete_collection(desk.office.gallery, act, COLLECTION)
    assert database.statement("SELECT count(*) FROM picture_records") == [(0,)]


def test_importing_again_adds_no_record(desk: Desk, tmp_path: Path) -> None:
    before = desk.records()
    desk.done(tmp_path / "articles" / "both.jpg")
    assert desk.records() == before


@pytest.mark.usefixtures("desk")
def test_a_picture_without_a_face_in_the_collection_keeps_nothing(store: SqlStore) -> None:
    with store.writing() as writer:
        collection = writer.collection(COLLECTION)
        kept = writer.picture_records(collection, after_key=0, most=1)[0]
        elsewhere = "00000000-0000-4000-8000-000000000000"
        assert writer.add_picture_records(collection, [(elsewhere, kept.record)]) == 0
        assert writer.add_picture_records(collection, [(kept.image_id, kept.record)] * 2) == 0


def test_records_of_faces_that_a_restored_copy_brings_back_are_erased_with_them(
    store: SqlStore, database: Database, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store)
    (tmp_path / "a.jpg").write_bytes(people.picture(0))
    (tmp_path / "list.csv").write_text("path,external_image_id,tags\na.jpg,ann,roll=17\n")
    desk.done(tmp_path / "list.csv")
    copy = database.copy()
    with acting(desk.office) as act:
        delete_faces(desk.office.gallery, act, COLLECTION, [desk.faces()[0].face_id])
    store.close()
    database.put_back(copy)
    with database.opened():
        assert database.statement("SELECT count(*) FROM faces") == [(0,)]
        assert database.statement("SELECT count(*) FROM picture_records") == [(0,)]
