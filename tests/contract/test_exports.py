"""What is exported comes into another database as it was, by the rules that hold there, and is checked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from contract.databases import Database
from contract.offices import acting, consent, enrol, entries, found, key, make_user
from countenance.archive.exported_rows import face_of, record_of, user_id_of
from countenance.archive.exports import is_export, read_manifest_of, sha256_of
from countenance.archive.values import PictureRecord, RecordKind
from countenance.errors import ExportInvalid, ManifestInvalid, MoratoriumInForce, NotPermitted
from countenance.jobs.values import Job, JobState
from countenance.operations.export_collection import Exported, export_collection
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.store import SqlStore
from import_desk import COLLECTION, Desk, desk_on
from new_faces import new_face

OLD = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    """A desk whose collection has faces of ann and bob, of whom one is a user's, and a record."""
    desk = desk_on(store, purpose="entry")
    with desk.office.gallery.reading() as reader:
        collection = reader.collection(COLLECTION)
    named = [replace(new_face(number, who), enrolled_at=OLD) for number, who in ((1, "ann"), (2, "bob"))]
    faces = enrol(desk.office, collection, *named, new_face(3), new_face(4))
    make_user(desk.office, collection, "carol", faces[2:3])
    make_user(desk.office, collection, "nobody-yet")
    with store.writing() as writer:
        record = PictureRecord(RecordKind.ARTICLE, "a.md", title="Crew returns")
        writer.add_picture_records(collection, [(faces[0].image_id, record)])
    return desk


@pytest.fixture
def elsewhere(tmp_path: Path) -> Database:
    """Another server's database."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Database(f"sqlite:///{folder / 'gallery.sqlite'}", folder / "master.key", folder)


def export(desk: Desk, folder: Path) -> Exported:
    with acting(desk.office) as act:
        return export_collection(desk.office.gallery, act, COLLECTION, folder)


def as_kept(desk: Desk) -> list[Any]:
    """Return what is known of each face but for the store's own numbers."""
    return [replace(face, key=0) for face in desk.faces()]


def test_what_is_exported_comes_in_elsewhere_as_it_was(
    desk: Desk, elsewhere: Database, tmp_path: Path
) -> None:
    assert export(desk, tmp_path / "out") == Exported(faces=4, left_out=0, users=2, records=1)
    with elsewhere.opened() as store:
        other = desk_on(store, purpose="entry")
        job = other.done(tmp_path / "out")
        assert (job.state, job.progress.done, job.progress.failed) == (JobState.SUCCEEDED, 6, 0)
        assert job.progress.counts == {"faces": 4, "users": 2, "records": 1}
        assert as_kept(other) == as_kept(desk)
        np.testing.assert_array_equal(other.templates(), desk.templates())
        assert other.records() == desk.records()
        for number in (1, 2, 3, 4, 5):
            assert found(other.office, COLLECTION, number) == found(desk.office, COLLECTION, number)
        again = other.done(tmp_path / "out")
        assert again.progress.counts == {"faces_there": 4}
        assert as_kept(other) == as_kept(desk)


def test_no_retention_begins_anew_elsewhere(desk: Desk, elsewhere: Database, tmp_path: Path) -> None:
    with desk.office.gallery.reading() as reader:
        collection, names = reader.collection(COLLECTION), ["external:ann", "user:carol"]
        before = reader.last_interaction(collection, names)
    export(desk, tmp_path / "out")
    with elsewhere.opened() as store:
        other = desk_on(store, purpose="entry")
        other.done(tmp_path / "out")
        assert other.faces()[0].enrolled_at == OLD
        with other.office.gallery.reading() as reader:
            assert reader.last_interaction(reader.collection(COLLECTION), names) == before


def test_consent_is_asked_for_where_it_comes_in(desk: Desk, elsewhere: Database, tmp_path: Path) -> None:
    export(desk, tmp_path / "out")
    with elsewhere.opened() as store:
        other = desk_on(store, purpose="entry", consent="required")
        for who in ("ann", "carol"):
            consent(other.office, who)
        job = other.done(tmp_path / "out")
        assert {face.external_image_id or face.user_id for face in other.faces()} == {"ann", "carol"}
        failed = {item.reason.partition(":")[0] for item in other.left(job)}
        assert (job.progress.failed, failed) == (2, {"ConsentMissing"})


def test_faces_that_may_not_be_used_any_more_are_left_out(store: SqlStore, tmp_path: Path) -> None:
    desk = desk_on(store, purpose="entry", consent="required")
    with desk.office.gallery.reading() as reader:
        collection = reader.collection(COLLECTION)
    consent(desk.office, "ann")
    enrol(desk.office, collection, new_face(1, "ann"), new_face(2, "bob"))
    assert export(desk, tmp_path / "out") == Exported(faces=1, left_out=1, users=0, records=0)


