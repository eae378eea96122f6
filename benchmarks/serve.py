"""A server under load: latency, throughput, the wire's own cost, and memory over 10,000 requests.

    python benchmarks/serve.py [--seconds 10] [--requests 10000]

Starts `countenance serve` on a free port with a data folder of its own, and asks it over HTTP with requests
that botocore signed beforehand, so that the clients cost little. The wire's cost is the median time of a
request minus the median time that the same work takes in a process without a server, in turns.
Prints the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import io
import json
import os
import platform
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import skimage.data
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from PIL import Image
from rich.console import Console
from rich.table import Table

from countenance.vision import FaceAnalyzer
from vision import cpu

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENTS = (1, 8, 32)
COLLECTION = "benchmark"
ENROLLED_BEFORE = 100
_STARTED_WITHIN_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A running server and the key to it."""

    url: str
    credentials: Credentials
    process: subprocess.Popen[bytes]

    def signed(self, operation: str, **parameters: object) -> tuple[bytes, dict[str, str]]:
        """Return the body and headers of a request; they are good for five minutes."""
        body = json.dumps(parameters).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"RekognitionService.{operation}",
        }
        request = AWSRequest("POST", self.url + "/", headers, body)
        SigV4Auth(self.credentials, "rekognition", "us-east-1").add_auth(request)
        return body, dict(request.headers.items())

    def resident_mib(self) -> float:
        """Return the server's resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each measurement")
    parser.add_argument("--requests", type=int, default=10_000, help="requests of the memory measurement")
    options = parser.parse_args()
    console = Console(width=120)
    console.print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    picture = one_face_jpeg()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (server, ready_seconds):
        console.print(f"start to ready {ready_seconds:.1f} s; idle {server.resident_mib():.0f} MiB")
        fill(server, picture)
        console.print(load_table(server, picture, options.seconds))
        console.print(wire_table(server, picture))
        console.print(memory_table(server, picture, options.requests))


@contextmanager
def running(folder: Path) -> Iterator[tuple[Server, float]]:
    """Start a server with default settings and stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"COUNTENANCE_DATA_DIR": str(folder), "COUNTENANCE_PORT": str(port)}
    command = [sys.executable, "-m", "countenance"]
    started = time.perf_counter()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([*command, "serve"], env=environment, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        while not answers(url + "/readyz"):
            if process.poll() is not None or time.perf_counter() - started > _STARTED_WITHIN_SECONDS:
                raise RuntimeError((folder / "server.log").read_text())
            time.sleep(0.02)
        ready_seconds = time.perf_counter() - started
        exports = subprocess.run(
            [*command, "env"], env=environment, capture_output=True, text=True, check=True
        )
        words = dict(word.split("=", 1) for word in shlex.split(exports.stdout) if "=" in word)
        credentials = Credentials(words["AWS_ACCESS_KEY_ID"], words["AWS_SECRET_ACCESS_KEY"])
        yield Server(url, credentials, process), ready_seconds
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310
            return bool(response.status == 200)
    except OSError:
        return False


def one_face_jpeg() -> bytes:
    """Return a picture of one face, 640×480."""
    astronaut = Image.fromarray(skimage.data.astronaut()).resize((480, 480))
    canvas = Image.new("RGB", (640, 480), "grey")
    canvas.paste(astronaut, (80, 0))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=90)
    return file.getvalue()


def numbered(jpeg: bytes, number: int) -> str:
    """Return the same picture with a comment that makes it another file, in base64."""
    comment = f"{number:012d}".encode()
    content = jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
    return base64.b64encode(content).decode()


def fill(server: Server, jpeg: bytes) -> None:
    connection = connected(server)
    ask(connection, server.signed("CreateCollection", CollectionId=COLLECTION))
    for number in range(ENROLLED_BEFORE):
        ask(connection, index_request(server, jpeg, number))


def index_request(server: Server, jpeg: bytes, number: int) -> tuple[bytes, dict[str, str]]:
    image = {"Bytes": numbered(jpeg, number)}
    return server.signed("IndexFaces", CollectionId=COLLECTION, Image=image, ExternalImageId=f"n{number}")


