"""A subject's report holds everything that is held of them, and to whom results about them were disclosed."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from contract import videos
from contract.databases import Database
from contract.offices import (
    acting,
    consent,
    create,
    enrol,
    entries,
    found,
    key,
    make_user,
    office_on,
    withdrawn,
)
from countenance.archive.values import PictureRecord, RecordKind
from countenance.errors import NotPermitted, SubjectNotFound
from countenance.jobs.values import NewItem
from countenance.operations.erase_subject import erase_subject
from countenance.operations.reports.records import report_record
from countenance.operations.reports.subject import report_subject
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face, template
from new_jobs import settle, with_items
from reports.world import HOSTILE, Record, World, all_of, facts, portrait, rows, section


def told(office: Office, subject: str) -> Record:
    with acting(office) as act, office.store.reading_ledger() as ledger:
        return report_record(report_subject(office.gallery, ledger, office.store, act, subject))


def test_what_a_faces_picture_came_with_is_told(store: SqlStore) -> None:
    office = office_on(store)
    staff = create(office, "staff")
    enrol(office, staff, new_face(1, "ann"))
    article = PictureRecord(RecordKind.ARTICLE, "crew.md", title="Crew returns", topics=("space",))
    tagged = PictureRecord(RecordKind.MANIFEST, "list.csv", tags={"roll": "17"})
    with store.writing() as writer:
        image_id = new_face(1).image_id
        writer.add_picture_records(staff, [(image_id, article), (image_id, tagged)])
    (face,) = all_of(told(office, "ann"), "face")
    assert face["facts"]["records"] == ["Crew returns, space, in crew.md", "roll=17, in list.csv"]


def test_every_face_is_told_with_all_that_is_kept_of_it(world: World) -> None:
    record = world.record("subject", subject="ann")
    first, second, third = (each["facts"] for each in all_of(record, "face"))
    assert [each["face_id"] for each in (first, second, third)] == [face_id(1), face_id(2), face_id(1)]
    assert [each["collection"] for each in (first, second, third)] == ["doors", "doors", "cases"]
    assert (first["external_image_id"], first["user_id"], second["user_id"]) == ("ann", "ann", None)
    made = new_face(1, "ann")
    assert [first[f"box_{edge}"] for edge in ("left", "top", "width", "height")] == [
        made.box.left,
        made.box.top,
        made.box.width,
        made.box.height,
    ]
    assert (first["quality"], first["confidence"], first["source"]) == (
        made.quality,
        made.confidence,
        "unknown",
    )
    assert base64.b64decode(first["portrait"]["base64"]) == portrait()
    assert (first["portrait_kept"], second["portrait_kept"], second["portrait"]) == (True, False, None)
    assert "template" not in first


def test_it_tells_when_each_face_will_be_erased_and_by_which_clause(world: World) -> None:
    first, _, third = (each["facts"] for each in all_of(world.record("subject", subject="ann"), "face"))
    enrolled, ends = (datetime.fromisoformat(first[name]) for name in ("enrolled_at", "expires_at"))
    assert (ends - enrolled, first["expiry_clause"]) == (timedelta(days=30), "retention")
    assert (third["expires_at"], third["expiry_clause"]) == (None, None)
    assert (first["usable"], first["under_hold"]) == (True, False)


def test_templates_are_told_where_they_are_wanted_and_the_key_may_make_them(world: World) -> None:
    record = world.record("subject", subject="ann", include_templates=True)
    first = all_of(record, "face")[0]["facts"]
    assert np.array_equal(np.array(first["template"], np.float32), template(1))
    assert first["pack"] == "dlib-cc0"
    limited = key("reader", operations=("report_*",))
    assert "template" not in all_of(world.record("subject", limited, subject="ann"), "face")[0]["facts"]
    with pytest.raises(NotPermitted, match="make_templates"):
        world.record("subject", limited, subject="ann", include_templates=True)


def test_users_consents_and_holds_are_told(world: World) -> None:
    record = world.record("subject", subject="ann")
    assert rows(record, "users") == [{"collection": "doors", "user_id": "ann", "faces": 1}]
    (consented,) = (each["facts"] for each in all_of(record, "consent"))
    assert (consented["subject"], consented["purpose"], consented["state"]) == ("ann", "entry", "valid")
    assert (consented["method"], consented["evidence_type"]) == ("electronic-signature", "text/plain")
    assert rows(record, "holds") == []
    eve = world.record("subject", subject="eve")
    (hold,) = rows(eve, "holds")
    assert (hold["reference"], hold["released_at"]) == (f"case 12 {HOSTILE}", None)
    assert all_of(eve, "face")[0]["facts"]["under_hold"] is True


def test_policies_are_told_in_plain_words(world: World) -> None:
    cases, doors = all_of(world.record("subject", subject="ann"), "policy")
    says = {row["line"]: row["says"] for row in doors["table"]["rows"]}
    assert says["purpose"] == "Faces are used for entry."
    assert says["consent"] == "Nobody is enrolled or found without a valid consent of theirs."
    assert says["retention"] == "A face is destroyed 30 days after the face was enrolled."
    assert cases["facts"] == {"collection": "cases"}


def test_disclosures_are_grouped_by_recipient_and_method(world: World) -> None:
    disclosed = rows(world.record("subject", subject="ann"), "disclosures")
    groups = {(row["recipient"], row["method"]): row for row in disclosed}
    searched = groups[f"reception {HOSTILE}", "search_faces_by_image"]
    assert (searched["count"], searched["collections"]) == (3, ["doors"])
    assert searched["access_key_id"] == world.reception.key_id
    assert searched["similarity"] == pytest.approx(100, abs=0.01)
    assert searched["first_at"] < searched["last_at"]
    assert groups["second reviewer", "vote_on_review"]["count"] == 2
    assert "detective" not in {row["recipient"] for row in disclosed}  # who asked was given nothing


def test_the_report_itself_is_a_disclosure(store: SqlStore) -> None:
    office = office_on(store)
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    assert rows(told(office, "ann"), "disclosures") == []
    (first,) = rows(told(office, "ann"), "disclosures")
    assert (first["access_key_id"], first["method"], first["count"]) == ("boss", "report_subject", 1)


def test_decisions_are_told_with_their_request_ids(world: World) -> None:
    record = world.record("subject", subject="ann")
    decisions = rows(record, "decisions")
    assert [(row["collection"], row["held"]) for row in decisions] == [("doors", False)] * 3 + [
        ("cases", True)
    ] * 3
    asked = entries(world.office, operation="search_faces_by_image", collection="doors", outcome="done")
    assert [row["request_id"] for row in decisions[:3]] == [entry["request"] for entry in asked[:3]]
    assert (decisions[0]["threshold"], decisions[0]["false_match_rate"], decisions[0]["gallery"]) == (
        80.0,
        0.001,
        3,
    )


def test_reviews_are_told_with_votes_once_they_are_decided(world: World) -> None:
    told_reviews = rows(world.record("subject", subject="ann"), "reviews")
    assert [row["state"] for row in told_reviews] == ["confirmed", "disagreed", "open"]
    assert [row["verdicts"] for row in told_reviews] == [["confirm"] * 2, ["confirm", "reject"], []]
    assert told_reviews[0]["notes"] == [f"same scar {HOSTILE}"] * 2
    assert rows(world.record("subject", subject="bob"), "reviews") == []


def test_every_entry_about_the_subject_is_told_and_no_other(store: SqlStore) -> None:
    office = office_on(store)
    staff = create(office, "staff")
    enrol(office, staff, new_face(1, "ann"), new_face(2, "bob"))
    make_user(office, staff, "ann")
    found(office, "staff", 1)
    found(office, "staff", 2)
    with acting(office) as act:
        act.permit("create_user", "staff")
        with act.changing(office.gallery) as change:
            act.note(subjects=act.users(change.writer, staff, ["ann"]))
    recorded = rows(told(office, "ann"), "entries")
    assert [(row["operation"], row["role"]) for row in recorded] == [
        ("search_faces_by_image", "found"),
        ("create_user", "concerned"),
    ]


def test_a_user_of_faces_with_other_names_is_told_with_them(store: SqlStore) -> None:
    office = office_on(store)
    staff = create(office, "staff", purpose="entry", consent="required")
    faces = enrol(office, staff, new_face(1, "photo-1"), new_face(2))
    make_user(office, staff, "ann", faces)
    consent(office, "photo-1")
    found(office, "staff", 1)
    record = told(office, "ann")
    assert facts(record, "summary")["names"] == ["ann", "photo-1"]
    assert [each["facts"]["subject"] for each in all_of(record, "consent")] == ["photo-1"]
    assert [each["facts"]["usable"] for each in all_of(record, "face")] == [True, False]
    assert len(rows(record, "pseudonyms")) == 2
    assert [row["role"] for row in rows(record, "entries")] == ["found"]


def test_damaged_material_is_told_and_the_rest_all_the_same(store: SqlStore, database: Database) -> None:
    office = office_on(store)
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    database.statement("UPDATE faces SET portrait = :rubbish, template = :rubbish", rubbish=bytes(60))
    with acting(office) as act, office.store.reading_ledger() as ledger:
        made = report_subject(office.gallery, ledger, office.store, act, "ann", include_templates=True)
    (face,) = all_of(report_record(made), "face")
    assert face["facts"]["damaged"] == ["portrait", "template"]
    assert (face["facts"]["portrait"], face["facts"]["portrait_kept"]) == (None, True)


def test_what_is_held_in_collections_that_a_key_may_not_use_is_not_told(world: World) -> None:
    record = world.record("subject", by=world.reception, subject="ann")
    assert {each["facts"]["collection"] for each in all_of(record, "face")} == {"doors"}
    assert facts(record, "summary")["complete"] is False
    assert "limited" in record["introduction"]
    assert {row["collection"] for row in rows(record, "decisions")} == {"doors"}
    assert facts(world.record("subject", subject="ann"), "summary")["complete"] is True


@pytest.mark.parametrize("nobody", ["nobody", "an", "%", HOSTILE])
def test_of_whom_nothing_is_held_there_is_no_report(world: World, nobody: str) -> None:
    with pytest.raises(SubjectNotFound):
        world.record("subject", subject=nobody)
    assert entries(world.office, operation="report_subject")[-1]["outcome"] == "SubjectNotFound"


def test_of_whom_was_erased_only_the_consents_are_left(store: SqlStore) -> None:
    office = office_on(store)
    enrol(office, create(office, "staff"), new_face(1, "ann"))
    consent(office, "ann")
    found(office, "staff", 1)
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    record = told(office, "ann")
    assert all_of(record, "face") == []
    assert rows(record, "entries") == []
    (consented,) = all_of(record, "consent")
    assert consented["facts"]["state"] == "withdrawn"


def test_a_withdrawn_consent_is_told(store: SqlStore) -> None:
    office = office_on(store)
    withdrawn(office, consent(office, "ann").consent_id)
    (consented,) = all_of(told(office, "ann"), "consent")
    assert consented["facts"]["withdrawn_at"] is not None


def test_what_jobs_are_to_do_with_somebody_is_told(store: SqlStore) -> None:
    office = office_on(store)
    create(office, "staff")
    items = [NewItem("1969/\udcff.jpg", "ann"), NewItem("2", "bob"), NewItem("3", "ann")]
    job = with_items(store, *items, collection_id="staff", asked_by="clerk")
    settle(store, job, failed={3: "damaged"})
    record = told(office, "ann")
    assert [(row["item"], row["state"], row["reason"]) for row in rows(record, "jobs")] == [
        ("1969/\\udcff.jpg", "waiting", ""),
        ("3", "failed", "damaged"),
    ]
    assert {(row["job_id"], row["collection"], row["asked_by"]) for row in rows(record, "jobs")} == {
        (job.job_id, "staff", "clerk")
    }
    assert facts(record, "summary")["job_items"] == 2
    limited = key("guard", collections=("guests",))
    with (
        acting(office, limited) as act,
        office.store.reading_ledger() as ledger,
        pytest.raises(SubjectNotFound),
    ):
        report_subject(office.gallery, ledger, office.store, act, "ann")


def test_the_entry_of_a_report_names_nobody(world: World) -> None:
    world.record("subject", subject="ann")
    entry = entries(world.office, operation="report_subject")[-1]
    assert len(entry["subjects"]) == 3  # the face's in two collections, and the user's
    assert "ann" not in json.dumps(entry)


def test_the_rights_are_told_and_the_controller_adds_to_them(world: World) -> None:
    rights = section(world.record("subject", subject="ann"), "rights")
    assert rights["to_be_filled_in"] == ["controller", "supervisory_authority", "third_countries"]


def test_the_videos_in_which_somebody_was_found_are_told_until_they_are_erased(
    store: SqlStore, tmp_path: Path
) -> None:
    office = office_on(store)
    ann, bob = enrol(office, create(office, "cast"), new_face(1, "ann"), new_face(2, "bob"))
    folder = tmp_path / "clips"
    folder.mkdir()
    job = videos.claimed(office, videos.searching(videos.rooms_of(office, folder), office, "cast"))
    tracks = videos.add(office, job, videos.track(1, 0, 400), videos.track(2, 500), videos.track(1, 900))
    matches = [videos.matching(key, face) for key, face in zip(tracks, (ann, bob, ann), strict=True)]
    videos.done(office, job, dict(zip(tracks, (0, 1, 0), strict=True)), *matches)
    told_of = ("job_id", "collection", "asked_by", "bucket", "video", "begin_ms", "end_ms", "similarity")
    assert [tuple(row[name] for name in told_of) for row in rows(told(office, "ann"), "videos")] == [
        (job.job_id, "cast", "clerk", "clips", "clip.mp4", 0, 400, 99),
        (job.job_id, "cast", "clerk", "clips", "clip.mp4", 900, 900, 99),
    ]
    assert facts(told(office, "ann"), "summary")["videos"] == 1
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    assert [row["begin_ms"] for row in rows(told(office, "bob"), "videos")] == [500]
