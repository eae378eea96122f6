"""schemathesis finds no difference between what `/v1/openapi.json` says and what the server does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

TIMEOUT_SECONDS = 300
# Not every pair of members goes together (a consent that ends before it is given), and no schema says so.
CHECKS = ("--checks", "all", "--exclude-checks", "positive_data_acceptance")
# The same cases each time; `--max-examples` bounds those of each route, besides those of its boundaries.
CASES = ("--seed", "1", "--max-examples", "10", "--generation-database", "none")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own: what is made up here forbids, revokes and erases."""
    with running_server(tmp_path_factory.mktemp("fuzzed")) as started:
        yield started


def test_the_server_does_what_its_description_says(fuzzed: RunningServer, tmp_path: Path) -> None:
    configuration = tmp_path / "schemathesis.toml"
    token = f"Bearer {fuzzed.access_key_id}.{fuzzed.secret_access_key}"
    configuration.write_text(f"headers = {{ Authorization = {json.dumps(token)} }}\n")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            str(configuration),
            "run",
            f"{fuzzed.endpoint_url}/v1/openapi.json",
            "--no-color",
            *CHECKS,
            *CASES,
        ],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout, done.stdout[-5_000:]
    failures = [line for line in fuzzed.log().splitlines() if '"level": "error"' in line]
    assert failures == []
