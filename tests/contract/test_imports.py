"""An import enrols what IndexFaces would, tells of everything else, and is in the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from contract.offices import acting, consent, create, enrol, entries, found, key, make_user
from countenance.errors import ManifestInvalid, NotPermitted, PolicyInvalid
from countenance.images import open_image
from countenance.jobs.values import ItemState, Job, JobState, Runner
from countenance.operations.imports.listing import list_items
from countenance.operations.imports.values import ExternalIds
from countenance.operations.index_faces import index_faces
from countenance.operations.search_faces_by_image import search_faces_by_image
from countenance.store import SqlStore
from import_desk import COLLECTION, Desk, People, desk_on
from new_faces import new_face


@pytest.fixture
def people(astronaut: Path, grace_hopper: Path) -> People:
    return People.of(astronaut, grace_hopper)


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    return desk_on(store)


def manifest(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "list.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def reasons(desk: Desk, job: Job) -> dict[str, str]:
    """Return why items are not done, by the first word of their names' last part."""
    return {
        item.asked.name.rpartition("/")[2].split()[0]: f"{item.state}: {item.reason}"
        for item in desk.left(job)
    }


def same(one: Any, other: Any) -> bool:
    """Tell whether two enrolled faces are the same but for key and time."""
    fields = ("face_id", "image_id", "external_image_id", "box", "confidence", "quality", "source", "user_id")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


def test_an_import_enrols_what_index_faces_would(desk: Desk, people: People, tmp_path: Path) -> None:
    folder = people.write(tmp_path / "pictures", 20)
    (folder / "both.jpg").write_bytes(people.both())
    create(desk.office, "indexed")
    for path in sorted(folder.iterdir()):
        with acting(desk.office) as act:
            index_faces(
                desk.rooms.vision,
                desk.office.gallery,
                desk.rooms.identifiers,
                act,
                "indexed",
                lambda path=path: open_image(path),  # type: ignore[misc]
                external_image_id=path.stem,
            )
    job = desk.done(folder, external_ids=ExternalIds.STEM)
    assert (job.state, job.progress.done, job.progress.counts["faces"]) == (JobState.SUCCEEDED, 21, 22)
    imported, indexed = desk.faces(), desk.faces("indexed")
    assert len(imported) == len(indexed)
    assert all(map(same, imported, indexed))
    np.testing.assert_allclose(desk.templates(), desk.templates("indexed"), atol=1e-5)


def test_done_twice_it_finds_everything_there(desk: Desk, people: People, tmp_path: Path) -> None:
    folder = people.write(tmp_path / "pictures", 5)
    first = desk.done(folder)
    again = desk.done(folder)
    assert again.job_id != first.job_id
    assert (first.progress.counts, again.progress.counts) == ({"faces": 5}, {"faces_there": 5})
    assert len(desk.faces()) == 5


