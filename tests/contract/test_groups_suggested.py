"""A grouping suggests people: it holds to what people said, and to consents, retention and moratoria."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contract.databases import Database
from contract.grouping import Album
from contract.offices import (
    acting,
    consent,
    enrol,
    entries,
    key,
    looking_like,
    make_user,
    office_on,
    withdrawn,
)
from countenance.errors import (
    CollectionNotFound,
    JobLost,
    MoratoriumInForce,
    NotPermitted,
    PacksDiffer,
    PolicyForbids,
)
from countenance.gallery.groups import EditKind, GroupState
from countenance.jobs.run import JobRun, JobStopped
from countenance.operations.delete_faces import delete_faces
from countenance.operations.groups.start_grouping import start_grouping
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.gallery.values import NewFace

LIKE = 0.8


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def person(of: int, *numbers: int, name: str | None = None) -> list[NewFace]:
    """Return faces with ids of their own that are one person's."""
    return [looking_like(number, of, name, likeness=LIKE) for number in numbers]


def album(office: Office, *faces: NewFace, **lines: str) -> Album:
    made = Album.made(office, **lines)
    enrol(office, made.collection, *faces)
    return made


def two_people(office: Office, **lines: str) -> Album:
    """Return an album with two people, 1 to 3 and 11 to 13, and a stranger, 20."""
    return album(office, *person(1, 1, 2, 3), *person(11, 11, 12, 13), new_face(20), **lines)


def test_faces_of_one_person_are_suggested_as_a_group(office: Office) -> None:
    made = two_people(office)
    assert made.group() == {"faces": 7, "groups": 2, "changed": 6}
    assert made.people() == [{1, 2, 3}, {11, 12, 13}]
    assert {group.state for group in made.groups()} == {GroupState.SUGGESTED}
    (edit,) = made.history()
    assert (edit.kind, edit.faces, edit.made_by) == (EditKind.GROUPING, 6, "boss")
    (entry,) = entries(office, operation="group_faces")
    assert (entry["edit"], entry["request"], entry["outcome"]) == (edit.edit_id, edit.request_id, "done")
    assert (entry["faces"], entry["groups"], entry["changed"]) == (7, 2, 6)


def test_a_grouping_that_finds_nothing_new_changes_nothing(office: Office) -> None:
    made = two_people(office)
    made.group()
    groups = made.groups()
    assert made.group()["changed"] == 0
    assert made.groups() == groups
    assert len(made.history()) == 1


def test_new_faces_join_old_groups_and_confirmed_ones_stay_where_they_are(office: Office) -> None:
    made = two_people(office)
    made.group()
    made.confirm(1)
    enrol(office, made.collection, *person(1, 4), *person(11, 14), *person(30, 30, 31))
    group, other = made.of(1).group_id, made.of(11).group_id
    made.group()
    assert made.people() == [{1, 2, 3, 4}, {11, 12, 13, 14}, {30, 31}]
    assert made.faces_of(made.of(1), confirmed=True) == {1, 2, 3}
    assert (made.of(4).group_id, made.of(14).group_id) == (group, other)


def test_confirmed_groups_are_not_joined_however_alike(office: Office) -> None:
    made = two_people(office)
    made.group()
    made.split(3)
    made.confirm(1)
    made.group()
    assert made.people() == [{1, 2}, {3}, {11, 12, 13}]


def test_what_people_said_is_not_so_is_not_suggested_again(office: Office) -> None:
    made = two_people(office)
    made.group()
    made.reject(3)
    made.group()
    assert made.people() == [{1, 2}, {11, 12, 13}]
    made.confirm(11)
    made.reject(13)
    made.group()
    assert made.people() == [{1, 2}, {11, 12}]
    made.undo()
    made.undo()
    made.undo()
    made.group()
    assert made.people() == [{1, 2, 3}, {11, 12, 13}]


