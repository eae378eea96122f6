"""A job on a video is queued once for each request, where it may be; who wants to know is told its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contract.offices import BOSS, CLERK, acting, create, entries, key, office_on
from contract.videos import CLIP, claimed, done, rooms_of, searching, started
from countenance.errors import (
    CollectionNotFound,
    MoratoriumInForce,
    NotificationRefused,
    NotPermitted,
    ObjectNotReadable,
    PolicyForbids,
    RequestTokenReused,
    TooManyJobs,
    VideoTooLarge,
)
from countenance.images.sources import StoredObject
from countenance.jobs.values import Job, JobState, Runner
from countenance.jobs.worker import Pace, Worker
from countenance.notices import Channels, Webhooks
from countenance.operations.callers import caller_of
from countenance.operations.manage_jobs import cancel_job, list_jobs
from countenance.operations.manage_keys import create_key
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.operations.videos.notify import notify
from countenance.operations.videos.rooms import VideoRooms
from countenance.operations.videos.start_jobs import NOTIFICATION, start_face_detection_in_video
from countenance.operations.videos.values import VideoAsked
from countenance.store import SqlStore
from countenance.wiring import Office
from receiving import SECRET, Receiver, receiving

TOPIC = "arn:aws:sns:us-east-1:000000000000:videos"


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store, most_jobs=4)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    return folder


@pytest.fixture
def rooms(office: Office, clips: Path, receiver: Receiver) -> VideoRooms:
    return rooms_of(office, clips, Channels(Webhooks({TOPIC: receiver.url}, SECRET), None))


def jobs(office: Office) -> list[Job]:
    with acting(office) as act:
        return list_jobs(act, most=100).items


def asked_for(rooms: VideoRooms, office: Office, stored: StoredObject, **by: Any) -> str:
    with acting(office, key("guard", **by)) as act:
        return start_face_detection_in_video(rooms, act, VideoAsked(stored))


def messenger(office: Office, rooms: VideoRooms) -> Worker:
    """Who sends notifications, as a server does beside its other work."""
    return Worker(office.store, {NOTIFICATION: partial(notify, rooms)}, partial(caller_of, office.store))


def sent(office: Office, rooms: VideoRooms, at: datetime | None = None) -> JobState | None:
    """Let the messenger do what it would do at that time; return what became of the notification."""
    claim, now = "a claim", at or datetime.now(UTC)
    job = office.store.claim_job(
        claim, now, kinds=[NOTIFICATION], runner=Runner.WORKERS, held_for=timedelta(minutes=1)
    )
    if job is None:
        return None
    messenger(office, rooms)._do(job, claim)  # noqa: SLF001 - without waiting for the time to come
    with office.store.reading() as reader:
        return reader.job(job.job_id).state


def test_the_same_request_again_is_the_same_job(rooms: VideoRooms, office: Office) -> None:
    first = started(rooms, office, token="once", tag="film-7", channel=TOPIC)  # noqa: S106 - no secret
    assert started(rooms, office, token="once", tag="film-7", channel=TOPIC) == first  # noqa: S106
    assert [job.asked.tag for job in jobs(office) if job.job_id == first] == ["film-7"]
    assert len(jobs(office)) == 2  # it, and the notification that follows
    with pytest.raises(RequestTokenReused, match="once"):
        started(rooms, office, token="once", tag="film-8", channel=TOPIC)  # noqa: S106
    assert started(rooms, office, BOSS, token="once") != first  # noqa: S106 - another key's token
    assert entries(office, operation="start_face_detection", outcome="done")[0]["job"] == first


def test_without_a_token_each_request_is_a_job(rooms: VideoRooms, office: Office) -> None:
    assert started(rooms, office) != started(rooms, office)


def test_no_more_jobs_are_taken_than_may_wait(rooms: VideoRooms, office: Office) -> None:
    for _ in range(4):
        started(rooms, office)
    with pytest.raises(TooManyJobs, match="4 jobs wait or run already"):
        started(rooms, office)
    assert entries(office, outcome="TooManyJobs")


def test_a_video_that_cannot_be_had_is_told_at_once(rooms: VideoRooms, office: Office, clips: Path) -> None:
    (clips / "folder").mkdir()
    (clips / "link.mp4").symlink_to("clip.mp4")
    with (clips / "long.mp4").open("wb") as long:
        long.truncate(10**9)
    for bucket, name, version, refusal in (
        ("clips", "nowhere.mp4", None, ObjectNotReadable),
        ("clips", "../clip.mp4", None, ObjectNotReadable),
        ("clips", "clip.mp4", "3", ObjectNotReadable),
        ("clips", "folder", None, ObjectNotReadable),
        ("clips", "link.mp4", None, ObjectNotReadable),
        ("elsewhere", "clip.mp4", None, ObjectNotReadable),
        ("clips", "long.mp4", None, VideoTooLarge),
    ):
        with pytest.raises(refusal):
            asked_for(rooms, office, StoredObject(bucket, name, version))
    assert jobs(office) == []


def test_a_key_reads_videos_only_from_its_buckets(rooms: VideoRooms, office: Office) -> None:
    with pytest.raises(NotPermitted, match="bucket clips"):
        asked_for(rooms, office, CLIP, buckets=("films",))
    assert asked_for(rooms, office, CLIP, buckets=("clips",))


def test_a_search_asks_what_every_search_asks(rooms: VideoRooms, office: Office) -> None:
    with pytest.raises(CollectionNotFound):
        searching(rooms, office, "nobody")
    create(office, "shop", search="refused")
    with pytest.raises(PolicyForbids, match="searching this collection is refused"):
        searching(rooms, office, "shop")
    create(office, "films")
    with acting(office) as act:
        begin_moratorium(act, "search", "the council said so", None)
    with pytest.raises(MoratoriumInForce):
        searching(rooms, office, "films")
    assert started(rooms, office)


def test_whom_the_server_cannot_tell_is_refused_at_once(rooms: VideoRooms, office: Office) -> None:
    with pytest.raises(NotificationRefused, match="no way to notify"):
        started(rooms, office, channel="arn:aws:sns:us-east-1:000000000000:other")
    assert jobs(office) == []


def administrator(office: Office) -> Any:
    with acting(office) as act:
        return create_key(act, "a client", administrator=True)


def test_who_wants_to_know_is_told_when_the_job_has_ended_and_not_before(
    rooms: VideoRooms, office: Office, receiver: Receiver
) -> None:
    client = administrator(office)
    job_id = started(rooms, office, client, channel=TOPIC, tag="film-7")
    assert sent(office, rooms) is None
    job = claimed(office, job_id)
    assert sent(office, rooms) is None
    done(office, job, {})
    assert sent(office, rooms) is JobState.SUCCEEDED
    (body,) = receiver.bodies()
    assert abs(body.pop("Timestamp") / 1000 - datetime.now(UTC).timestamp()) < 60
    assert body == {
        "JobId": job_id,
        "Status": "SUCCEEDED",
        "API": "StartFaceDetection",
        "JobTag": "film-7",
        "Video": {"S3ObjectName": "clip.mp4", "S3Bucket": "clips"},
    }
    assert sent(office, rooms) is None
    (entry,) = entries(office, operation="notify")
    assert (entry["job"], entry["state"], entry["outcome"]) == (job_id, "succeeded", "done")


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_an_end_without_success_is_told_too(
    rooms: VideoRooms, office: Office, receiver: Receiver, ending: str
) -> None:
    client = administrator(office)
    job_id = started(rooms, office, client, channel=TOPIC)
    if ending == "failed":
        done(office, claimed(office, job_id), {}, state=JobState.FAILED)
    else:
        with acting(office) as act:
            cancel_job(act, job_id)
    sent(office, rooms)
    (body,) = receiver.bodies()
    assert (body["Status"], "JobTag" in body) == ("FAILED", False)


def test_what_is_not_taken_is_sent_again_for_a_day_as_the_same_notice(
    rooms: VideoRooms, office: Office, receiver: Receiver
) -> None:
    receiver.status = 503
    done(office, claimed(office, started(rooms, office, administrator(office), channel=TOPIC)), {})
    tries, waits = 1, list[int]()
    assert sent(office, rooms) is JobState.WAITING
    while True:
        waiting = next(job for job in jobs(office) if job.asked.kind == NOTIFICATION)
        assert waiting.message == "the webhook answered with the status 503"
        waits.append(round((waiting.not_before - datetime.now(UTC)).total_seconds()))
        assert sent(office, rooms, waiting.not_before - timedelta(seconds=2)) is None
        tries += 1
        if sent(office, rooms, waiting.not_before) is JobState.FAILED:
            break
    assert tries == len(receiver.requests) == 11
    assert waits == sorted(waits)
    assert 23 * 3600 < sum(waits) < 25 * 3600
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1


def test_what_is_taken_at_last_is_not_sent_again(
    rooms: VideoRooms, office: Office, receiver: Receiver
) -> None:
    receiver.status = 500
    done(office, claimed(office, started(rooms, office, administrator(office), channel=TOPIC)), {})
    assert sent(office, rooms) is JobState.WAITING
    receiver.status = 204
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert sent(office, rooms, later) is JobState.SUCCEEDED
    assert sent(office, rooms, later + timedelta(days=1)) is None
    assert len(receiver.requests) == 2


def test_a_messenger_sends_by_itself(rooms: VideoRooms, office: Office, receiver: Receiver) -> None:
    job_id = started(rooms, office, administrator(office), channel=TOPIC)
    quick = Worker(
        office.store,
        {NOTIFICATION: partial(notify, rooms)},
        partial(caller_of, office.store),
        pace=Pace(poll=0.02),
    )
    with quick.going_on(1):
        done(office, claimed(office, job_id), {})
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while not receiver.requests and datetime.now(UTC) < deadline:
            pass
    assert [body["JobId"] for body in receiver.bodies()] == [job_id]


def test_a_revoked_keys_notification_is_not_sent(
    rooms: VideoRooms, office: Office, receiver: Receiver
) -> None:
    done(office, claimed(office, started(rooms, office, CLERK, channel=TOPIC)), {})
    assert sent(office, rooms) is JobState.FAILED  # the made-up clerk has no key in this store
    assert receiver.requests == []
