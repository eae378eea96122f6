"""The README's Python does what it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serving import running_server

if TYPE_CHECKING:
    from serving import RunningServer

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
WITH_THE_SERVER, ACCOUNTABLE, WITH_THE_LIBRARY = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the demo has left its pictures."""
    folder = tmp_path_factory.mktemp("reader")
    command = [sys.executable, "-m", "countenance", "demo"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def printed(code: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


def test_the_readmes_python_for_the_server_finds_the_person(folder: Path, server: RunningServer) -> None:
    said = printed(WITH_THE_SERVER, folder, server.client_environment)
    server.boto3_client().delete_collection(CollectionId="staff")
    assert re.fullmatch(r"grace-hopper 99\.\d\d %\n", said)


def test_the_readmes_accountable_collection_refuses_and_its_commands_run(
    folder: Path, tmp_path: Path
) -> None:
    with running_server(tmp_path / "data") as server:
        said = printed(WITH_THE_SERVER + ACCOUNTABLE, folder, server.client_environment)
        assert "consent to access-control is required" in said.splitlines()[-1]
        shown = README[README.index(ACCOUNTABLE) :]
        (commands,) = re.findall(r"```console\n(.*?)```", shown[: shown.index("## In Python")], re.DOTALL)
        for line in commands.splitlines():
            command = shlex.split(line.removeprefix("$ countenance "), comments=True)
            done = server.command(*command, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "receipt.json").read_text())["entries"]


def test_the_readmes_python_for_the_library_runs_on_the_demos_pictures(folder: Path) -> None:
    text = printed(WITH_THE_LIBRARY, folder)
    percent, rate = map(float, text.splitlines()[-1].split())
    assert text.startswith("Box(left=")
    assert 0 < percent < 60
    assert 0.01 < rate < 0.5


def test_the_readme_names_the_commands_that_make_has() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"\$ make (\w+)", README)
    assert targets
    assert all(f"\n{target}:" in makefile for target in targets)
