"""A real server process for tests: started on a free port with a data folder of its own."""

from __future__ import annotations

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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READY_WITHIN_SECONDS = 90
STOPPED_WITHIN_SECONDS = 40


@dataclass(slots=True)
class RunningServer:
    """A server that answers, and an administrator's key to it."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str
    data_dir: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def client_environment(self) -> dict[str, str]:
        """Environment variables of a client of this server."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return others | {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_REKOGNITION": self.endpoint_url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
        }

    def boto3_client(self, retries: int = 1, **options: Any) -> Any:
        """Return a client; by default it tries once, so that a test sees every error."""
        administrators = {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
        }
        return boto3.client(
            "rekognition",
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": retries, "mode": "standard"}),
            **administrators | options,
        )

    def command(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``countenance …`` on the server's data."""
        command = [*COUNTENANCE, *arguments]
        return subprocess.run(
            command, cwd=cwd, env=self.environment, capture_output=True, text=True, timeout=60
        )

    def log(self) -> str:
        """Return what the server has written to its log so far."""
        return (self.data_dir / "server.log").read_text()

    def stop(self) -> int:
        """Stop the server as an operator does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOPPED_WITHIN_SECONDS)


COUNTENANCE = (sys.executable, "-m", "countenance")


@contextmanager
def running_server(data_dir: Path, **settings: object) -> Iterator[RunningServer]:
    """Start a server and stop it in the end, if it still runs; ``settings`` as in `countenance settings`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    server = start_server(data_dir, **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def start_server(data_dir: Path, **settings: object) -> RunningServer:
    """Start a server and wait until it is ready; whoever calls stops it."""
    environment = _environment(data_dir, settings)
    process, endpoint_url = _started(environment, data_dir)
    exports = subprocess.run(
        [*COUNTENANCE, "env"], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    words = dict(word.split("=", 1) for word in shlex.split(exports.stdout) if "=" in word)
    return RunningServer(
        endpoint_url=endpoint_url,
        access_key_id=words["AWS_ACCESS_KEY_ID"],
        secret_access_key=words["AWS_SECRET_ACCESS_KEY"],
        data_dir=data_dir,
        environment=environment,
        process=process,
    )


def restart_server(server: RunningServer) -> RunningServer:
    """Start a server again on the same data, wherever the one before ended."""
    process, endpoint_url = _started(server.environment, server.data_dir)
    return replace(server, process=process, endpoint_url=endpoint_url)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_ready(endpoint_url: str) -> bool:
    """Tell whether the server says that it is ready."""
    try:
        with urllib.request.urlopen(f"{endpoint_url}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _started(environment: dict[str, str], data_dir: Path) -> tuple[subprocess.Popen[bytes], str]:
    with (data_dir / "server.log").open("ab") as log:
        start = log.tell()
        process = subprocess.Popen([*COUNTENANCE, "serve"], env=environment, stdout=log, stderr=log)
    try:
        return process, _address(data_dir / "server.log", process, start)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _environment(data_dir: Path, settings: dict[str, object]) -> dict[str, str]:
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("COUNTENANCE_", "AWS_"))
    }
    values = {"data_dir": str(data_dir), "port": 0, "log_format": "json"} | settings
    shown = {
        name: json.dumps(value, default=str) if isinstance(value, dict) else str(value)
        for name, value in values.items()
    }
    kept = {name: os.environ[name] for name in ("COUNTENANCE_CACHE_DIR",) if name in os.environ}
    return ours | kept | {f"COUNTENANCE_{name.upper()}": value for name, value in shown.items()}


def _address(log: Path, process: subprocess.Popen[bytes], start: int) -> str:
    """Wait for the line in which the server says where it is, and until it is ready."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_bytes()[start:].decode(errors="replace").splitlines():
            _, found, rest = line.partition("serving ")
            if found and is_ready(rest.split(";")[0]):
                return rest.split(";")[0]
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")
