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
import os
import platform
import socket
import statistics
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
from rich.console import Console
from rich.table import Table

from countenance.vision import FaceAnalyzer
from servers import numbered, one_face_jpeg, running
from vision import cpu

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers import Server

CLIENTS = (1, 8, 32)
COLLECTION = "benchmark"
ENROLLED_BEFORE = 100
BLOCK = 30
PAUSE_SECONDS = 0.3


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


def fill(server: Server, jpeg: bytes) -> None:
    connection = connected(server)
    ask(connection, server.signed("CreateCollection", CollectionId=COLLECTION))
    for number in range(ENROLLED_BEFORE):
        ask(connection, index_request(server, jpeg, number))


def index_request(server: Server, jpeg: bytes, number: int) -> tuple[bytes, dict[str, str]]:
    image = {"Bytes": base64.b64encode(numbered(jpeg, number)).decode()}
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
    """Compare a request's time with that of the same work in this process, a block of each in turns.

    After a block ONNX Runtime's threads go on spinning for a moment, which the pause leaves them.
    """
    analyzer = FaceAnalyzer.load()
    image = {"Bytes": base64.b64encode(jpeg).decode()}
    request = server.signed("DetectFaces", Image=image)
    connection = connected(server)
    over_wire, in_process = list[float](), list[float]()
    for _ in range(rounds // BLOCK):
        time.sleep(PAUSE_SECONDS)
        over_wire += [ask(connection, request) for _ in range(BLOCK)][1:]
        time.sleep(PAUSE_SECONDS)
        in_process += [timed(lambda: analyzer.faces(jpeg, templates=False)) for _ in range(BLOCK)][1:]
    wire, own = (1e3 * statistics.median(times) for times in (over_wire, in_process))
    empty = [ask(connection, server.signed("ListCollections")) for _ in range(rounds)]
    table = Table(
        "DetectFaces ms", "in process ms", "wire ms", "ListCollections ms", title="medians, one client"
    )
    table.add_row(f"{wire:.2f}", f"{own:.2f}", f"{wire - own:.2f}", f"{1e3 * statistics.median(empty):.2f}")
    return table


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


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