def test_the_same_picture_under_two_names_is_enrolled_once(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(people.picture(0))
    assert desk.done(tmp_path).progress.done == 2
    assert len(desk.faces()) == 1


def test_what_is_not_imported_is_told_and_loses_nothing_else(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    folder = people.write(tmp_path / "pictures", 2)
    (folder / "broken.jpg").write_bytes(people.picture(0)[:400])
    (folder / "text.jpg").write_text("hello")
    Image.new("RGB", (200, 200), "white").save(folder / "white.png")
    (folder / "notes.doc").write_text("hello")
    job = desk.done(folder)
    assert (job.progress.total, job.progress.done, job.progress.skipped, job.progress.failed) == (6, 2, 2, 2)
    told = reasons(desk, job)
    assert told["broken.jpg"].startswith("failed: Image")
    assert told["text.jpg"].startswith("failed: ImageFormatNotSupported")
    assert told["white.png"] == "skipped: no face was found"
    assert "neither pictures nor articles" in told["notes.doc"]


def test_quality_and_the_number_of_faces_are_as_asked(desk: Desk, people: People, tmp_path: Path) -> None:
    (tmp_path / "both.jpg").write_bytes(people.both())
    assert desk.done(tmp_path, most=1).progress.counts == {"faces": 1, "faces_set_aside": 1}
    assert desk.done(tmp_path).progress.counts == {"faces": 1, "faces_there": 1}


def test_the_largest_face_of_a_picture_becomes_the_named_users(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    (tmp_path / "both.jpg").write_bytes(people.both())
    (tmp_path / "one.jpg").write_bytes(people.picture(0))
    rows = [{"path": "both.jpg", "user_id": "eileen"}, {"path": "one.jpg", "user_id": "eileen"}]
    job = desk.done(manifest(tmp_path, *rows))
    assert job.progress.counts == {"faces": 3, "users": 1}
    largest, other, single = desk.faces()
    assert (largest.user_id, other.user_id, single.user_id) == ("eileen", None, "eileen")
    assert desk.done(manifest(tmp_path, *rows)).progress.counts == {"faces_there": 3}


def test_a_face_that_is_somebody_elses_already_is_not_given_away(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(people.picture(0))
    assert desk.done(manifest(tmp_path, {"path": "a.jpg", "user_id": "eileen"})).progress.done == 1
    job = desk.done(manifest(tmp_path, {"path": "a.jpg", "user_id": "grace"}))
    assert "another user's already" in reasons(desk, job)["a.jpg"]
    assert [face.user_id for face in desk.faces()] == ["eileen"]


def test_no_user_gets_more_than_a_hundred_faces(desk: Desk, people: People, tmp_path: Path) -> None:
    with desk.office.gallery.reading() as reader:
        collection = reader.collection(COLLECTION)
    faces = enrol(desk.office, collection, *(new_face(number) for number in range(99)))
    make_user(desk.office, collection, "eileen", faces)
    people.write(tmp_path, 2)
    rows = [{"path": f"{number:03}.jpg", "user_id": "eileen"} for number in range(2)]
    job = desk.done(manifest(tmp_path, *rows))
    assert (job.progress.done, job.progress.failed) == (1, 1)
    assert "GalleryFull" in reasons(desk, job)["001.jpg"]


def test_nobody_without_consent_is_enrolled_or_even_looked_at(
    store: SqlStore, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store, purpose="entry", consent="required")
    people.write(tmp_path, 5)
    agreed, other = consent(desk.office, "ann"), consent(desk.office, "ann", "marketing")
    rows = [
        {"external_image_id": "ann"},
        {"external_image_id": "bob"},
        {},
        {"external_image_id": "ann", "consent_id": other.consent_id},
        {"external_image_id": "ann", "consent_id": agreed.consent_id},
    ]
    job = desk.done(manifest(tmp_path, *({"path": f"{n:03}.jpg"} | row for n, row in enumerate(rows))))
    assert [face.external_image_id for face in desk.faces()] == ["ann", "ann"]
    told = reasons(desk, job)
    assert "there is none of theirs" in told["001.jpg"]
    assert "ExternalImageId" in told["002.jpg"]
    assert "none of theirs to entry" in told["003.jpg"]
    pictures = [entry["pictures"] for entry in entries(desk.office) if entry.get("pictures")]
    assert len(pictures[0]) == 2, "pictures of those who have not consented were opened"


def test_a_user_alone_may_consent_and_then_nobody_else_in_the_picture_is_enrolled(
    store: SqlStore, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store, purpose="entry", consent="required")
    consent(desk.office, "eileen")
    (tmp_path / "both.jpg").write_bytes(people.both())
    job = desk.done(manifest(tmp_path, {"path": "both.jpg", "user_id": "eileen"}))
    assert job.progress.counts == {"faces": 1, "faces_set_aside": 1, "users": 1}
    assert [face.user_id for face in desk.faces()] == ["eileen"]


def test_a_consent_that_is_named_must_be_valid_where_none_is_required(
    store: SqlStore, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store, purpose="entry")
    people.write(tmp_path, 2)
    theirs = consent(desk.office, "ann")
    rows = [
        {"path": "000.jpg", "external_image_id": "ann", "consent_id": theirs.consent_id},
        {"path": "001.jpg", "external_image_id": "bob", "consent_id": theirs.consent_id},
    ]
    job = desk.done(manifest(tmp_path, *rows))
    assert [face.external_image_id for face in desk.faces()] == ["ann"]
    assert "none of theirs" in reasons(desk, job)["001.jpg"]


def test_the_policy_decides_which_sources_are_imported(
    store: SqlStore, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store, sources="subject licensed", source="subject")
    people.write(tmp_path, 4)
    rows = [{}, {"source": "licensed"}, {"source": "scraped"}, {"source": "gossip"}]
    job = desk.done(manifest(tmp_path, *({"path": f"{n:03}.jpg"} | row for n, row in enumerate(rows))))
    assert [face.source for face in desk.faces()] == ["subject", "licensed"]
    told = reasons(desk, job)
    assert "PolicyForbids" in told["002.jpg"]
    assert "source:" in told["003.jpg"]
    assert "PolicyForbids" in reasons(desk, desk.done(tmp_path / "000.jpg", source="scraped"))["000.jpg"]
    with pytest.raises(PolicyInvalid):
        desk.start(tmp_path, source="gossip")


@pytest.mark.parametrize("kept", ["kept", "not-kept"])
def test_portraits_are_kept_only_where_the_policy_says_so(
    store: SqlStore, people: People, tmp_path: Path, kept: str
) -> None:
    desk = desk_on(store, portraits=kept)
    desk.done(people.write(tmp_path, 1))
    with desk.office.gallery.reading() as reader:
        portrait = reader.portrait(reader.collection(COLLECTION), desk.faces()[0].face_id)
    assert (portrait is not None) == (kept == "kept")


def test_what_was_imported_is_found_by_a_search(desk: Desk, people: People, tmp_path: Path) -> None:
    assert found(desk.office, COLLECTION, 1) == []
    desk.done(people.write(tmp_path, 6), external_ids=ExternalIds.STEM)
    with acting(desk.office) as act:
        answer = search_faces_by_image(
            desk.rooms.vision,
            desk.office.gallery,
            act,
            COLLECTION,
            lambda: open_image(people.picture(0)),
            most=10,
            least_similarity=90,
        )
    assert {match.face.external_image_id for match in answer.matches} == {"000", "002", "004"}


def test_every_batch_leaves_its_entry_and_none_names_anybody(
    store: SqlStore, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store, purpose="entry", consent="required")
    consent(desk.office, "ann")
    people.write(tmp_path, 3)
    rows = [
        {"path": f"{n:03}.jpg", "external_image_id": who} for n, who in enumerate(("ann", "ann", "carol"))
    ]
    job = desk.done(manifest(tmp_path, *rows))
    begun, batch = [entry for entry in entries(desk.office) if entry["operation"] == "import_faces"]
    assert begun["job"] == batch["job"] == job.job_id
    assert batch["collection"] == COLLECTION
    assert (batch["faces"], batch["failed"]) == (2, {"ConsentMissing": 1})
    assert (len(batch["pictures"]), len(batch["subjects"])) == (2, 1)
    assert "carol" not in json.dumps(entries(desk.office)) + json.dumps(batch)
    assert "001.jpg" not in json.dumps(entries(desk.office))


def test_an_import_takes_leave_to_import(desk: Desk, people: People, tmp_path: Path) -> None:
    people.write(tmp_path, 1)
    with pytest.raises(NotPermitted):
        desk.start(tmp_path, by=key("limited", operations=("index_faces",)))
    with pytest.raises(NotPermitted):
        desk.start("s3://secret/", by=key("limited", buckets=("public",)))


def test_workers_import_from_buckets_and_from_nowhere_else(
    store: SqlStore, people: People, tmp_path: Path
) -> None:
    desk = desk_on(store, {"pictures": tmp_path / "bucket"})
    people.write(tmp_path / "bucket" / "1969" / "crew", 2)
    people.write(tmp_path / "bucket" / "1970", 1)
    (tmp_path / "bucket" / "1969" / "notes.txt").write_text("x")
    job = desk.done("s3://pictures/1969/", runner=Runner.WORKERS, external_ids=ExternalIds.FOLDER)
    assert [face.external_image_id for face in desk.faces()] == ["crew", "crew"]
    assert [item.asked.name for item in desk.left(job)] == ["s3://pictures/1969/notes.txt"]
    with pytest.raises(ManifestInvalid, match="not in a bucket"):
        desk.start(tmp_path, runner=Runner.WORKERS)


def test_an_unfinished_import_of_the_same_parameters_is_the_same_job(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    people.write(tmp_path, 1)
    first = desk.start(tmp_path)
    assert desk.start(tmp_path).job_id == first.job_id
    assert desk.start(tmp_path, most=1).job_id != first.job_id
    desk.go_on(first)
    assert desk.start(tmp_path).job_id != first.job_id


def test_a_folder_that_is_gone_or_a_manifest_that_is_none_fails_the_import(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    folder = people.write(tmp_path / "pictures", 1)
    (folder / "list.csv").write_text("colour\nred\n")
    job = desk.done(folder / "list.csv")
    assert (job.state, "no column" in job.message) == (JobState.FAILED, True)
    started = desk.start(folder / "000.jpg")
    (folder / "000.jpg").unlink()
    assert desk.go_on(started).state is JobState.FAILED


def test_a_picture_that_becomes_a_link_meanwhile_is_not_opened(
    desk: Desk, people: People, tmp_path: Path
) -> None:
    folder = people.write(tmp_path / "pictures", 2)
    (tmp_path / "secret.jpg").write_bytes(people.picture(9))

    job = desk.start(folder)

    def list_and_swap(*arguments: Any) -> None:
        list_items(*arguments)
        (folder / "001.jpg").unlink()
        (folder / "001.jpg").symlink_to(tmp_path / "secret.jpg")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("countenance.operations.imports.handler.list_items", list_and_swap)
        ended = desk.go_on(job)
    assert (ended.progress.done, ended.progress.failed) == (1, 1)
    assert [item.state for item in desk.left(ended)] == [ItemState.FAILED]
