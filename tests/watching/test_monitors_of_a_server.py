"""A server runs monitors by itself: beside requests, over restarts, and only for as long as it may."""

from __future__ import annotations

import http.client
import io
import json
import signal
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from conformance import pictures
from countenance.settings import read_settings
from countenance.store import open_ledger
from countenance.wiring import open_office
from rest.api import Api
from serving import restart_server, running_server
from watching.camera import Camera
from watching.films import Scene
from watching.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from serving import RunningServer

pytestmark = pytest.mark.slow

PASSWORD = "p4ssw0rd-of-the-door"  # noqa: S105 - a made-up one
SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def camera(astronaut: Path) -> Iterator[Camera]:
    """Eileen Collins comes by for a moment every three seconds."""
    with Camera(Scene(0.6, astronaut), Scene(2.4), password=PASSWORD) as switched_on:
        yield switched_on


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, camera: Camera, receiver: Receiver
) -> Iterator[RunningServer]:
    sources = json.dumps([f"rtsp://127.0.0.1:{camera.port}/*", "/films/*"])
    settings: dict[str, Any] = {
        "monitor_sources": sources,
        "most_monitors": 3,
        "webhooks": {"doorman": receiver.address},
        "webhook_secret": SECRET,
    }
    with running_server(tmp_path_factory.mktemp("monitored"), **settings) as started:
        yield started


