"""Faces in stored videos as Amazon's users ask for them: start a job, wait until it has ended, read pages."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from conformance.clients import checked_client
from conformance.keys import create_key
from filming import Cutout, one_after_another, scene, write_film
from receiving import SECRET, Receiver, receiving, signature
from serving import RunningServer, running_server

WAITED_SECONDS = 60
TOPIC = "arn:aws:sns:us-east-1:123456789012:a-topic-with-a-webhook"
ROLE = "arn:aws:iam::123456789012:role/publisher"
AMAZON = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """A bucket: a film of Collins alone, then beside Hopper; one with nobody; one that is cut off."""
    folder = tmp_path_factory.mktemp("films")
    frames = one_after_another(
        scene(1.2, Cutout(astronaut, 40, right_px_per_second=60), grey=30),
        scene(1.2, Cutout(astronaut, 10, 240), Cutout(grace_hopper, 330, 260), grey=190),
    )
    whole = write_film(folder / "film.mp4", frames).read_bytes()
    write_film(folder / "empty.mp4", scene(0.4))
    write_film(folder / "film.mkv", frames)
    broken = (folder / "film.mkv").read_bytes()
    (folder / "broken.mkv").write_bytes(broken[: len(broken) * 2 // 3])
    (folder / "no-video.mp4").write_bytes(whole[:2000])
    return folder


@pytest.fixture(scope="module")
def amazon() -> Iterator[str]:
    """The address of S3, SNS and SQS, all of moto's."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture(scope="module")