def test_who_was_split_from_a_suggestion_does_not_take_the_rest_back(office: Office) -> None:
    made = two_people(office)
    made.group()
    made.split(2, 3)
    made.group()
    assert made.people() == [{2, 3}, {11, 12, 13}]


def test_what_people_confirm_in_spite_of_what_they_said_before_counts(office: Office) -> None:
    made = two_people(office)
    made.group()
    made.reject(3)
    made.confirm(1)
    made.move(1, 3)
    moved = made.move(11, 3)
    made.undo(moved)
    made.group()
    assert made.people() == [{1, 2, 3}, {11, 12, 13}]


def test_who_is_not_a_person_is_not_either_when_only_suggestions_are_left_of_them(office: Office) -> None:
    made = album(office, *person(1, 1, 2, 3))
    made.group()
    made.confirm(1)
    made.reject(3)
    enrol(office, made.collection, *person(1, 4))
    made.group()
    assert made.people() == [{1, 2, 4}]
    with acting(office) as act:
        delete_faces(office.gallery, act, "album", [face_id(1), face_id(2)])
    made.group()
    assert made.people() == []


def test_a_confirmation_counts_more_than_what_was_said_of_its_faces_before(office: Office) -> None:
    made = two_people(office)
    made.group()
    made.reject(3)
    moved = made.move(11, 1)
    made.move(2, 3)
    made.undo(moved)
    made.confirm(1)
    assert made.faces_of(made.of(1), confirmed=True) == {1, 2, 3}
    made.group()
    assert made.people() == [{1, 2, 3}, {11, 12, 13}]


def test_faces_of_one_picture_are_different_people(office: Office) -> None:
    twins = [replace(face, image_id="a-picture") for face in person(1, 1, 2)]
    made = album(office, *twins)
    assert made.group()["groups"] == 0


def test_faces_of_users_have_a_person_and_are_left_alone(office: Office) -> None:
    made = two_people(office)
    with office.gallery.reading() as reader:
        faces = reader.faces(made.collection, after_key=0, most=2)
    make_user(office, made.collection, "ann", faces)
    made.group()
    assert made.people() == [{11, 12, 13}]


def test_faces_that_look_like_a_named_person_are_suggested_and_not_theirs_yet(office: Office) -> None:
    made = two_people(office)
    made.group()
    consent(office, "ann", "archive")
    made.call(1, "ann")
    enrol(office, made.collection, *person(1, 4))
    made.group()
    assert made.people()[0] == {1, 2, 3, 4}
    assert made.users() == {"ann": {1, 2, 3}}
    made.confirm(1)
    assert made.users() == {"ann": {1, 2, 3, 4}}


def test_other_faces_of_a_named_user_say_who_they_are_and_come_to_no_group(office: Office) -> None:
    made = two_people(office)
    made.group()
    consent(office, "ann", "archive")
    made.call(1, "ann")
    enrol(office, made.collection, *person(1, 4, 5))
    with office.gallery.changing() as change:
        face = change.writer.face(made.collection, face_id(5))
        change.associate(made.collection, change.writer.user(made.collection, "ann"), [face.key])
    made.group()
    assert made.people()[0] == {1, 2, 3, 4}
    assert made.users() == {"ann": {1, 2, 3, 5}}


def test_a_face_without_consent_or_whose_time_is_over_is_not_grouped(
    office: Office, database: Database
) -> None:
    made = Album.made(office, consent="required", retention="P30D")
    enrol(office, made.collection, *person(1, 1, 2, name="ann"), *person(1, 3, name="bob"))
    enrol(office, made.collection, *person(1, 4, 5, name="cat"))
    anns, _ = consent(office, "ann", "archive"), consent(office, "bob", "archive")
    assert made.group()["faces"] == 3
    assert made.people() == [{1, 2, 3}]
    withdrawn(office, anns.consent_id)
    assert made.group()["faces"] == 1
    consent(office, "cat", "archive")
    database.statement(
        "UPDATE faces SET enrolled_at = :then WHERE face_id = :face",
        then=datetime.now(UTC) - timedelta(days=31),
        face=face_id(5),
    )
    assert made.group()["faces"] == 2
    assert made.people() == [{3, 4}]


