"""A gallery of a million faces beside one of ten, through the API: nothing may take another order of time.

    python benchmarks/large_gallery.py [--sizes 10 1000000] [--rounds 100]

Templates that lie like those of faces are put into the store, as so many photographs would take days; all
that is measured then is asked of a server with boto3. Prints the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import numpy as np
from botocore.config import Config
from rich.console import Console
from rich.table import Table

from galleries import fill, open_store, people
from servers import numbered, one_face_jpeg, running
from vision import cpu

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from servers import Server

COLLECTION = "people"
CLIENTS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1_000_000])
    parser.add_argument("--rounds", type=int, default=100, help="requests of each kind")
    options = parser.parse_args()
    console = Console(width=120)
    console.print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    columns = [measured(size, options.rounds, console) for size in options.sizes]
    table = Table("", *(f"{size:,} faces" for size in options.sizes), title="one collection")
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    console.print(table)


def measured(size: int, rounds: int, console: Console) -> dict[str, str]:
    """Return what was measured of a gallery, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(folder)
        seconds, _ = timed(lambda: fill(store, COLLECTION, "dlib-cc0", people(size)))
        store.close()
        console.print(f"{size:,} faces put into the store in {seconds:.0f} s")
        figures: dict[str, str] = {"database": f"{database_mb(folder):,.0f} MB"}
        enrolled = use(folder, rounds, figures)
        use_again(folder, enrolled, figures)
        return figures


def use(folder: Path, rounds: int, figures: dict[str, str]) -> list[str]:
    """Ask a server for everything, kill it, and return the ids of the faces that it said are enrolled."""
    with running(folder) as (server, ready_seconds):
        client, picture = client_of(server), one_face_jpeg()
        figures["start to ready"] = f"{ready_seconds:.1f} s"
        search = {"CollectionId": COLLECTION, "Image": {"Bytes": picture}}
        figures["first search, index built"] = shown([timed(client.search_faces_by_image, **search)[0]])
        figures["memory"] = f"{server.resident_mib():,.0f} MiB"

        def index(number: int) -> list[str]:
            image = {"Bytes": numbered(picture, number)}
            answer = client.index_faces(CollectionId=COLLECTION, Image=image)
            return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]

        times, answers = many(rounds, index)
        face_ids = [face_id for answer in answers for face_id in answer]
        figures["IndexFaces"] = shown(times)
        figures["SearchFacesByImage"] = shown(
            many(rounds, lambda _: client.search_faces_by_image(**search))[0]
        )
        figures["SearchFaces"] = shown(
            many(rounds, lambda n: client.search_faces(CollectionId=COLLECTION, FaceId=face_ids[n]))[0]
        )
        figures["ListFaces, a page of 1,000"] = shown(
            many(rounds, lambda _: client.list_faces(CollectionId=COLLECTION, MaxResults=1000))[0]
        )
        figures["DescribeCollection"] = shown(
            many(rounds, lambda _: client.describe_collection(CollectionId=COLLECTION))[0]
        )
        figures["DeleteFaces, one"] = shown(
            many(rounds // 2, lambda n: client.delete_faces(CollectionId=COLLECTION, FaceIds=[face_ids[n]]))[
                0
            ]
        )
        slowest, added = searching_while_enrolling(server, picture, rounds)
        figures[f"slowest of {CLIENTS} clients that enrol and search"] = f"{slowest:.2f} s"
        server.process.send_signal(signal.SIGKILL)
        return face_ids[rounds // 2 :] + added


def use_again(folder: Path, enrolled: Sequence[str], figures: dict[str, str]) -> None:
    """Start a server on what a killed one left behind, look for the faces, and delete the collection."""
    with running(folder) as (server, ready_seconds):
        client = client_of(server)
        search = {"CollectionId": COLLECTION, "FaceId": enrolled[0], "MaxFaces": 1}
        seconds, _ = timed(client.search_faces, **search)
        figures["killed; start to first answer of a search"] = f"{ready_seconds + seconds:.1f} s"
        found = [
            face["FaceId"]
            for start in range(0, len(enrolled), 1000)
            for face in client.list_faces(
                CollectionId=COLLECTION, FaceIds=enrolled[start : start + 1000], MaxResults=1000
            )["Faces"]
        ]
        figures["enrolled faces that are there then"] = f"{len(found)} of {len(enrolled)}"
        seconds, _ = timed(client.delete_collection, CollectionId=COLLECTION)
        figures["DeleteCollection"] = f"{seconds:.2f} s"


def searching_while_enrolling(server: Server, picture: bytes, rounds: int) -> tuple[float, list[str]]:
    """Return the longest time that one of several clients waited, and the ids of new faces."""
    slowest: list[float] = []
    face_ids: list[str] = []

    def work(number: int) -> None:
        client = client_of(server)
        for turn in range(max(rounds // CLIENTS, 1)):
            image = {"Bytes": numbered(picture, 1_000_000 + 1_000 * number + turn)}
            seconds, answer = timed(client.index_faces, CollectionId=COLLECTION, Image=image)
            face_ids.extend(record["Face"]["FaceId"] for record in answer["FaceRecords"])
            slowest.append(seconds)
            slowest.append(timed(client.search_faces_by_image, CollectionId=COLLECTION, Image=image)[0])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(slowest), face_ids


def client_of(server: Server) -> Any:
    """Return a boto3 client that tries once: a refusal or a time-out ends the benchmark."""
    return boto3.client(
        "rekognition",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.credentials.access_key,
        aws_secret_access_key=server.credentials.secret_key,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


def timed(call: Callable[..., Any], **arguments: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = call(**arguments)
    return time.perf_counter() - started, answer


def many(rounds: int, call: Callable[[int], Any]) -> tuple[list[float], list[Any]]:
    """Return the times and answers of a call with each number."""
    pairs = [timed(partial(call, number)) for number in range(rounds)]
    return [seconds for seconds, _ in pairs], [answer for _, answer in pairs]


def shown(times: Sequence[float]) -> str:
    if len(times) == 1:
        return f"{times[0]:.2f} s"
    p50, p95 = (1e3 * float(value) for value in np.percentile(times, (50, 95)))
    return f"{p50:.1f} ms, p95 {p95:.1f}"


def database_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.glob("countenance.sqlite*")) / 1e6


if __name__ == "__main__":
    main()