def connected(server: Server) -> http.client.HTTPConnection:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.connect()
    assert connection.sock is not None
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection: http.client.HTTPConnection, request: tuple[bytes, dict[str, str]]) -> float:
    """Send a request, check that it succeeded, and return the seconds until its answer was read."""
    body, headers = request
    started = time.perf_counter()
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    answer = response.read()
    seconds = time.perf_counter() - started
    assert response.status == 200, answer
    return seconds


def load_table(server: Server, jpeg: bytes, seconds: float) -> Table:
    image = {"Bytes": base64.b64encode(jpeg).decode()}
    numbers = iter(range(ENROLLED_BEFORE, 10**9))
    lock = threading.Lock()

    def index() -> tuple[bytes, dict[str, str]]:
        with lock:
            number = next(numbers)
        return index_request(server, jpeg, number)

    makers: dict[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
        "DetectFaces": partial(server.signed, "DetectFaces", Image=image),
        "IndexFaces": index,
        "SearchFacesByImage": partial(
            server.signed, "SearchFacesByImage", CollectionId=COLLECTION, Image=image, MaxFaces=5
        ),
    }
    table = Table(
        "operation", "clients", "requests/s", "p50 ms", "p90 ms", "p99 ms", title="one face, 640×480"
    )
    for operation, make in makers.items():
        for clients in CLIENTS:
            times, rate = load(server, make, clients, seconds)
            p50, p90, p99 = (1e3 * float(value) for value in np.percentile(times, (50, 90, 99)))
            table.add_row(operation, str(clients), f"{rate:.1f}", f"{p50:.1f}", f"{p90:.1f}", f"{p99:.1f}")
    return table


def load(
    server: Server, make: Callable[[], tuple[bytes, dict[str, str]]], clients: int, seconds: float
) -> tuple[list[float], float]:
    """Return the times of all requests of so many clients, and requests per second."""
    times: list[float] = []

    def client() -> None:
        connection = connected(server)
        while time.perf_counter() < end:
            times.append(ask(connection, make()))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    end = started + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(times) / (time.perf_counter() - started)


def wire_table(server: Server, jpeg: bytes, rounds: int = 300) -> Table:
    """Compare a request's time with that of the same work in this process, in turns."""
    analyzer = FaceAnalyzer.load()
    image = {"Bytes": base64.b64encode(jpeg).decode()}
    request = server.signed("DetectFaces", Image=image)
    connection = connected(server)
    over_wire, in_process = [], []
    for _ in range(rounds):
        over_wire.append(ask(connection, request))
        started = time.perf_counter()
        analyzer.faces(jpeg, templates=False)
        in_process.append(time.perf_counter() - started)
    wire, own = (1e3 * statistics.median(times[rounds // 10 :]) for times in (over_wire, in_process))
    empty = [ask(connection, server.signed("ListCollections")) for _ in range(rounds)]
    table = Table(
        "DetectFaces ms", "in process ms", "wire ms", "ListCollections ms", title="medians, one client"
    )
    table.add_row(f"{wire:.2f}", f"{own:.2f}", f"{wire - own:.2f}", f"{1e3 * statistics.median(empty):.2f}")
    return table


def memory_table(server: Server, jpeg: bytes, requests: int) -> Table:
    table = Table(
        "requests", "resident MiB", title="memory over DetectFaces and SearchFacesByImage, 8 clients"
    )
    image = {"Bytes": base64.b64encode(jpeg).decode()}
    makers = (
        partial(server.signed, "DetectFaces", Image=image),
        partial(server.signed, "SearchFacesByImage", CollectionId=COLLECTION, Image=image),
    )
    step = max(requests // 10, 1)
    for done in range(0, requests, step):
        table.add_row(f"{done:,}", f"{server.resident_mib():.0f}")
        send_many(server, makers, step)
    table.add_row(f"{requests:,}", f"{server.resident_mib():.0f}")
    return table


def send_many(
    server: Server, makers: tuple[Callable[[], tuple[bytes, dict[str, str]]], ...], count: int
) -> None:
    places = iter(range(count))
    lock = threading.Lock()

    def client() -> None:
        connection = connected(server)
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                return
            ask(connection, makers[place % len(makers)]())

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