class Guard:
    """Makes monitors and looks at them."""

    def __init__(self, server: RunningServer, camera: Camera, picture: bytes) -> None:
        self.server = server
        self.api = Api.of(server)
        self.camera = camera
        self.picture = picture

    def collection(self, name: str) -> str:
        made = self.api.post("/v1/collections", {"collection_id": name, "policy": {"purpose": "entry"}})
        assert made.status == 201, made.body
        client = self.server.boto3_client()
        client.index_faces(CollectionId=name, Image={"Bytes": self.picture}, ExternalImageId="eileen")
        return name

    def monitor(self, collection_id: str, api: Api | None = None, **more: Any) -> str:
        new = {"name": "door", "source": self.camera.address, "collection_id": collection_id} | more
        made = (api or self.api).post("/v1/monitors", new)
        assert made.status == 201, made.body
        return str(made.json["monitor_id"])

    def shown(self, monitor_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.api.get(f"/v1/monitors/{monitor_id}").json
        return shown

    def events(self, monitor_id: str, **query: int) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.api.get(f"/v1/monitors/{monitor_id}/events", **query).json["items"]
        return items

    def wait_for_event(self, monitor_id: str, name: str, after: int = 0) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found.extend(each for each in self.events(monitor_id, after=after) if each["event"] == name)
            return bool(found)

        wait_for(is_there)
        return found[0]

    def wait_for_activity(self, monitor_id: str, activity: str, seconds: float = 15.0) -> dict[str, Any]:
        wait_for(lambda: self.shown(monitor_id)["activity"] == activity, seconds)
        return self.shown(monitor_id)

    @contextmanager
    def stream(self, path: str) -> Iterator[http.client.HTTPResponse]:
        address = urlsplit(self.api.endpoint_url).netloc
        with closing(http.client.HTTPConnection(address, timeout=15)) as connection:
            connection.request("GET", path, headers=self.api.authorization("GET", path))
            with connection.getresponse() as response:
                assert response.status == 200
                yield response

    def entries(self, operation: str) -> list[dict[str, Any]]:
        with open_ledger(f"sqlite:///{self.server.data_dir / 'countenance.sqlite'}") as ledger:
            found = [json.loads(entry) for _, entry in ledger.entries()]
        return [entry for entry in found if entry["operation"] == operation]


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def guard(server: RunningServer, camera: Camera, astronaut: Path) -> Guard:
    picture = pictures.jpeg(pictures.opened(astronaut.read_bytes()).crop((90, 0, 370, 300)))
    return Guard(server, camera, picture)


@pytest.fixture(scope="module")
def staff(guard: Guard) -> str:
    return guard.collection("staff")


@pytest.fixture(scope="module")
def monitor_id(guard: Guard, staff: str) -> str:
    """A monitor that runs."""
    return guard.monitor(staff, webhook="doorman", preview=True)


def test_it_says_who_comes_by(guard: Guard, monitor_id: str) -> None:
    recognised = guard.wait_for_event(monitor_id, "recognised")
    assert recognised["external_image_id"] == "eileen"
    assert recognised["similarity_percent"] > 99
    assert recognised["reason"] is None
    guard.wait_for_event(monitor_id, "left")
    shown = guard.shown(monitor_id)
    assert (shown["state"], shown["activity"], shown["message"]) == ("running", "watching", "")
    assert shown["source"] == f"rtsp://127.0.0.1:{guard.camera.port}/door"
    names = [each["event"] for each in guard.events(monitor_id, after=0)]
    assert names[:3] == ["started", "appeared", "recognised"]
    (begun,) = guard.entries("watch")
    assert begun["monitor"] == monitor_id


def test_who_is_told_is_told(guard: Guard, receiver: Receiver, monitor_id: str) -> None:
    guard.wait_for_event(monitor_id, "recognised")
    wait_for(lambda: any(body["event"] == "recognised" for body in receiver.posted))
    assert {body["monitor_id"] for body in receiver.posted} == {monitor_id}
    assert receiver.posted[0]["event"] == "started"


def test_events_are_sent_as_they_come(guard: Guard, monitor_id: str) -> None:
    with guard.stream(f"/v1/monitors/{monitor_id}/event-stream?after=0") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [response.readline().decode() for _ in range(6)]
    assert lines[0].startswith(":")
    number, name, data = lines[2:5]
    assert name == "event: started\n"
    record = json.loads(data.removeprefix("data: "))
    assert f"id: {record['number']}\n" == number
    assert record["event"] == "started"


def test_what_it_sees_can_be_looked_at(guard: Guard, monitor_id: str) -> None:
    with guard.stream(f"/v1/monitors/{monitor_id}/preview") as response:
        assert response.headers["content-type"].startswith("multipart/x-mixed-replace")
        seen = [next_picture(response) for _ in range(3)]
    assert {picture.size for picture in seen} == {(640, 480)}
    without = guard.monitor("staff")
    refused = guard.api.get(f"/v1/monitors/{without}/preview")
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert guard.api.delete(f"/v1/monitors/{without}").status == 204


def next_picture(response: http.client.HTTPResponse) -> Image.Image:
    while not (line := response.readline()).lower().startswith(b"content-length"):
        assert line
    response.readline()
    return Image.open(io.BytesIO(response.read(int(line.split(b":")[1]))))


def test_a_moratorium_halts_it_and_it_goes_on_by_itself(guard: Guard, monitor_id: str) -> None:
    moratorium = guard.api.post("/v1/moratoria", {"scope": "search", "reason": "the council said so"}).json
    began = time.monotonic()
    shown = guard.wait_for_activity(monitor_id, "waiting")
    assert time.monotonic() - began < 5
    assert "the council said so" in shown["message"]
    assert shown["state"] == "running"
    ended = guard.events(monitor_id)[-1]
    assert ended["event"] == "ended"
    refused = guard.api.get(f"/v1/monitors/{monitor_id}/preview")
    assert refused.problem == "moratorium-in-force"
    guard.api.delete(f"/v1/moratoria/{moratorium['moratorium_id']}")
    guard.wait_for_event(monitor_id, "started", after=ended["number"])
    guard.wait_for_event(monitor_id, "recognised", after=ended["number"])
    assert guard.shown(monitor_id)["message"] == ""


def test_what_a_terminal_stops_the_server_notices_and_it_can_be_started_again(
    guard: Guard, monitor_id: str
) -> None:
    done = guard.server.command("monitors", "stop", monitor_id)
    assert done.returncode == 0, done.stderr
    assert guard.wait_for_activity(monitor_id, "stopped")["state"] == "stopped"
    last = guard.events(monitor_id)[-1]
    assert (last["event"], last["reason"]) == ("ended", "it was told to stop")
    assert guard.api.post(f"/v1/monitors/{monitor_id}/start").json["state"] == "running"
    guard.wait_for_event(monitor_id, "appeared", after=last["number"])


def test_events_that_name_somebody_are_gone_when_they_are_erased(guard: Guard) -> None:
    guests = guard.collection("guests")
    monitor_id = guard.monitor(guests)
    recognised = guard.wait_for_event(monitor_id, "recognised")
    guard.server.boto3_client().delete_faces(CollectionId=guests, FaceIds=[recognised["face_id"]])
    left = guard.events(monitor_id, after=0)
    assert left
    assert "eileen" not in json.dumps(left)
    guard.api.delete(f"/v1/monitors/{monitor_id}")


def test_a_revoked_key_stops_its_monitors(guard: Guard, staff: str) -> None:
    limited = guard.api.with_key(operations=["create_monitor", "watch", "search_live"], collections=[staff])
    monitor_id = guard.monitor(staff, limited)
    guard.wait_for_activity(monitor_id, "watching")
    guard.api.delete(f"/v1/keys/{limited.key_id}")
    shown = guard.wait_for_activity(monitor_id, "stopped")
    wait_for(lambda: guard.shown(monitor_id)["state"] == "stopped")
    assert "was revoked" in guard.shown(monitor_id)["message"]
    assert shown["works_for"] == limited.key_id
    guard.api.delete(f"/v1/monitors/{monitor_id}")


def test_monitors_go_with_their_collection(guard: Guard) -> None:
    monitor_id = guard.monitor(guard.collection("visitors"))
    guard.wait_for_activity(monitor_id, "watching")
    guard.server.boto3_client().delete_collection(CollectionId="visitors")
    assert guard.api.get(f"/v1/monitors/{monitor_id}").status == 404
    wait_for(lambda: "CollectionNotFound" in [each["ended_by"] for each in guard.entries("end_watch")])


def test_a_file_that_is_not_there_is_told_and_tried_again(guard: Guard, staff: str) -> None:
    monitor_id = guard.monitor(staff, source="/films/none.mp4")
    shown = guard.wait_for_activity(monitor_id, "interrupted")
    assert "/films/none.mp4 cannot be watched: No such file" in shown["message"]
    guard.api.delete(f"/v1/monitors/{monitor_id}")


def test_monitors_go_on_after_a_kill_and_their_password_is_in_no_file(
    guard: Guard, server: RunningServer, monitor_id: str
) -> None:
    guard.wait_for_activity(monitor_id, "watching")
    before = guard.events(monitor_id)[-1]["number"]
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    again = restart_server(server)
    try:
        later = Guard(again, guard.camera, guard.picture)
        recognised = later.wait_for_event(monitor_id, "recognised")
        assert recognised["number"] > before
        # Streams that nobody ends do not keep the server.
        with (
            later.stream(f"/v1/monitors/{monitor_id}/preview") as preview,
            later.stream(f"/v1/monitors/{monitor_id}/event-stream") as stream,
        ):
            next_picture(preview)
            stream.readline()
            began = time.monotonic()
            assert again.stop() == 0
            assert time.monotonic() - began < 15
    finally:
        if again.process.poll() is None:
            again.process.kill()
    assert [entry["ended_by"] for entry in later.entries("end_watch")][-1] == "done"
    for path in server.data_dir.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path
    with open_office(read_settings(data_dir=server.data_dir)) as office, office.store.reading() as reader:
        assert PASSWORD in reader.monitor(monitor_id).asked.source
