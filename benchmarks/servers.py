"""A server process for benchmarks, and the picture that they send."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import skimage.data
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def numbered(jpeg: bytes, number: int) -> bytes:
    """Return the same picture with a comment that makes it another file."""
    comment = f"{number:012d}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
