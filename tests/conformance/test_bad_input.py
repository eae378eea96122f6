"""Whatever comes over the wire is answered with Amazon's name for what is wrong, and the server goes on."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from conformance import pictures
from conformance.bad_input import BadInput, Ground
from conformance.bad_parameters import CONSTRAINTS, NOT_THERE, TYPES
from conformance.bad_pictures import NOBODY, OBJECTS, PICTURES, transparent_bomb
from conformance.bad_requests import BODIES, TARGETS
from conformance.bad_signatures import SIGNATURES
from conformance.clients import check_reply
from conformance.keys import create_key, revoke_key
from conformance.wire import Message, Reply, Wire
from countenance.doors.rekognition.actions import ACTIONS
from countenance.doors.rekognition.service_model import service_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

ROWS = [*TARGETS, *BODIES, *SIGNATURES, *TYPES, *CONSTRAINTS, *NOT_THERE, *PICTURES, *OBJECTS, *NOBODY]
MAX_REQUEST_BYTES = 16_777_216


@pytest.fixture(scope="module")
def ground(server: RunningServer, client: Any, buckets: Path, collins: bytes) -> Iterator[Ground]:
    limited = create_key(server, ["ListCollections", "Search*"], ["public-*"])
    revoked = create_key(server)
    revoke_key(server, revoked.key_id)
    arn = client.create_collection(CollectionId="ground")["CollectionArn"]
    for picture in (collins, pictures.lighter(collins, 0.9)):
        client.index_faces(CollectionId="ground", Image={"Bytes": picture})
    client.create_user(CollectionId="ground", UserId="collins")
    page = client.list_faces(CollectionId="ground", MaxResults=1)
    _fill(buckets, collins)
    yield Ground(
        wire=Wire(server.endpoint_url, server.access_key_id, server.secret_access_key),
        limited=Wire(server.endpoint_url, limited.key_id, limited.secret),
        revoked=Wire(server.endpoint_url, revoked.key_id, revoked.secret),
        collection="ground",
        face_id=page["Faces"][0]["FaceId"],
        arn=arn,
        picture=collins,
        faces_token=page["NextToken"],
    )
    client.delete_collection(CollectionId="ground")


def _fill(bucket: Path, picture: bytes) -> None:
    """Put into a bucket what may be read, what is no picture, and a link to what lies outside."""
    (bucket / "folder").mkdir()
    (bucket / "collins.jpg").write_bytes(picture)
    (bucket / "words.jpg").write_text("These are words.")
    (bucket / "too-large.jpg").write_bytes(picture + bytes(15_728_641 - len(picture)))
    (bucket.parent / "secret.jpg").write_bytes(picture)
    (bucket / "link.jpg").symlink_to(bucket.parent / "secret.jpg")


def is_up(ground: Ground) -> bool:
    return ground.wire.send(ground.wire.message("ListCollections")).status == 200


def test_the_table_has_a_name_for_every_row() -> None:
    names = [row.what for row in ROWS]
    assert len(names) == len(set(names)) >= 150


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_bad_input_is_answered_with_amazons_error(ground: Ground, row: BadInput) -> None:
    message = row.send(ground)
    reply = ground.wire.send(message)
    assert (reply.code, reply.status) == (row.code, row.status), reply.body[:500]
    assert row.words in reply.message
    assert len(reply.message) < 10_000
    _check_as_amazons(message, reply)
    assert is_up(ground)


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", "/", {404, 405}),
        ("PUT", "/", {404, 405}),
        ("OPTIONS", "/", {404, 405}),
        ("TRACE", "/", {404, 405}),
        ("POST", "/collections", {404}),
        ("POST", "/../../etc/passwd", {404}),
        ("POST", "/" + "a" * 60_000, {400, 404, 414}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_post_to_the_root_is_refused(
    ground: Ground, method: str, path: str, statuses: set[int]
) -> None:
    reply = ground.wire.send(ground.wire.message("ListCollections", method=method, path=path))
    assert reply.status in statuses
    assert is_up(ground)


def test_a_body_over_the_limit_is_refused(ground: Ground) -> None:
    sent = ground.wire.message("DetectFaces", b" " * (MAX_REQUEST_BYTES + 1))
    reply = ground.wire.send(sent)
    assert (reply.code, reply.status) == ("RequestEntityTooLargeException", 413)
    assert is_up(ground)


def test_a_chunked_body_is_read_and_one_over_the_limit_is_not(ground: Ground) -> None:
    message = ground.wire.message("ListCollections", {"MaxResults": 1})
    good = ground.wire.send_bytes(_chunked(message, [message.body[:5], message.body[5:]]))
    assert good.startswith(b"HTTP/1.1 200")
    large = ground.wire.message("DetectFaces", b" " * (MAX_REQUEST_BYTES + 1))
    sent = _chunked(large, [large.body[at : at + 2**20] for at in range(0, len(large.body), 2**20)])
    assert ground.wire.send_bytes(sent)[:12] in (b"HTTP/1.1 413", b"")  # refused before it was all sent
    assert is_up(ground)


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the first bytes of TLS
        b"HELO server\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nX\x00Y: z\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:48])[2:-1],
)
def test_bytes_that_are_no_good_http_harm_nobody(ground: Ground, sent: bytes) -> None:
    received = ground.wire.send_bytes(sent)
    assert not received or re.match(rb"HTTP/1\.1 4\d\d ", received), received[:200]
    assert is_up(ground)


def test_a_body_shorter_than_promised_keeps_nobody_waiting_but_its_sender(ground: Ground) -> None:
    message = ground.wire.message("ListCollections").having(Content_Length="1000")
    address = urlsplit(ground.wire.endpoint_url)
    with socket.create_connection((address.hostname, address.port), 5) as connection:
        connection.sendall(_head(message) + message.body)
        assert is_up(ground)
    assert is_up(ground)


def test_a_body_longer_than_promised_is_not_what_was_signed(ground: Ground) -> None:
    message = ground.wire.message("ListCollections", {"MaxResults": 100})
    cut = message.having(Content_Length=str(len(message.body) - 1), Connection="close")
    received = ground.wire.send_bytes(_head(cut) + message.body)
    assert received.startswith(b"HTTP/1.1 400")
    assert b"InvalidSignatureException" in received
    assert is_up(ground)


def test_every_operation_of_amazons_that_is_not_served_says_so(ground: Ground) -> None:
    for operation in set(service_model().operation_names) - set(ACTIONS):
        reply = ground.wire.send(ground.wire.message(operation))
        assert (reply.code, reply.status) == ("UnknownOperationException", 400)
        assert f"{operation} is an operation of Amazon Rekognition that this server" in reply.message


def test_a_large_picture_of_few_bytes_is_read_without_harm(ground: Ground) -> None:
    reply = ground.wire.send(ground.detect(transparent_bomb()))
    assert reply.status == 200
    assert is_up(ground)


def test_errors_tell_nothing_of_the_servers_insides(ground: Ground) -> None:
    for row in (*OBJECTS, *BODIES, *PICTURES):
        reply = ground.wire.send(row.send(ground))
        assert not re.search(rb"Traceback|site-packages|\.py\b|/tmp|sqlite", reply.body), row.what


def test_the_server_stays_within_its_memory(ground: Ground, server: RunningServer) -> None:
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell a process's memory in /proc")

    def resident_mib() -> float:
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def send_all() -> None:
        for row in ROWS:
            ground.wire.send(row.send(ground))

    send_all()
    before = resident_mib()
    for _ in range(2):
        send_all()
    assert resident_mib() < before + 64


def test_the_server_wrote_no_trace_of_an_error(ground: Ground, server: RunningServer) -> None:
    assert is_up(ground)
    log = server.log()
    assert '"trace":' not in log
    assert "Traceback" not in log
    assert "InternalServerError" not in log


def test_after_all_that_a_good_request_is_answered(ground: Ground) -> None:
    found = ground.wire.send(ground.in_collection("SearchFaces", FaceId=ground.face_id))
    assert found.status == 200
    assert b"FaceMatches" in found.body


@pytest.mark.shared
@pytest.mark.slow
def test_a_hostile_file_is_a_picture_or_a_documented_error(ground: Ground, shared: Path) -> None:
    files = sorted(path for path in (shared / "data" / "hostile").rglob("*") if path.is_file())
    assert files
    for path in files:
        reply = ground.wire.send(ground.detect(path.read_bytes()))
        assert reply.status == 200 or (reply.status, reply.code) in {
            (400, "InvalidImageFormatException"),
            (400, "ImageTooLargeException"),
            (400, "InvalidParameterException"),  # less than 80 pixels
            (400, "ValidationException"),  # an empty file
            (413, "RequestEntityTooLargeException"),
        }, f"{path}: {reply.code} {reply.body[:200]!r}"
    assert is_up(ground)


def _check_as_amazons(message: Message, reply: Reply) -> None:
    """Check the answer as an SDK's would be, where what was asked is an operation at all."""
    name = message.headers["X-Amz-Target"].rpartition(".")[2]
    if name in ACTIONS:
        check_reply(service_model().operation_model(name), reply.status, reply.headers, reply.body)


def _head(message: Message) -> bytes:
    headers = {"Content-Length": str(len(message.body))} | message.headers
    lines = [f"{message.method} {message.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _chunked(message: Message, parts: list[bytes]) -> bytes:
    headers = message.having(Transfer_Encoding="chunked", Connection="close").headers
    head = _head(Message(b"", headers)).replace(b"Content-Length: 0\r\n", b"")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return head + chunks + b"0\r\n\r\n"
