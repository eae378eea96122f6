"""Video jobs on real films: whatever interrupts one, it finds the same, once, and only as long as it may."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contract.databases import Database
from contract.offices import BOSS, CLERK, acting, create, enrol, entries, office_on, vision
from contract.videos import (
    anybody,
    claimed,
    detected,
    read,
    rooms_of,
    searching,
    seen_by,
    started,
    worker_of,
)
from countenance.errors import NotPermitted
from countenance.gallery.values import Collection, NewFace
from countenance.governance import Moratorium
from countenance.images import open_image
from countenance.jobs.run import JobRun, JobStopped
from countenance.jobs.values import Job, JobState
from countenance.operations.delete_collection import delete_collection
from countenance.operations.erase_subject import erase_subject
from countenance.operations.manage_jobs import cancel_job
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium
from countenance.operations.review_answers import list_reviews
from countenance.operations.videos import see_video
from countenance.operations.videos.forget_results import forget_video_results
from countenance.operations.videos.get_results import Order
from countenance.operations.videos.rooms import VideoRooms
from countenance.operations.videos.see_video import SECONDS_BETWEEN_STEPS
from countenance.operations.videos.steps import Reached
from countenance.store import SqlStore
from countenance.wiring import Office
from filming import Cutout, one_after_another, scene, write_film
from new_faces import new_face

WATCHING_PROCESS = Path(__file__).with_name("watching_process.py")
SECONDS = 60.0


@pytest.fixture(autouse=True)
def _usual_steps() -> Iterator[None]:
    yield
    see_video.SECONDS_BETWEEN_STEPS = SECONDS_BETWEEN_STEPS


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """A bucket with a film of six shots: Collins and Hopper in turn, the last time together."""
    folder = tmp_path_factory.mktemp("clips")
    shots = [
        scene(0.6, Cutout(person, 150 + 10 * number), grey=grey)
        for number, (person, grey) in enumerate(
            [(astronaut, 30), (grace_hopper, 200), (astronaut, 90), (grace_hopper, 150), (astronaut, 220)]
        )
    ]
    shots.append(scene(0.6, Cutout(astronaut, 10, 240), Cutout(grace_hopper, 330, 260), grey=60))
    write_film(folder / "clip.mp4", one_after_another(*shots))
    return folder


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def rooms(office: Office, clips: Path) -> VideoRooms:
    return rooms_of(office, clips)


def of_picture(path: Path, number: int, name: str) -> NewFace:
    photograph = open_image(path)
    found = vision().faces(photograph)[0]
    assert found.template is not None
    face = new_face(number, name)
    return NewFace(face.face_id, face.image_id, name, face.box, 99.0, 90.0, found.template.vector)


@pytest.fixture
def cast_list(office: Office, astronaut: Path) -> Collection:
    collection = create(office, "cast", purpose="media-archive")
    enrol(office, collection, of_picture(astronaut, 1, "collins"), new_face(2, "somebody else"))
    return collection


def worked(rooms: VideoRooms, job_id: str) -> Job:
    return worker_of(rooms).do_one(job_id)


def tracks(database: Database) -> list[tuple[Any, ...]]:
    return database.statement("SELECT place, shot, begin_ms, end_ms, person FROM video_tracks ORDER BY place")


def templates(database: Database) -> int:
    """Return how many tracks have a template or a portrait."""
    query = "SELECT count(*) FROM video_tracks WHERE template IS NOT NULL OR portrait IS NOT NULL"
    ((count,),) = database.statement(query)
    return int(count)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)


@contextmanager
def at_work(rooms: VideoRooms, job_id: str) -> Iterator[list[Job]]:
    """Do a job beside the block; the list has it in the end."""
    left: list[Job] = []
    thread = threading.Thread(target=lambda: left.append(worked(rooms, job_id)), daemon=True)
    thread.start()
    yield left
    thread.join(SECONDS)


def test_a_search_tells_people_apart_and_names_whom_it_knows(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    job = worked(rooms, searching(rooms, office, cast_list.collection_id))
    assert (job.state, job.message) == (JobState.SUCCEEDED, "")
    assert job.progress.counts == {"milliseconds": 3560, "tracks": 7, "people": 2}
    found = seen_by(read(office, job.job_id, order=Order.PERSON))
    assert {(person, tuple(names)) for _, person, names in found} == {(0, ("collins",)), (1, ())}
    assert {person for time_ms, person, _ in found if time_ms < 600} == {0}
    assert {person for time_ms, person, _ in found if time_ms >= 3000} == {0, 1}
    assert {(shot, person) for _, shot, _, _, person in tracks(database)} == {
        (0, 0),
        (1, 1),
        (2, 0),
        (3, 1),
        (4, 0),
        (5, 0),
        (5, 1),
    }
    assert templates(database) == 0


def test_each_person_is_a_search_of_its_own_in_the_ledger(
    office: Office, rooms: VideoRooms, cast_list: Collection
) -> None:
    job = worked(rooms, searching(rooms, office, cast_list.collection_id))
    recorded = entries(office, operation="start_face_search", job=job.job_id, key="clerk")
    searches = [entry for entry in recorded if "results" in entry]
    assert [(entry["person"], len(entry["results"])) for entry in searches] == [(0, 1), (1, 0)]
    assert {entry["request"] for entry in recorded} == {job.asked.request_id}
    assert all(entry["reasons"][0] == "purpose:media-archive" for entry in recorded)
    assert [entry["tracks"] for entry in recorded if "milliseconds" in entry and entry["tracks"]] == [
        1,
        1,
        1,
        1,
        1,
        2,
    ]
    assert "collins" not in str(entries(office))


def test_a_detection_makes_no_template_of_anybody(
    office: Office, rooms: VideoRooms, database: Database
) -> None:
    job = claimed(office, started(rooms, office))
    run = JobRun(job, "one worker's claim", office.store, anybody)
    see_video.see_video(rooms, run, Reached.of({}))
    assert len(tracks(database)) == 7
    assert templates(database) == 0


def test_a_detection_has_every_face_by_time(office: Office, rooms: VideoRooms) -> None:
    job = worked(rooms, started(rooms, office))
    results = detected(office, job.job_id)
    times = [each.sighting.timestamp_ms for each in results.seen]
    assert times == sorted(times)
    assert len([time_ms for time_ms in times if time_ms >= 3000]) == 2 * len(
        {time_ms for time_ms in times if time_ms >= 3000}
    )
    assert results.facts is not None
    assert (results.facts.width_px, results.facts.height_px) == (640, 360)


def test_a_moratorium_stops_a_job_that_is_being_done_and_it_goes_on_afterwards(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    job_id = searching(rooms, office, cast_list.collection_id)
    moratorium: list[Moratorium] = []
    with at_work(rooms, job_id) as left:
        until(lambda: tracks(database))
        with acting(office, BOSS) as act:
            moratorium.append(begin_moratorium(act, "search", "the council said so", None))
    (job,) = left
    assert job.state is JobState.WAITING
    assert "the council said so" in job.message
    seen = tracks(database)
    assert 0 < len(seen) < 7
    assert {person for *_, person in seen} == {None}
    assert seen_by(read(office, job_id)) == []
    with acting(office, BOSS) as act:
        lift_moratorium(act, str(moratorium[0].moratorium_id))
    database.statement("UPDATE jobs SET not_before = :now", now=datetime.now(UTC))
    assert worked(rooms, job_id).state is JobState.SUCCEEDED
    assert tracks(database)[: len(seen)] != seen  # they have people now
    assert [track[:4] for track in tracks(database)][: len(seen)] == [track[:4] for track in seen]
    assert len(tracks(database)) == 7


def test_a_key_that_is_revoked_ends_its_jobs(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    worker, job_id = worker_of(rooms), searching(rooms, office, cast_list.collection_id)

    def revoked_later(key_id: str) -> Any:
        if len(tracks(database)) >= 2:
            raise NotPermitted(f"the access key {key_id}, which asked for this, was revoked")
        return anybody(key_id)

    worker._caller_of = revoked_later  # noqa: SLF001 - as if somebody revoked it just then
    job = worker.do_one(job_id)
    assert (job.state, job.message) == (
        JobState.FAILED,
        "the access key clerk, which asked for this, was revoked",
    )
    forget_video_results(office.register, datetime(2020, 1, 1, tzinfo=UTC), "a-sweep")
    assert tracks(database) == []


def test_a_job_whose_collection_is_deleted_meanwhile_leaves_nothing(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    job_id = searching(rooms, office, cast_list.collection_id)
    with at_work(rooms, job_id) as left:
        until(lambda: tracks(database))
        with acting(office, BOSS) as act:
            delete_collection(office.gallery, act, "cast")
    assert left[0].state is JobState.CANCELLED
    assert tracks(database) == database.statement("SELECT * FROM videos") == []


def test_a_job_that_is_cancelled_stops_and_what_it_saw_goes(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    job_id = searching(rooms, office, cast_list.collection_id)
    with at_work(rooms, job_id) as left:
        until(lambda: tracks(database))
        with acting(office, CLERK) as act:
            cancel_job(act, job_id)
    assert left[0].state is JobState.CANCELLED
    forget_video_results(office.register, datetime(2020, 1, 1, tzinfo=UTC), "a-sweep")
    assert tracks(database) == []


def test_who_is_erased_while_a_job_looks_is_not_found_by_it(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database
) -> None:
    job_id = searching(rooms, office, cast_list.collection_id)
    with at_work(rooms, job_id) as left:
        until(lambda: tracks(database))
        with acting(office, BOSS) as act:
            erase_subject(office.gallery, act, "collins")
    assert left[0].state is JobState.SUCCEEDED
    assert {tuple(names) for _, _, names in seen_by(read(office, job_id))} == {()}


def test_where_people_review_answers_each_person_is_a_review_once_and_nobody_is_named(
    office: Office, rooms: VideoRooms, astronaut: Path, database: Database
) -> None:
    collection = create(office, "watched", purpose="media-archive", review="one")
    enrol(office, collection, of_picture(astronaut, 1, "collins"))
    job = worked(rooms, searching(rooms, office, "watched"))
    assert job.state is JobState.SUCCEEDED
    found = seen_by(read(office, job.job_id))
    assert {(person, tuple(names)) for _, person, names in found} == {(0, ()), (1, ())}
    with acting(office, BOSS) as act:
        (review,) = list_reviews(act, state=None, most=10).items
    assert [each.external_image_id for each in review.candidates] == ["collins"]
    assert (review.request_id, review.operation) == (job.asked.request_id, "start_face_search")
    with office.store.reading() as reader:
        probe = reader.probe(review.review_id)
    assert probe is not None
    assert probe[:2] == b"\xff\xd8"
    assert database.statement("SELECT * FROM video_matches") == []


def test_a_search_that_is_gone_on_with_asks_nobody_twice(
    office: Office, rooms: VideoRooms, astronaut: Path
) -> None:
    """The review and how far the job is become durable together."""
    collection = create(office, "watched", purpose="media-archive", review="one")
    enrol(office, collection, of_picture(astronaut, 1, "collins"))
    job_id = searching(rooms, office, "watched")
    worker = worker_of(rooms)
    with acting(office, BOSS) as act:
        before = len(list_reviews(act, state=None, most=10).items)

    def stopping(key_id: str) -> Any:
        with acting(office, BOSS) as act:
            if len(list_reviews(act, state=None, most=10).items) > before and not stopped:
                stopped.append(True)
                raise JobStopped
        return anybody(key_id)

    stopped: list[bool] = []
    worker._caller_of = stopping  # noqa: SLF001 - as if the process ended right after the review was there
    assert worker.do_one(job_id).state is JobState.WAITING
    assert worker.do_one(job_id).state is JobState.SUCCEEDED
    with acting(office, BOSS) as act:
        assert len(list_reviews(act, state=None, most=10).items) == before + 1


@contextmanager
def watching(database: Database, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, which waits to begin, and is killed in the end if it still lives."""
    command = [sys.executable, str(WATCHING_PROCESS), database.url, str(database.key_file)]
    process = subprocess.Popen(
        [*command, str(database.subject_key_file), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.slow
def test_workers_that_are_killed_find_together_what_one_finds_alone(
    office: Office, rooms: VideoRooms, cast_list: Collection, database: Database, clips: Path
) -> None:
    alone = worked(rooms, searching(rooms, office, cast_list.collection_id))
    expected, expected_tracks = read(office, alone.job_id), tracks(database)
    job_id = searching(rooms, office, cast_list.collection_id)

    def kept() -> int:
        return len(tracks(database)) - len(expected_tracks)

    with ExitStack() as processes:
        first, second, last = [processes.enter_context(watching(database, clips)) for _ in range(3)]
        for process, enough in ((first, 1), (second, 4)):
            begin(process)
            until(lambda: kept() >= enough)  # noqa: B023 - it is called at once
            process.kill()
        assert kept() < len(expected_tracks), "they were killed too late to show anything"
        begin(last)
        until(lambda: read(office, job_id).job.state.ended)
    found = read(office, job_id)
    assert found.job.state is JobState.SUCCEEDED
    assert found.job.attempts == 3
    assert seen_by(found) == seen_by(expected)
    assert [each.sighting for each in found.seen] == [each.sighting for each in expected.seen]
    assert kept() == len(expected_tracks)
    searches = [entry for entry in entries(office, job=job_id) if "results" in entry]
    assert [entry["person"] for entry in searches] == [0, 1]
