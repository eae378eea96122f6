"""The server as a process: how it starts, stops, refuses and reports."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import BotoCoreError
from prometheus_client.parser import text_string_to_metric_families

from serving import COUNTENANCE, free_port, restart_server, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that a test may stop."""
    with running_server(tmp_path / "data") as server:
        yield server


def asked(server: RunningServer, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    address = urlsplit(server.endpoint_url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_request_that_is_being_worked_on_is_finished_before_the_server_stops(
    own_server: RunningServer, astronaut: Path
) -> None:
    client, image, answers = own_server.boto3_client(), {"Bytes": astronaut.read_bytes()}, list[int]()

    def ask() -> None:
        with suppress(BotoCoreError):  # the connection of a later request is refused
            while True:
                answers.append(len(client.detect_faces(Image=image)["FaceDetails"]))

    thread = threading.Thread(target=ask)
    thread.start()
    while not answers:
        time.sleep(0.01)
    assert own_server.stop() == 0
    thread.join()
    assert len(set(answers)) == 1
    finished = [json.loads(line) for line in own_server.log().splitlines() if '"DetectFaces"' in line]
    assert [line["code"] for line in finished] == ["OK"] * len(answers)


def test_an_interruption_stops_the_server_as_well(own_server: RunningServer) -> None:
    own_server.process.send_signal(signal.SIGINT)
    assert own_server.process.wait(30) in {0, 130}
    assert "Traceback" not in own_server.log()


def test_a_second_server_on_the_same_data_is_refused_until_the_first_is_gone(
    own_server: RunningServer,
) -> None:
    second = own_server.command("serve")
    assert second.returncode == 1
    assert "another server uses this database" in second.stderr
    own_server.process.kill()
    own_server.process.wait()
    again = restart_server(own_server)
    try:
        assert again.boto3_client().list_collections()["CollectionIds"] == []
    finally:
        assert again.stop() == 0


def test_a_port_that_is_taken_is_told_in_one_line(server: RunningServer, tmp_path: Path) -> None:
    port = str(urlsplit(server.endpoint_url).port)
    done = subprocess.run(
        [*COUNTENANCE, "serve", "--port", port, "--data-dir", tmp_path],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    problem = f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another --port"
    assert done.stderr == f"countenance: {problem}\n"


def test_health_and_readiness_need_no_key(server: RunningServer) -> None:
    assert asked(server, "GET", "/healthz") == (200, b'{"status":"alive"}')
    assert asked(server, "GET", "/readyz") == (200, b'{"status":"ready"}')


def test_metrics_count_requests_and_name_nobody(server: RunningServer, astronaut: Path) -> None:
    client = server.boto3_client()
    client.create_collection(CollectionId="secret-society")
    client.index_faces(
        CollectionId="secret-society",
        Image={"Bytes": astronaut.read_bytes()},
        ExternalImageId="eileen-collins",
    )
    text = asked(server, "GET", "/metrics")[1].decode()
    client.delete_collection(CollectionId="secret-society")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counted = [
        sample.value
        for sample in families["countenance_requests"].samples
        if sample.labels == {"operation": "IndexFaces", "code": "OK"} and sample.name.endswith("_total")
    ]
    assert counted[0] >= 1
    assert "secret-society" not in text
    assert "eileen" not in text


def test_log_lines_are_json_and_hold_nothing_of_people(tmp_path: Path, astronaut: Path) -> None:
    with running_server(tmp_path / "data", log_level="debug") as server:
        client = server.boto3_client()
        client.create_collection(CollectionId="secret-society")
        (record,) = client.index_faces(
            CollectionId="secret-society",
            Image={"Bytes": astronaut.read_bytes()},
            ExternalImageId="eileen-collins",
        )["FaceRecords"]
        client.create_user(CollectionId="secret-society", UserId="colonel")
        client.search_faces(CollectionId="secret-society", FaceId=record["Face"]["FaceId"])
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.describe_collection(CollectionId="secret-order")
        lines = server.log().splitlines()
        requests = [json.loads(line) for line in lines if line.startswith("{") and '"operation"' in line]
        named = {(line["operation"], line["code"]) for line in requests}
        assert {("IndexFaces", "OK"), ("DescribeCollection", "ResourceNotFoundException")} <= named
        for word in ("secret", "eileen", "colonel", record["Face"]["FaceId"], server.secret_access_key):
            assert word not in server.log()


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/v0"), ("GET", "/%2e%2e/etc/passwd")])
def test_other_paths_are_told_what_is_served(server: RunningServer, method: str, path: str) -> None:
    status, body = asked(server, method, path)
    assert status in {404, 405}
    assert b"Traceback" not in body


def test_a_body_that_is_too_large_is_refused_before_it_is_all_sent(server: RunningServer) -> None:
    address = urlsplit(server.endpoint_url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=30) as connection:
        head = f"POST / HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 99999999999\r\n\r\n"
        connection.sendall(head.encode())
        sent = 0
        try:
            for _ in range(40):
                connection.sendall(bytes(1_000_000))
                sent += 1_000_000
        except OSError:
            pass
        assert b" 413 " in connection.recv(100) or sent < 40_000_000
    assert asked(server, "GET", "/healthz")[0] == 200


def test_headers_without_end_do_not_fill_the_servers_memory(server: RunningServer) -> None:
    address = urlsplit(server.endpoint_url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        line = b"X-Header: " + b"a" * 10_000 + b"\r\n"
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            connection.sendall(line * 5_000)
    assert asked(server, "GET", "/healthz")[0] == 200


def test_a_key_is_made_at_the_first_start_only(own_server: RunningServer) -> None:
    assert own_server.stop() == 0
    again = restart_server(own_server)
    try:
        listed = [
            json.loads(line) for line in own_server.command("keys", "list", "--json").stdout.splitlines()
        ]
        assert [key["access_key_id"] for key in listed] == [own_server.access_key_id]
        assert listed[0]["administrator"]
        assert again.boto3_client().list_collections()["CollectionIds"] == []
    finally:
        again.stop()


def test_the_exports_are_four_lines_that_a_shell_takes_over(server: RunningServer) -> None:
    exports = server.command("env").stdout
    assert [line.split("=")[0] for line in exports.splitlines()] == [
        "export AWS_ACCESS_KEY_ID",
        "export AWS_SECRET_ACCESS_KEY",
        "export AWS_REGION",
        "export AWS_ENDPOINT_URL_REKOGNITION",
    ]
    code = "import boto3; print(boto3.client('rekognition').list_collections()['ResponseMetadata'])"
    program = f"""eval "$({sys.executable} -m countenance env)" && {sys.executable} -c "{code}" """
    environment = server.environment | {"COUNTENANCE_ENDPOINT_URL": server.endpoint_url}
    done = subprocess.run(["sh", "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert "'HTTPStatusCode': 200" in done.stdout, done.stderr


def test_the_master_key_is_rotated_while_the_server_answers(
    own_server: RunningServer, astronaut: Path
) -> None:
    client = own_server.boto3_client()
    client.create_collection(CollectionId="staff")
    image = {"Bytes": astronaut.read_bytes()}
    client.index_faces(CollectionId="staff", Image=image, ExternalImageId="one")
    for number in range(2):
        done = own_server.command("master-key", "rotate")
        assert done.returncode == 0, done.stderr
        client.index_faces(CollectionId="staff", Image=image, ExternalImageId=f"after-{number}")
    own_server.stop()
    again = restart_server(own_server)
    try:
        matches = again.boto3_client().search_faces_by_image(CollectionId="staff", Image=image)["FaceMatches"]
        assert {match["Face"]["ExternalImageId"] for match in matches} == {"one", "after-0", "after-1"}
    finally:
        again.stop()


def test_a_foreign_master_key_is_refused_at_the_start(own_server: RunningServer) -> None:
    own_server.stop()
    (own_server.data_dir / "master.key").unlink()
    done = own_server.command("serve")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "master key" in done.stderr


def test_a_port_that_was_just_left_can_be_used_again(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        with running_server(tmp_path / "data", port=port) as server:
            assert server.endpoint_url.endswith(f":{port}")