def test_an_export_is_recorded_as_a_disclosure_to_each_in_it(desk: Desk, tmp_path: Path) -> None:
    export(desk, tmp_path / "out")
    found_entries = {entry["operation"]: entry for entry in entries(desk.office)}
    assert found_entries["export_collection"]["faces"] == 4
    assert len(found_entries["disclose_templates"]["subjects"]) == 4
    assert "ann" not in json.dumps(
        [found_entries[name] for name in ("export_collection", "disclose_templates")]
    )


def test_an_export_takes_an_administrator_and_no_moratorium(desk: Desk, tmp_path: Path) -> None:
    with acting(desk.office, key("clerk")) as act, pytest.raises(NotPermitted, match="administrator"):
        export_collection(desk.office.gallery, act, COLLECTION, tmp_path / "out")
    with acting(desk.office) as act:
        begin_moratorium(act, "all", "a test")
    with pytest.raises(MoratoriumInForce):
        export(desk, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_are_their_owners_alone_and_nothing_is_overwritten(desk: Desk, tmp_path: Path) -> None:
    export(desk, tmp_path / "out")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    with pytest.raises(ExportInvalid, match="name a new folder"):
        export(desk, tmp_path / "out")


def test_an_empty_collection_can_be_exported(store: SqlStore, elsewhere: Database, tmp_path: Path) -> None:
    assert export(desk_on(store), tmp_path / "out").faces == 0
    with elsewhere.opened() as other:
        assert desk_on(other).done(tmp_path / "out").state is JobState.SUCCEEDED


def import_altered(elsewhere: Database, folder: Path) -> tuple[Job, int]:
    with elsewhere.opened() as store:
        other = desk_on(store)
        job = other.done(folder)
        return job, len(other.faces())


@pytest.mark.parametrize("file", ["faces.parquet", "users.parquet", "records.parquet"])
def test_a_file_that_was_altered_is_refused(
    desk: Desk, elsewhere: Database, tmp_path: Path, file: str
) -> None:
    folder = tmp_path / "out"
    export(desk, folder)
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    job, count = import_altered(elsewhere, folder)
    assert (job.state, "was altered" in job.message, count) == (JobState.FAILED, True, 0)


def test_an_export_of_another_pack_is_refused(desk: Desk, elsewhere: Database, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(desk, folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("dlib-cc0", "another"))
    job, _ = import_altered(elsewhere, folder)
    assert (job.state, "another" in job.message) == (JobState.FAILED, True)


def test_rows_that_are_not_as_exports_have_them_fail_one_by_one(
    desk: Desk, elsewhere: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    export(desk, folder)
    table = pq.read_table(folder / "faces.parquet")
    rows = table.to_pylist()
    rows[0]["template"] = [value * 2 for value in rows[0]["template"]]
    rows[1]["face_id"] = "../../etc/passwd"
    rows[2]["source"] = "gossip"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), folder / "faces.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["faces.parquet"] = sha256_of(folder / "faces.parquet")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    job, count = import_altered(elsewhere, folder)
    assert (job.state, job.progress.failed, count) == (JobState.SUCCEEDED, 3, 1)


def test_an_export_is_imported_by_itself(desk: Desk, tmp_path: Path) -> None:
    export(desk, tmp_path / "out")
    assert is_export(tmp_path / "out")
    with pytest.raises(ManifestInvalid, match="by itself"):
        desk.start(tmp_path / "out", tmp_path)


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "{}",
        "[]",
        '{"format": "countenance-export"}',
        '{"format": "countenance-export", "version": 2}',
        "[" * 9999,
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(ExportInvalid):
        read_manifest_of(tmp_path)


VALUES = (
    st.none()
    | st.text(max_size=40)
    | st.integers()
    | st.floats()
    | st.binary(max_size=20)
    | st.lists(st.floats(), max_size=4)
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["face_id", "image_id", "source", "user_id", "template", "quality", "portrait", "record"]
        ),
        VALUES,
    )
)
def test_whatever_a_row_holds_it_is_refused_with_a_reason(row: dict[str, Any]) -> None:
    for read in (lambda: face_of(row, 4), lambda: record_of(row)):
        with pytest.raises(ManifestInvalid):
            read()
    if isinstance(row.get("user_id"), str):
        return
    with pytest.raises(ManifestInvalid):
        user_id_of(row)
