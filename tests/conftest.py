"""Fixtures that tests of every room share."""

from __future__ import annotations

import importlib.util
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import structlog

from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

# Read before any test takes variables away: a folder that is not found once is not looked for again.
_SHARED = os.environ.get("COUNTENANCE_SHARED")

# What takes its time on a busy machine is no failure.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, so that in the end no core waits for one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """Commands that run within a test set up logs for a process of their own."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes that a test starts be interrupted, also where the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of research data sets; where none is named, tests that need it are skipped."""
    if _SHARED is None:
        pytest.skip("COUNTENANCE_SHARED names no folder of research data sets")
    folder = Path(_SHARED)
    if not folder.is_dir():
        pytest.fail(f"COUNTENANCE_SHARED names {folder}, which is not a folder; correct it or unset it")
    return folder


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """A photograph of Eileen Collins, 512 × 512 px: NASA, public domain."""
    return _in_package("skimage", "data/astronaut.png")


@pytest.fixture(scope="session")
def grace_hopper() -> Path:
    """A photograph of Grace Hopper, 512 × 600 px: US Navy, public domain."""
    return _in_package("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A running server; the folder ``pictures`` in its data folder is the bucket of that name."""
    data_dir = tmp_path_factory.mktemp("server")
    (data_dir / "pictures").mkdir()
    with running_server(data_dir, buckets={"pictures": data_dir / "pictures"}) as started:
        yield started


def _in_package(package: str, path: str) -> Path:
    """Return a file of an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed; make test installs it"
    return Path((spec.submodule_search_locations or [""])[0], path)
