"""The timeline of a video: who is seen when, and what may be told of it, made of tracks alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.offices import BOSS, CLERK, acting, create, enrol, entries, key, office_on
from contract.videos import add, claimed, done, matching, rooms_of, searching, started, track
from countenance.access import AccessKey
from countenance.errors import JobNotFound, NotPermitted
from countenance.gallery.values import Collection, EnrolledFace
from countenance.jobs.values import JobState
from countenance.operations.delete_faces import delete_faces
from countenance.operations.tag_collection import tag_collection
from countenance.operations.videos.rooms import VideoRooms
from countenance.operations.videos.timeline import (
    VideoTimeline,
    show_detection_timeline,
    show_search_timeline,
)
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face


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
    return create(office, "cast", purpose="media-archive")


@pytest.fixture
def faces(office: Office, cast_list: Collection) -> list[EnrolledFace]:
    """Those of Ann and of Bob."""
    return enrol(office, cast_list, new_face(1, "ann"), new_face(2, "bob"))


@pytest.fixture
def found(rooms: VideoRooms, office: Office, faces: list[EnrolledFace]) -> str:
    """A job that saw Bob first, then Ann twice with a short and a long break, and a stranger."""
    ann, bob = faces
    job = claimed(office, searching(rooms, office, "cast"))
    add(office, job, track(1, 1_000, 2_000), track(1, 2_500, 3_000), track(1, 9_000, 9_500, shot=1))
    keys = add(office, job, track(2, 0, 500), track(3, 4_000))
    # By beginning: Bob, Ann, Ann, the stranger, Ann.
    bobs, first, second, stranger, third = keys
    done(
        office,
        job,
        {bobs: 1, first: 0, second: 0, third: 0, stranger: 2},
        matching(bobs, bob, 85.0),
        matching(first, ann, 99.0),
        matching(first, bob, 81.0),
        matching(third, ann, 97.0),
    )
    return job.job_id


def shown(office: Office, job_id: str, by: AccessKey = CLERK, **part: int) -> VideoTimeline:
    with acting(office, by) as act:
        most, after = part.get("most", 99), part.get("after", 0)
        return show_search_timeline(office.store, act, job_id, most=most, after=after)


def told(timeline: VideoTimeline) -> list[tuple[int, list[tuple[int, int]], list[str | None]]]:
    """Return of each person the number, the spans, and whom they are like."""
    return [
        (
            person.number,
            [(span.begin_ms, span.end_ms) for span in person.spans],
            [match.face.external_image_id for match in person.matches],
        )
        for person in timeline.people
    ]


def test_it_says_who_is_seen_when_in_the_order_of_first_appearance(office: Office, found: str) -> None:
    timeline = shown(office, found)
    assert told(timeline) == [
        (1, [(0, 500)], ["bob"]),
        (2, [(1_000, 3_000), (9_000, 9_500)], ["ann", "bob"]),
        (3, [(4_000, 4_000)], []),
    ]
    assert (timeline.count, timeline.next_after, timeline.length_ms) == (3, None, 10_000)
    assert timeline.people[1].seen_ms == 2_500
    (entry,) = entries(office, operation="get_face_search")
    assert (entry["job"], entry["outcome"]) == (found, "done")


def test_it_comes_in_parts(office: Office, found: str) -> None:
    first = shown(office, found, most=2)
    assert ([person.number for person in first.people], first.count, first.next_after) == ([1, 2], 3, 2)
    rest = shown(office, found, most=2, after=2)
    assert ([person.number for person in rest.people], rest.next_after) == ([3], None)


def test_who_was_erased_is_not_in_it(office: Office, found: str, faces: list[EnrolledFace]) -> None:
    with acting(office) as act:
        delete_faces(office.gallery, act, "cast", [faces[0].face_id])
    assert told(shown(office, found)) == [
        (1, [(0, 500)], ["bob"]),
        (2, [(1_000, 3_000)], ["bob"]),
        (3, [(4_000, 4_000)], []),
    ]


def test_where_people_must_review_matches_none_is_told(office: Office, found: str) -> None:
    assert not shown(office, found).withheld
    with acting(office) as act:
        tag_collection(office.gallery, act, "cast", {"countenance:review": "one"})
    timeline = shown(office, found)
    assert timeline.withheld
    assert [matches for _, _, matches in told(timeline)] == [[], [], []]


def test_who_asked_sees_it_and_administrators(office: Office, found: str) -> None:
    assert shown(office, found, BOSS).count == 3
    with pytest.raises(JobNotFound):
        shown(office, found, key("another"))
    with pytest.raises(NotPermitted):
        shown(office, found, key("clerk", operations=("list_*",)))
    with pytest.raises(NotPermitted):
        shown(office, found, key("clerk", collections=("others",)))
    with acting(office) as act, pytest.raises(JobNotFound):
        show_detection_timeline(office.store, act, found, most=9)


@pytest.mark.usefixtures("cast_list")
def test_of_a_job_that_goes_on_or_failed_nothing_is_told(rooms: VideoRooms, office: Office) -> None:
    job = claimed(office, searching(rooms, office, "cast"))
    add(office, job, track(1, 0, 500))
    assert (shown(office, job.job_id).people, shown(office, job.job_id).facts) == ((), None)
    done(office, job, {}, state=JobState.FAILED)
    assert shown(office, job.job_id).people == ()


def test_where_nobody_is_told_apart_each_face_has_a_row(rooms: VideoRooms, office: Office) -> None:
    job = claimed(office, started(rooms, office))
    add(office, job, track(2, 700, 900), track(1, 0, 500))
    done(office, job, {})
    with acting(office, CLERK) as act:
        timeline = show_detection_timeline(office.store, act, job.job_id, most=9)
    assert told(timeline) == [(1, [(0, 500)], []), (2, [(700, 900)], [])]
    assert timeline.pack is None
