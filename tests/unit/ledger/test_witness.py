"""A witness keeps what it is given, whole, and says so only when it does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countenance.errors import WitnessUnavailable
from countenance.ledger import (
    Checkpoint,
    VerifierKey,
    leaf_hash,
    read_checkpoint,
    sign_checkpoint,
    witness_of,
)
from countenance.ledger.witness import FolderWitness, WebWitness
from serving import free_port

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PATIENCE_SECONDS = 1


def checkpoint(size: int, of: bytes = b"root") -> tuple[Checkpoint, str]:
    made = Checkpoint("countenance", size, leaf_hash(of))
    return made, sign_checkpoint(made, SIGNER)


def test_a_folder_gets_a_file_for_each_checkpoint(tmp_path: Path) -> None:
    witness = witness_of(str(tmp_path / "made" / "by" / "it"))
    for size in (1, 7, 1_000_000_000_000):
        witness.keep(*checkpoint(size))
    files = sorted((tmp_path / "made" / "by" / "it").iterdir())
    assert [file.name for file in files] == [
        "checkpoint-000000000001.txt",
        "checkpoint-000000000007.txt",
        "checkpoint-1000000000000.txt",
    ]
    for file, size in zip(files, (1, 7, 1_000_000_000_000), strict=True):
        assert read_checkpoint(file.read_text("utf-8"), VerifierKey.of("countenance", SIGNER)).size == size


def test_the_same_checkpoint_may_come_again(tmp_path: Path) -> None:
    witness = FolderWitness(tmp_path)
    witness.keep(*checkpoint(7))
    (file,) = tmp_path.iterdir()
    before = file.stat()
    witness.keep(*checkpoint(7))
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_checkpoint_of_the_same_size_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    witness = FolderWitness(tmp_path)
    witness.keep(*checkpoint(7))
    with pytest.raises(WitnessUnavailable, match="has another checkpoint of that size"):
        witness.keep(*checkpoint(7, b"a rewritten ledger"))
    (file,) = tmp_path.iterdir()
    assert file.read_text("utf-8") == checkpoint(7)[1]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WitnessUnavailable, match="cannot be written"):
        FolderWitness(tmp_path / "file").keep(*checkpoint(7))


def test_what_could_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("os.fsync", fail)
        with pytest.raises(WitnessUnavailable, match="No space left"):
            FolderWitness(tmp_path).keep(*checkpoint(7))
    assert list(tmp_path.iterdir()) == []
    FolderWitness(tmp_path).keep(*checkpoint(7))


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as killed:
        killed.setattr("os.fsync", die)
        with pytest.raises(Killed):
            FolderWitness(tmp_path).keep(*checkpoint(7))
    assert not list(tmp_path.glob("checkpoint-*"))
    FolderWitness(tmp_path).keep(*checkpoint(7))
    assert len(list(tmp_path.glob("checkpoint-*"))) == 1


def test_a_file_that_is_no_text_is_another_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "checkpoint-000000000007.txt").write_bytes(b"\xff")
    with pytest.raises(WitnessUnavailable):
        FolderWitness(tmp_path).keep(*checkpoint(7))


def test_one_that_came_at_the_same_time_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "checkpoint-000000000007.txt"
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("os.fsync", lambda _: theirs.write_text("theirs", "utf-8"))
        with suppress(WitnessUnavailable):
            FolderWitness(tmp_path).keep(*checkpoint(7))
    assert theirs.read_text("utf-8") == "theirs"


class Received:
    """A web server that answers as it is told, and what it received."""

    def __init__(self, status: int, **headers: str) -> None:
        self.requests: list[tuple[str, str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805
                body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
                self.requests.append((handler.command, handler.headers.get("Content-Type", ""), body))
                moved = bool(headers) and handler.path == "/"
                handler.send_response(status if moved or not headers else 200)
                for name, value in headers.items() if moved else ():
                    handler.send_header(name, value)
                handler.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(handler, *_: object) -> None:  # noqa: N805
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@contextmanager
def web_server(status: int, **headers: str) -> Iterator[Received]:
    received = Received(status, **headers)
    thread = threading.Thread(target=received.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield received
    finally:
        received.server.shutdown()
        received.server.server_close()
        thread.join()


@contextmanager
def raw_server(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Accept one connection and do anything with it."""
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                answer(connection)

        done = pool.submit(serve)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        done.result()


def test_a_web_server_gets_the_note_as_it_is() -> None:
    made, note = checkpoint(7)
    for status in (200, 201, 204):
        with web_server(status) as server:
            witness_of(server.url).keep(made, note)
        assert server.requests == [("POST", "text/plain; charset=utf-8", note.encode())]


@pytest.mark.parametrize("status", [400, 401, 404, 409, 429, 500, 503])
def test_a_server_that_refuses_has_not_kept_it(status: int) -> None:
    with (
        web_server(status) as server,
        pytest.raises(WitnessUnavailable, match="cannot be reached: HTTPError"),
    ):
        WebWitness(server.url).keep(*checkpoint(7))


@pytest.mark.parametrize("status", [307, 308])
def test_a_server_that_sends_us_elsewhere_with_the_note_has_not_kept_it(status: int) -> None:
    with web_server(status, Location="/elsewhere") as server, pytest.raises(WitnessUnavailable):
        WebWitness(server.url).keep(*checkpoint(7))


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_server_that_sends_us_elsewhere_has_not_kept_it(status: int) -> None:
    with web_server(status, Location="/elsewhere") as server, pytest.raises(WitnessUnavailable):
        WebWitness(server.url).keep(*checkpoint(7))


def test_where_nobody_listens_nothing_is_kept() -> None:
    with pytest.raises(WitnessUnavailable, match="cannot be reached: URLError"):
        WebWitness(f"http://127.0.0.1:{free_port()}/").keep(*checkpoint(7))


@pytest.mark.parametrize("address", ["http://", "https://127.0.0.1:1/"])
def test_an_address_of_nobody_is_told(address: str) -> None:
    with pytest.raises(WitnessUnavailable):
        WebWitness(address).keep(*checkpoint(7))


@pytest.mark.parametrize("address", ["http://127.0.0.1:x/", "http://127.0.0.1:1/a b"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(WitnessUnavailable):
        WebWitness(address).keep(*checkpoint(7))


def test_a_server_that_hangs_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countenance.ledger.witness._SECONDS", PATIENCE_SECONDS)
    over = threading.Event()
    began = time.monotonic()
    with raw_server(lambda _: over.wait(60)) as url:
        with pytest.raises(WitnessUnavailable, match="cannot be reached: TimeoutError"):
            WebWitness(url).keep(*checkpoint(7))
        waited = time.monotonic() - began
        over.set()
    assert waited < 20 * PATIENCE_SECONDS


def test_a_server_that_hangs_up_has_kept_nothing() -> None:
    with raw_server(lambda connection: connection.close()) as url, pytest.raises(WitnessUnavailable):
        WebWitness(url).keep(*checkpoint(7))


def test_a_server_that_speaks_something_else_has_kept_nothing() -> None:
    def speak(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

    with raw_server(speak) as url, pytest.raises(WitnessUnavailable):
        WebWitness(url).keep(*checkpoint(7))


def test_what_begins_with_http_is_an_address_and_all_else_a_folder(tmp_path: Path) -> None:
    assert isinstance(witness_of("http://witness.example/log"), WebWitness)
    assert isinstance(witness_of("https://witness.example/log"), WebWitness)
    assert isinstance(witness_of(str(tmp_path)), FolderWitness)
    assert isinstance(witness_of("httpd/checkpoints"), FolderWitness)
