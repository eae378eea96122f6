"""The demo's second half: a server of its own, asked as programs ask Amazon Rekognition, and stopped again.

The photographs' folder is the bucket ``pictures``. boto3 enrols both people and searches for them by changed
photographs; the AWS command line, where it is installed, compares two photographs.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from rich.text import Text

from countenance.doors.cli.tables import new_table
from countenance.doors.cli.words import percent
from countenance.errors import CountenanceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

_COLLECTION = "demo"
_BUCKET = "pictures"
_STARTED_WITHIN_SECONDS = 120
_STOPPED_WITHIN_SECONDS = 30


class DemoFailed(CountenanceError):
    """The demo's own server or client did not do what it should."""


def demonstrate_server(
    pictures: Path, people: Sequence[tuple[str, str, Sequence[str]]], console: Console
) -> None:
    """Enrol, search and compare through the wire API.

    Args:
        pictures: the folder of the photographs.
        people: a name, the file of a photograph, and the files of changed ones, for each.
        console: where the calls and their answers are printed.

    Raises:
        DemoFailed: the server did not start, or the AWS command line failed.
    """
    with tempfile.TemporaryDirectory(prefix="countenance-demo-") as data_dir:
        environment = os.environ | {
            "COUNTENANCE_DATA_DIR": data_dir,
            "COUNTENANCE_PORT": "0",
            "COUNTENANCE_BUCKETS": json.dumps({_BUCKET: str(pictures.resolve())}),
        }
        with _running(environment) as endpoint_url:
            exports = _exports(environment) | {"AWS_ENDPOINT_URL_REKOGNITION": endpoint_url}
            console.print(
                Text(f"\nthe same through Amazon Rekognition's API, at {endpoint_url}", style="bold")
            )
            table = new_table(console)
            for column in ("client", "call", "answer"):
                table.add_column(column)
            table.add_column("ms", justify="right")
            _ask_with_boto3(exports, people, table)
            _ask_with_command_line(exports, people, table)
            console.print(table)


def _ask_with_boto3(
    exports: dict[str, str], people: Sequence[tuple[str, str, Sequence[str]]], table: Table
) -> None:
    client: Any = boto3.client(
        "rekognition",
        endpoint_url=exports["AWS_ENDPOINT_URL_REKOGNITION"],
        region_name=exports["AWS_DEFAULT_REGION"],
        aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_collection(CollectionId=_COLLECTION)
    for person, photograph, _ in people:
        started = time.perf_counter()
        answer = client.index_faces(
            CollectionId=_COLLECTION,
            Image=_stored(photograph),
            ExternalImageId=re.sub(r"\W", "-", person),
            MaxFaces=1,
        )
        (record,) = answer["FaceRecords"]
        said = f"face {record['Face']['FaceId'][:8]}…"
        _add_row(table, "boto3", f"index_faces {photograph}", said, started)
    for _, _, changed in people:
        for name in changed:
            started = time.perf_counter()
            answer = client.search_faces_by_image(CollectionId=_COLLECTION, Image=_stored(name))
            found = ", ".join(
                f"{match['Face']['ExternalImageId']} {percent(match['Similarity'])}"
                for match in answer["FaceMatches"]
            )
            _add_row(table, "boto3", f"search_faces_by_image {name}", found or "nobody", started)
    client.close()


def _ask_with_command_line(
    exports: dict[str, str], people: Sequence[tuple[str, str, Sequence[str]]], table: Table
) -> None:
    beside = Path(sys.executable).with_name("aws")
    aws = str(beside) if beside.exists() else shutil.which("aws")
    if aws is None:
        table.add_row("aws", "compare-faces", "not tried: the AWS command line is not installed", "")
        return
    (_, source, _), (_, target, _) = people[0], people[1]
    command = [aws, "rekognition", "compare-faces", "--similarity-threshold", "0", "--output", "json"]
    command += ["--source-image", json.dumps(_stored(source)), "--target-image", json.dumps(_stored(target))]
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, env=os.environ | exports, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DemoFailed(f"the AWS command line failed: {done.stderr.strip()}")
    (match,) = json.loads(done.stdout)["FaceMatches"][:1]
    _add_row(table, "aws", f"compare-faces {source} {target}", percent(match["Similarity"]), started)


def _add_row(table: Table, client: str, call: str, answer: str, started: float) -> None:
    milliseconds = f"{1e3 * (time.perf_counter() - started):.0f}"
    table.add_row(client, Text(call), Text(answer), milliseconds)


def _stored(name: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": _BUCKET, "Name": name}}


@contextmanager
def _running(environment: dict[str, str]) -> Iterator[str]:
    """Start a server, yield its address when it answers, and stop it."""
    log_path = Path(environment["COUNTENANCE_DATA_DIR"], "server.log")
    command = [sys.executable, "-m", "countenance", "serve"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)  # noqa: S603 - ourselves
    try:
        yield _address(log_path, process)
    finally:
        process.terminate()
        process.wait(_STOPPED_WITHIN_SECONDS)


def _address(log_path: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _STARTED_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"serving (http\S+);", log_path.read_text(errors="replace"))
        if found:
            return found.group(1)
        time.sleep(0.05)
    raise DemoFailed(f"the server did not start: {log_path.read_text(errors='replace')[-1000:]}")


def _exports(environment: dict[str, str]) -> dict[str, str]:
    """Return what ``countenance env`` prints."""
    command = [sys.executable, "-m", "countenance", "env"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    return dict(word.split("=", 1) for word in shlex.split(done.stdout) if "=" in word)