def after_reading(run: JobRun, act: Callable[[], object], checks: int = 2) -> JobRun:
    """Return the run with something that happens while the faces are grouped: before a later check of it."""
    seen = 0

    class Checked(JobRun):
        def check(self) -> None:
            nonlocal seen
            seen += 1
            if seen > checks:
                act()
            super().check()

    return Checked(run.job, run.claim, run.store, run.caller_of)


def test_a_moratorium_that_begins_meanwhile_stops_it_and_nothing_is_suggested(office: Office) -> None:
    made = two_people(office)

    def begin() -> None:
        with acting(office) as act:
            begin_moratorium(act, "search", "the council said so", None)

    run = after_reading(made.claimed(), begin)
    with pytest.raises(MoratoriumInForce):
        made.group(run)
    assert made.people() == []
    assert made.history() == []
    (entry,) = entries(office, operation="group_faces")
    assert entry["outcome"] == "MoratoriumInForce"


def test_a_policy_that_changes_meanwhile_stops_it(office: Office) -> None:
    made = two_people(office)

    def forbid() -> None:
        with office.gallery.changing() as change:
            change.writer.set_tags(made.collection, {"countenance:grouping": "refused"})

    with pytest.raises(PolicyForbids):
        made.group(after_reading(made.claimed(), forbid))
    assert made.history() == []


def test_a_key_that_is_revoked_or_limited_may_not_go_on(office: Office) -> None:
    made = two_people(office)
    run = made.claimed(key("intern"))
    with office.store.writing() as writer:
        writer.revoke_key("intern", datetime.now(UTC))
    with pytest.raises(NotPermitted, match="was revoked"):
        made.group(run)
    limited = made.claimed(key("limited", operations=("start_grouping",)))
    with pytest.raises(NotPermitted, match="may not do group_faces"):
        made.group(limited)
    assert made.history() == []


def test_a_worker_that_lost_its_job_suggests_nothing(office: Office) -> None:
    made = two_people(office)
    run = made.claimed()
    with pytest.raises(JobLost):
        made.group(replace(run, claim="another"))
    stopped = JobRun(run.job, run.claim, run.store, run.caller_of, threading.Event())
    stopped.stop.set()
    with pytest.raises(JobStopped):
        made.group(stopped)
    assert made.people() == []


def test_what_people_do_meanwhile_stays_and_what_is_gone_is_passed_over(office: Office) -> None:
    made = two_people(office)
    made.group()
    enrol(office, made.collection, *person(1, 4), *person(11, 14), *person(40, 40, 41))

    def meanwhile() -> None:
        if made.of(11).state is GroupState.SUGGESTED:
            made.reject(3)
            made.move(11, 4)
            with acting(office) as act:
                delete_faces(office.gallery, act, "album", [face_id(40)])

    made.group(after_reading(made.claimed(), meanwhile))
    assert made.people() == [{1, 2}, {4, 11, 12, 13, 14}, {41}]
    assert made.faces_of(made.of(11), confirmed=True) == {4, 11, 12, 13}
    made.group()
    assert made.people()[0] == {1, 2}
    assert {4, 11, 12, 13} <= made.people()[1]
    assert len(made.people()) == 2


def test_a_collection_of_another_pack_or_none_is_refused(office: Office) -> None:
    with office.gallery.changing() as change:
        lines = {"countenance:grouping": "allowed"}
        old = Album(office, change.writer.create_collection("old", "another-pack", lines))
    with pytest.raises(PacksDiffer):
        old.group()
    with acting(office) as act, pytest.raises(CollectionNotFound):
        start_grouping(office.gallery, act, "nothing")


def test_an_empty_collection_has_no_groups(office: Office) -> None:
    empty = Album.made(office)
    assert empty.group() == {"faces": 0, "groups": 0, "changed": 0}
    assert empty.history() == []