def theatre(
    folder: Path, amazon: str, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server whose bucket ``films`` is the folder, which tells others through SNS and a webhook."""
    home = tmp_path_factory.mktemp("theatre")
    (home / ".aws").mkdir()
    credentials = "[default]\naws_access_key_id = test\naws_secret_access_key = test\n"
    (home / ".aws" / "credentials").write_text(credentials)
    configured: dict[str, object] = {
        "buckets": {"films": folder},
        "s3_endpoint_url": amazon,
        "sns_endpoint_url": amazon,
        "webhooks": {TOPIC: receiver.url},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(platformdirs.user_cache_path()))
        patch.setenv("HOME", str(home))
        with running_server(home, s3_region="us-east-1", webhook_secret=SECRET, **configured) as server:
            yield server


@pytest.fixture(scope="module")
def viewer(theatre: RunningServer) -> Iterator[Any]:
    """A client, every response of which is checked against Amazon's model."""
    made = checked_client(theatre.endpoint_url, theatre.access_key_id, theatre.secret_access_key)
    yield made
    made.close()


@pytest.fixture(scope="module")
def astronauts(viewer: Any, collins: bytes) -> str:
    """A collection of Collins alone."""
    viewer.create_collection(CollectionId="astronauts")
    viewer.index_faces(CollectionId="astronauts", Image={"Bytes": collins}, ExternalImageId="eileen-collins")
    return "astronauts"


def film(name: str = "film.mp4", bucket: str = "films") -> dict[str, Any]:
    return {"S3Object": {"Bucket": bucket, "Name": name}}


def ended(get: Callable[..., Any], job_id: str, **asked: Any) -> dict[str, Any]:
    """Ask until a job has ended, as Amazon's examples do."""
    deadline = time.monotonic() + WAITED_SECONDS
    while time.monotonic() < deadline:
        answer: dict[str, Any] = get(JobId=job_id, **asked)
        if answer["JobStatus"] != "IN_PROGRESS":
            return answer
        assert not {"Faces", "Persons", "VideoMetadata", "NextToken"} & set(answer)
        time.sleep(0.1)
    raise AssertionError(f"the job {job_id} has not ended")


def pages(get: Callable[..., Any], job_id: str, of: str, **asked: Any) -> list[list[dict[str, Any]]]:
    """Read all pages."""
    found, token = [], None
    while True:
        answer = get(JobId=job_id, **asked, **({"NextToken": token} if token else {}))
        found.append(answer[of])
        token = answer.get("NextToken")
        if token is None:
            return found


@pytest.fixture(scope="module")
def searched(viewer: Any, astronauts: str) -> str:
    """A search of the film that has ended; the job's id."""
    job_id: str = viewer.start_face_search(Video=film(), CollectionId=astronauts, JobTag="film-7")["JobId"]
    answer = ended(viewer.get_face_search, job_id)
    assert answer["JobStatus"] == "SUCCEEDED"
    return job_id


@pytest.fixture(scope="module")
def detected(viewer: Any) -> str:
    """A detection in the film that has ended; the job's id."""
    job_id: str = viewer.start_face_detection(Video=film(), FaceAttributes="ALL")["JobId"]
    assert ended(viewer.get_face_detection, job_id)["JobStatus"] == "SUCCEEDED"
    return job_id


def test_faces_are_detected_with_their_times_and_measures(viewer: Any, detected: str) -> None:
    answer = viewer.get_face_detection(JobId=detected)
    metadata = answer["VideoMetadata"]
    assert 2300 <= metadata.pop("DurationMillis") <= 2500
    assert metadata.pop("FrameRate") == pytest.approx(25, abs=0.5)
    assert metadata == {
        "Codec": "h264",
        "Format": "mov,mp4,m4a,3gp,3g2,mj2",
        "FrameHeight": 360,
        "FrameWidth": 640,
    }
    times = [face["Timestamp"] for face in answer["Faces"]]
    assert times == sorted(times)
    assert {times.count(time) for time in times if time < 1200} == {1}
    assert {times.count(time) for time in times if time >= 1200} == {2}
    first = answer["Faces"][0]["Face"]
    assert set(first) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    assert 0 < first["BoundingBox"]["Left"] < 0.5
    assert (answer["JobId"], answer["Video"]) == (detected, film())
    assert "JobTag" not in answer


def test_people_are_found_and_keep_their_index_through_cuts(viewer: Any, searched: str) -> None:
    answer = viewer.get_face_search(JobId=searched)
    assert answer["JobTag"] == "film-7"
    persons = answer["Persons"]
    times = [person["Timestamp"] for person in persons]
    assert times == sorted(times)
    assert {person["Person"]["Index"] for person in persons} == {0, 1}
    for person in persons:
        matches = [match["Face"]["ExternalImageId"] for match in person["FaceMatches"]]
        assert matches == (["eileen-collins"] if person["Person"]["Index"] == 0 else [])
        assert person["Person"]["BoundingBox"] == person["Person"]["Face"]["BoundingBox"]
    assert min(person["Timestamp"] for person in persons if person["Person"]["Index"] == 0) == 0
    assert max(person["Timestamp"] for person in persons if person["Person"]["Index"] == 0) > 2000
    assert min(person["Timestamp"] for person in persons if person["Person"]["Index"] == 1) >= 1200
    assert all(match["Similarity"] > 95 for person in persons for match in person["FaceMatches"])


def test_people_come_by_index_too(viewer: Any, searched: str) -> None:
    persons = viewer.get_face_search(JobId=searched, SortBy="INDEX")["Persons"]
    order = [(person["Person"]["Index"], person["Timestamp"]) for person in persons]
    assert order == sorted(order)
    by_time = viewer.get_face_search(JobId=searched, SortBy="TIMESTAMP")["Persons"]
    assert sorted(order) == sorted((person["Person"]["Index"], person["Timestamp"]) for person in by_time)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(most=st.integers(1, 30), order=st.sampled_from(["TIMESTAMP", "INDEX"]))
def test_pages_of_any_size_hold_everything_once_and_in_order(
    viewer: Any, searched: str, most: int, order: str
) -> None:
    get = viewer.get_face_search
    (everything,) = pages(get, searched, "Persons", SortBy=order)
    read = pages(get, searched, "Persons", SortBy=order, MaxResults=most)
    assert [person for page in read for person in page] == everything
    assert [len(page) for page in read[:-1]] == [most] * (len(read) - 1)


def test_more_than_a_thousand_results_a_page_may_be_asked_for(viewer: Any, detected: str) -> None:
    assert len(pages(viewer.get_face_detection, detected, "Faces", MaxResults=100_000)) == 1


def test_a_page_token_is_good_for_its_own_list_only(viewer: Any, searched: str, detected: str) -> None:
    token = viewer.get_face_search(JobId=searched, MaxResults=1)["NextToken"]
    for get, asked in (
        (viewer.get_face_search, {"JobId": searched, "SortBy": "INDEX"}),
        (viewer.get_face_detection, {"JobId": detected}),
        (viewer.get_face_detection, {"JobId": searched}),
    ):
        with pytest.raises(viewer.exceptions.InvalidPaginationTokenException):
            get(**asked, NextToken=token)


def test_a_threshold_that_nobody_reaches_leaves_people_without_matches(viewer: Any, astronauts: str) -> None:
    job_id = viewer.start_face_search(Video=film(), CollectionId=astronauts, FaceMatchThreshold=100)["JobId"]
    persons = ended(viewer.get_face_search, job_id)["Persons"]
    assert {len(person["FaceMatches"]) for person in persons} == {0}
    assert len({person["Person"]["Index"] for person in persons}) == 2


def test_a_video_with_nobody_has_no_faces(viewer: Any, astronauts: str) -> None:
    video = film("empty.mp4")
    job_id = viewer.start_face_search(Video=video, CollectionId=astronauts)["JobId"]
    answer = ended(viewer.get_face_search, job_id)
    assert (answer["JobStatus"], answer["Persons"]) == ("SUCCEEDED", [])


def test_of_a_video_that_is_cut_off_what_is_there_is_found_and_the_rest_is_told(viewer: Any) -> None:
    job_id = viewer.start_face_detection(Video=film("broken.mkv"))["JobId"]
    answer = ended(viewer.get_face_detection, job_id)
    assert answer["JobStatus"] == "SUCCEEDED"
    assert answer["Faces"]
    assert max(face["Timestamp"] for face in answer["Faces"]) < 2000


def test_what_is_no_video_fails_and_says_why(viewer: Any) -> None:
    job_id = viewer.start_face_detection(Video=film("no-video.mp4"), JobTag="hopeless")["JobId"]
    answer = ended(viewer.get_face_detection, job_id)
    assert (answer["JobStatus"], answer["JobTag"]) == ("FAILED", "hopeless")
    assert answer["StatusMessage"].startswith("no-video.mp4 ")
    assert "/dev/fd" not in answer["StatusMessage"]
    assert not {"Faces", "VideoMetadata"} & set(answer)


def test_a_request_that_comes_twice_is_one_job(viewer: Any, astronauts: str) -> None:
    asked = {"Video": film("empty.mp4"), "CollectionId": astronauts, "ClientRequestToken": str(uuid.uuid4())}
    job_id = viewer.start_face_search(**asked)["JobId"]
    assert viewer.start_face_search(**asked)["JobId"] == job_id
    with pytest.raises(viewer.exceptions.IdempotentParameterMismatchException):
        viewer.start_face_search(**asked, FaceMatchThreshold=99)
    other = viewer.start_face_detection(Video=asked["Video"], ClientRequestToken=asked["ClientRequestToken"])
    assert other["JobId"] != job_id


def test_a_job_is_read_by_who_asked_for_it_and_by_administrators(
    theatre: RunningServer, viewer: Any, searched: str
) -> None:
    key = create_key(theatre, ["*"])
    somebody = checked_client(theatre.endpoint_url, key.key_id, key.secret)
    with pytest.raises(somebody.exceptions.ResourceNotFoundException):
        somebody.get_face_search(JobId=searched)
    own = somebody.start_face_detection(Video=film("empty.mp4"))["JobId"]
    assert ended(somebody.get_face_detection, own)["Faces"] == []
    assert viewer.get_face_detection(JobId=own)["JobStatus"] == "SUCCEEDED"
    somebody.close()


def test_a_job_of_the_other_kind_is_not_there(viewer: Any, searched: str, detected: str) -> None:
    for get, job_id in ((viewer.get_face_detection, searched), (viewer.get_face_search, detected)):
        with pytest.raises(viewer.exceptions.ResourceNotFoundException):
            get(JobId=job_id)


def test_a_video_in_s3_is_searched_and_nothing_of_it_stays(
    viewer: Any, amazon: str, folder: Path, astronauts: str, theatre: RunningServer
) -> None:
    s3 = boto3.client("s3", endpoint_url=amazon, **AMAZON)
    s3.create_bucket(Bucket="studio")
    s3.put_object(Bucket="studio", Key="2026/film é.mp4", Body=(folder / "film.mp4").read_bytes())
    video = film("2026/film é.mp4", "studio")
    job_id = viewer.start_face_search(Video=video, CollectionId=astronauts)["JobId"]
    answer = ended(viewer.get_face_search, job_id)
    assert {person["Person"]["Index"] for person in answer["Persons"]} == {0, 1}
    assert answer["Video"] == video
    open_files = Path(f"/proc/{theatre.process.pid}/fd")
    if open_files.exists():
        names = [str(each.readlink()) for each in open_files.iterdir() if each.is_symlink()]
        assert not [name for name in names if "deleted" in name and "countenance-" in name]


def test_an_object_that_is_not_there_is_told_at_once(viewer: Any, amazon: str) -> None:
    boto3.client("s3", endpoint_url=amazon, **AMAZON).create_bucket(Bucket="empty-studio")
    for video in (film("nothing.mp4"), film("a.mp4", "empty-studio"), film("a.mp4", "no-studio")):
        with pytest.raises(viewer.exceptions.InvalidS3ObjectException):
            viewer.start_face_detection(Video=video)


def channel(topic: str) -> dict[str, Any]:
    return {"SNSTopicArn": topic, "RoleArn": ROLE}


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WAITED_SECONDS
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


def test_a_topic_is_told_of_the_end_as_amazon_tells_it(viewer: Any, amazon: str) -> None:
    sns = boto3.client("sns", endpoint_url=amazon, **AMAZON)
    sqs = boto3.client("sqs", endpoint_url=amazon, **AMAZON)
    topic = sns.create_topic(Name="AmazonRekognition-videos")["TopicArn"]
    queue = sqs.create_queue(QueueName="videos")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:videos")
    job_id = viewer.start_face_detection(
        Video=film("empty.mp4"), JobTag="a:tag/1", NotificationChannel=channel(topic)
    )["JobId"]
    (message,) = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    told = json.loads(json.loads(message["Body"])["Message"])
    assert abs(told.pop("Timestamp") / 1000 - time.time()) < WAITED_SECONDS
    assert told == {
        "JobId": job_id,
        "Status": "SUCCEEDED",
        "API": "StartFaceDetection",
        "JobTag": "a:tag/1",
        "Video": {"S3ObjectName": "empty.mp4", "S3Bucket": "films"},
    }
    assert viewer.get_face_detection(JobId=job_id)["JobStatus"] == "SUCCEEDED"


def test_a_webhook_that_stands_for_a_topic_is_told_with_a_signature(
    viewer: Any, astronauts: str, receiver: Receiver
) -> None:
    job_id = viewer.start_face_search(
        Video=film("no-video.mp4"), CollectionId=astronauts, NotificationChannel=channel(TOPIC)
    )["JobId"]
    ((_, headers, body),) = until(lambda: [each for each in receiver.requests if job_id.encode() in each[2]])
    assert headers["webhook-signature"] == signature(headers, body)
    told = json.loads(body)
    assert (told["Status"], told["API"], "JobTag" in told) == ("FAILED", "StartFaceSearch", False)


def test_whom_nobody_can_tell_is_refused(client: Any, buckets: Path) -> None:
    """The server of the other tests has neither SNS nor webhooks."""
    (buckets / "film.mp4").write_bytes(b"no video")
    with pytest.raises(client.exceptions.InvalidParameterException, match="no way to notify"):
        client.start_face_detection(Video=film(bucket="pictures"), NotificationChannel=channel(TOPIC))


@contextmanager
def own_server(tmp_path: Path, folder: Path, **settings: object) -> Iterator[tuple[RunningServer, Any]]:
    with running_server(tmp_path, buckets={"films": folder}, **settings) as server:
        yield server, server.boto3_client()


def test_no_more_jobs_are_taken_than_may_wait(tmp_path: Path, folder: Path) -> None:
    with own_server(tmp_path, folder, jobs_at_once=0, most_jobs=2) as (_, client):
        jobs = [client.start_face_detection(Video=film())["JobId"] for _ in range(2)]
        with pytest.raises(client.exceptions.LimitExceededException, match="most_jobs"):
            client.start_face_detection(Video=film())
        assert {client.get_face_detection(JobId=each)["JobStatus"] for each in jobs} == {"IN_PROGRESS"}


@pytest.mark.shared
def test_both_men_of_the_clip_are_found_and_nobody_else_is_named(tmp_path: Path, shared: Path) -> None:
    data = shared / "data"
    with own_server(tmp_path, data / "video") as (_, client):
        client.create_collection(CollectionId="hamilton")
        for name in ("lin-manuel-miranda", "alex-lacamoire"):
            image = {"Bytes": (data / "photos" / f"{name}.png").read_bytes()}
            client.index_faces(CollectionId="hamilton", Image=image, ExternalImageId=name)
        video = film("hamilton_clip.mp4")
        job_id = client.start_face_search(Video=video, CollectionId="hamilton")["JobId"]
        persons = ended(client.get_face_search, job_id)["Persons"]
    names: dict[int, set[str]] = {}
    for person in persons:
        matches = {match["Face"]["ExternalImageId"] for match in person["FaceMatches"]}
        names.setdefault(person["Person"]["Index"], set()).update(matches)
    named = sorted(name for found in names.values() for name in found)
    assert named == ["alex-lacamoire", "lin-manuel-miranda"]
