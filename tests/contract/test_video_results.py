"""What was found in a video: kept encrypted, read in pages, and gone with whom it shows and with its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.databases import Database
from contract.erasing import state_of, tree_of
from contract.offices import BOSS, CLERK, acting, consent, create, enrol, entries, key, office_on, withdrawn
from contract.videos import (
    FACTS,
    add,
    claimed,
    detected,
    done,
    face,
    matching,
    read,
    rooms_of,
    searching,
    seen_by,
    started,
    track,
)
from countenance.errors import JobNotFound, NotPermitted
from countenance.gallery.values import Collection, EnrolledFace
from countenance.jobs.values import JobState
from countenance.operations.delete_collection import delete_collection
from countenance.operations.delete_faces import delete_faces
from countenance.operations.erase_everything import erase_everything
from countenance.operations.erase_subject import erase_subject
from countenance.operations.manage_jobs import cancel_job, forget_jobs
from countenance.operations.tag_collection import tag_collection
from countenance.operations.videos.forget_results import forget_video_results
from countenance.operations.videos.get_results import Order
from countenance.operations.videos.rooms import VideoRooms
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face

WEEK = timedelta(days=7)


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def rooms(office: Office, tmp_path: Path) -> VideoRooms:
    folder = tmp_path / "clips"
    folder.mkdir()
    return rooms_of(office, folder)


@pytest.fixture
def cast_list(office: Office) -> Collection:
    """A collection of two people."""
    return create(office, "cast", purpose="media-archive")


@pytest.fixture
def ann_and_bob(office: Office, cast_list: Collection) -> tuple[EnrolledFace, EnrolledFace]:
    ann, bob = enrol(office, cast_list, new_face(1, "ann"), new_face(2, "bob"))
    return ann, bob


@pytest.fixture
def found(rooms: VideoRooms, office: Office, ann_and_bob: tuple[EnrolledFace, EnrolledFace]) -> str:
    """A job that saw Ann twice, Bob, somebody who looks like both, and a stranger."""
    ann, bob = ann_and_bob
    job = claimed(office, searching(rooms, office, "cast"))
    tracks = add(office, job, track(1, 0, 200), track(2, 100, 300), track(1, 500, shot=1))
    tracks = add(office, job, track(3, 400, shot=1), track(4, 50, 600))
    both, stranger = 2, 3
    people = dict(zip(tracks, (0, stranger, 1, both, 0), strict=True))
    matches = [matching(tracks[0], ann), matching(tracks[4], ann), matching(tracks[2], bob)]
    matches += [matching(tracks[3], ann, 91.0), matching(tracks[3], bob, 93.0)]
    done(office, job, people, *matches)
    return job.job_id


ANN_BOB_AND_OTHERS = [
    (0, 0, ["ann"]),
    (50, 3, []),
    (100, 1, ["bob"]),
    (200, 0, ["ann"]),
    (300, 1, ["bob"]),
    (400, 2, ["bob", "ann"]),
    (500, 0, ["ann"]),
    (600, 3, []),
]


def leaves(database: Database) -> list[int]:
    return [int(leaf) for (leaf,) in database.statement("SELECT leaf FROM video_tracks ORDER BY key")]


def forgotten(office: Office, kept: timedelta = WEEK) -> int:
    return forget_video_results(office.register, datetime.now(UTC) - kept, "a-sweep")


def test_faces_come_by_time_or_by_person_with_whom_they_are_like(office: Office, found: str) -> None:
    results = read(office, found)
    assert seen_by(results) == ANN_BOB_AND_OTHERS
    assert (results.facts, results.next_after) == (FACTS, None)
    assert seen_by(read(office, found, order=Order.PERSON)) == sorted(
        ANN_BOB_AND_OTHERS, key=lambda seen: (seen[1], seen[0])
    )


def test_what_was_measured_of_a_face_comes_back_as_it_was(office: Office, found: str) -> None:
    results = read(office, found)
    assert results.seen[0].sighting.face == face(0, 1)
    assert results.seen[1].sighting.face == face(50, 4)
    assert results.seen[0].matches[0].similarity.false_match_rate == 1e-4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(most=st.integers(1, 10), order=st.sampled_from(Order))
def test_pages_of_any_size_give_everything_once_and_in_order(
    office: Office, found: str, most: int, order: Order
) -> None:
    everything = seen_by(read(office, found, order=order))
    pages, after = [], 0
    while True:
        page = read(office, found, order=order, most=most, after=after)
        pages.append(seen_by(page))
        if page.next_after is None:
            break
        after = page.next_after
    assert [seen for page in pages for seen in page] == everything
    assert all(len(page) == most for page in pages[:-1])


def test_what_is_erased_between_two_pages_moves_nothing(office: Office, found: str) -> None:
    first = read(office, found, most=3)
    with acting(office) as act:
        erase_subject(office.gallery, act, "bob")
    second = read(office, found, after=int(first.next_after or 0))
    assert seen_by(first) + seen_by(second) == [
        (time, person, [name for name in names if name != "bob" or time <= 100])
        for time, person, names in ANN_BOB_AND_OTHERS
        if time != 300
    ]


def test_who_is_erased_goes_with_every_track_that_shows_nobody_else(
    office: Office, found: str, database: Database
) -> None:
    before = leaves(database)
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    assert seen_by(read(office, found)) == [
        (time, person, [name for name in names if name != "ann"])
        for time, person, names in ANN_BOB_AND_OTHERS
        if names != ["ann"]
    ]
    gone = sorted(set(before) - set(leaves(database)))
    assert len(gone) == 2
    assert not any(tree_of(database).is_live(leaf) for leaf in gone)
    assert all(tree_of(database).is_live(leaf) for leaf in leaves(database))
    (destroyed,) = entries(office, operation="destroy_keys")
    assert destroyed["keys"] == 3  # Ann's own, and those of two tracks


def test_deleting_a_face_takes_its_tracks_and_leaves_those_of_others(office: Office, found: str) -> None:
    bob = next(each for each in read(office, found).seen if each.person == 1).matches[0].face
    with acting(office) as act:
        delete_faces(office.gallery, act, "cast", [bob.face_id])
    assert {person for _, person, _ in seen_by(read(office, found))} == {0, 2, 3}


def test_who_withdrew_is_not_shown_from_then_on(rooms: VideoRooms, office: Office) -> None:
    collection = create(office, "club", purpose="entry", consent="required")
    given_by = {name: consent(office, name) for name in ("ann", "bob")}
    ann, bob = enrol(office, collection, new_face(1, "ann"), new_face(2, "bob"))
    job = claimed(office, searching(rooms, office, "club"))
    tracks = add(office, job, track(1, 0), track(2, 10), track(3, 20))
    everybody = [matching(tracks[0], ann), matching(tracks[1], bob)]
    done(office, job, dict(zip(tracks, range(3), strict=True)), *everybody, matching(tracks[2], ann, 90.0))
    assert len(read(office, job.job_id).seen) == 3
    with office.store.writing() as writer:  # withdrawn, and not erased yet
        writer.withdraw_consent(given_by["ann"].consent_id, datetime.now(UTC))
    assert seen_by(read(office, job.job_id)) == [(10, 1, ["bob"])]
    withdrawn(office, given_by["bob"].consent_id)
    assert seen_by(read(office, job.job_id)) == []


def test_matches_of_a_collection_whose_answers_people_review_are_not_told(office: Office, found: str) -> None:
    with acting(office) as act:
        tag_collection(office.gallery, act, "cast", {"countenance:review": "one"})
    assert {tuple(names) for _, _, names in seen_by(read(office, found))} == {()}
    assert len(read(office, found).seen) == len(ANN_BOB_AND_OTHERS)


def test_nothing_is_told_of_a_job_that_goes_on_or_failed(rooms: VideoRooms, office: Office) -> None:
    job = claimed(office, started(rooms, office))
    tracks = add(office, job, track(1, 0, 200))
    results = detected(office, job.job_id)
    assert (results.job.state, results.facts, results.seen) == (JobState.RUNNING, None, [])
    done(office, job, dict.fromkeys(tracks, 0), state=JobState.FAILED)
    results = detected(office, job.job_id)
    assert (results.job.state, results.facts, results.seen) == (JobState.FAILED, None, [])


def test_only_who_asked_and_administrators_may_read(office: Office, rooms: VideoRooms, found: str) -> None:
    assert len(read(office, found, by=BOSS).seen) == len(ANN_BOB_AND_OTHERS)
    with pytest.raises(JobNotFound, match=f"there is no job {found}"):
        read(office, found, by=key("somebody-else"))
    with pytest.raises(JobNotFound):
        detected(office, found)  # it is of the other kind
    with pytest.raises(JobNotFound):
        read(office, started(rooms, office))
    with pytest.raises(JobNotFound):
        read(office, "4711")
    with pytest.raises(NotPermitted):
        read(office, found, by=key(CLERK.key_id, collections=("other",)))


def test_templates_are_kept_no_longer_than_the_job_needs_them(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    job = claimed(office, searching(rooms, office, cast_list.collection_id))
    add(office, job, track(1, 0, portrait=b"a picture"))
    with office.store.reading() as reader:
        (entry,) = reader.tracks(job)
        opened = reader.open_track(job, entry)
    assert opened is not None
    assert opened.template is not None
    assert opened.portrait == b"a picture"
    done(office, job, {entry.key: 0})
    assert database.statement("SELECT template, portrait FROM video_tracks") == [(None, None)]


def test_results_are_kept_for_their_time_and_then_their_keys_are_destroyed(
    office: Office, found: str, database: Database
) -> None:
    assert forgotten(office) == 0
    assert entries(office, operation="forget_video_results") == []
    before = leaves(database)
    database.statement("UPDATE jobs SET ended_at = :then", then=datetime.now(UTC) - WEEK)
    assert forgotten(office) == 1
    with pytest.raises(JobNotFound, match="kept long enough"):
        read(office, found)
    assert (leaves(database), database.statement("SELECT * FROM video_matches")) == ([], [])
    assert not any(tree_of(database).is_live(leaf) for leaf in before)
    (entry,) = entries(office, operation="forget_video_results")
    assert (entry["jobs"], entry["tracks"], entry["key"]) == ([found], 5, "system")


def test_a_job_is_not_forgotten_before_its_results(office: Office, found: str, database: Database) -> None:
    database.statement("UPDATE jobs SET ended_at = :then", then=datetime.now(UTC) - 2 * WEEK)
    assert forget_jobs(office.register, datetime.now(UTC) - WEEK, "a-sweep") == 0
    assert forgotten(office) == 1
    assert forget_jobs(office.register, datetime.now(UTC) - WEEK, "a-sweep") == 1
    with pytest.raises(JobNotFound):
        read(office, found)


def test_what_a_job_saw_that_came_to_nothing_is_deleted_at_once(
    office: Office, rooms: VideoRooms, database: Database
) -> None:
    job = claimed(office, started(rooms, office))
    add(office, job, track(1, 0))
    assert forgotten(office) == 0
    (leaf,) = leaves(database)
    with acting(office) as act:
        cancel_job(act, job.job_id)
    forgotten(office)
    assert leaves(database) == []
    assert not tree_of(database).is_live(leaf)
    assert detected(office, job.job_id).job.state is JobState.CANCELLED


def test_results_go_with_their_collection(office: Office, found: str, database: Database) -> None:
    before = leaves(database)
    with acting(office) as act:
        delete_collection(office.gallery, act, "cast")
    with pytest.raises(JobNotFound):
        read(office, found)
    assert [database.content()[table] for table in ("videos", "video_tracks", "video_matches")] == [[]] * 3
    assert not any(tree_of(database).is_live(leaf) for leaf in before)
    create(office, "cast")
    with pytest.raises(JobNotFound):
        read(office, found)


def test_nothing_more_is_kept_of_a_job_whose_collection_is_gone(
    office: Office, rooms: VideoRooms, cast_list: Collection
) -> None:
    job = claimed(office, searching(rooms, office, cast_list.collection_id))
    with acting(office) as act:
        delete_collection(office.gallery, act, "cast")
    with pytest.raises(JobNotFound):
        add(office, job, track(1, 0))


def test_erasing_everything_erases_what_no_collection_was_searched_for_too(
    office: Office, rooms: VideoRooms, found: str, database: Database
) -> None:
    job = claimed(office, started(rooms, office))
    add(office, job, track(1, 0))
    before = leaves(database)
    with acting(office) as act:
        erase_everything(office.gallery, act)
    assert leaves(database) == []
    assert len(before) == 6
    assert not any(tree_of(database).is_live(leaf) for leaf in before)
    with pytest.raises(JobNotFound):
        read(office, found)


def test_who_is_erased_while_a_job_compares_is_in_none_of_its_results(
    office: Office,
    rooms: VideoRooms,
    ann_and_bob: tuple[EnrolledFace, EnrolledFace],
    database: Database,
) -> None:
    ann, bob = ann_and_bob
    job = claimed(office, searching(rooms, office, "cast"))
    tracks = add(office, job, track(1, 0), track(2, 10))
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    done(
        office,
        job,
        dict(zip(tracks, (0, 1), strict=True)),
        matching(tracks[0], ann),
        matching(tracks[1], bob),
    )
    assert seen_by(read(office, job.job_id)) == [(10, 1, ["bob"])]
    assert len(leaves(database)) == 1


def test_a_copy_that_is_put_back_shows_nobody_who_was_erased_since(
    store: SqlStore, office: Office, found: str, database: Database
) -> None:
    copy = database.copy()
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    store.close()
    database.put_back(copy)
    with database.opened() as again:
        elsewhere = office_on(again)
        assert [names for _, _, names in seen_by(read(elsewhere, found))] == [
            [],
            ["bob"],
            ["bob"],
            ["bob"],
            [],
        ]
        (erased,) = entries(elsewhere, operation="erase_again")
        assert (erased["subjects"], erased["faces"], erased["tracks"]) == (1, 1, 2)


def test_a_copy_that_is_put_back_shows_no_results_that_were_kept_long_enough(
    store: SqlStore, office: Office, found: str, database: Database
) -> None:
    database.statement("UPDATE jobs SET ended_at = :then", then=datetime.now(UTC) - WEEK)
    copy = database.copy()
    assert forgotten(office) == 1
    store.close()
    database.put_back(copy)
    with database.opened() as again:
        elsewhere = office_on(again)
        assert read(elsewhere, found).seen == []
        (erased,) = entries(elsewhere, operation="erase_again")
        assert (erased["subjects"], erased["faces"], erased["tracks"]) == (0, 0, 5)


def test_an_older_file_of_keys_that_is_put_back_opens_no_track_that_is_gone(
    store: SqlStore, office: Office, found: str, database: Database
) -> None:
    older = database.subject_key_file.read_bytes()
    before, generation = leaves(database), state_of(database).generation
    with acting(office) as act:
        erase_subject(office.gallery, act, "ann")
    store.close()
    database.subject_key_file.write_bytes(older)
    assert all(tree_of(database).is_live(leaf) for leaf in before)
    with database.opened() as again:
        assert len(read(office_on(again), found).seen) == 5
    gone = set(before) - set(leaves(database))
    assert len(gone) == 2
    assert state_of(database).generation > generation
    assert not any(tree_of(database).is_live(leaf) for leaf in gone)
    assert all(tree_of(database).is_live(leaf) for leaf in leaves(database))
