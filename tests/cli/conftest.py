"""Data folders with people in them, and a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.command_line import CommandLine, without_variables
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer

CONSENTED = {"countenance:purpose": "access", "countenance:consent": "required"}


@pytest.fixture(autouse=True, scope="package")
def no_settings() -> Iterator[None]:
    """Nothing but what a test says is set."""
    with without_variables():
        yield


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    """Commands on a database in which ann and bob are enrolled in the collection staff."""
    made = CommandLine(tmp_path / "data")
    made.fill("staff", CONSENTED, (1, "ann"), (2, "ann"), (3, "bob"))
    return made


@pytest.fixture(scope="package")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A running server for all tests of this folder that need one."""
    with running_server(tmp_path_factory.mktemp("governed")) as server:
        yield server
