"""What the tests of the `/v1` API share: a server of their own, as what they do there disturbs others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures
from rest.api import Api
from serving import running_server

# What executes a page of the documentation is among the documentation's own tests.
sys.path.append(str(Path(__file__).parents[1] / "docs"))

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer


FILM = "/films/door.mp4"
"""What monitors may watch here; there is no such file."""


@pytest.fixture(scope="session")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A running server; the folder ``pictures`` in its data folder is the bucket of that name."""
    data_dir = tmp_path_factory.mktemp("governed")
    (data_dir / "pictures").mkdir()
    buckets = {"pictures": data_dir / "pictures"}
    with running_server(data_dir, buckets=buckets, monitor_sources=f'["{FILM}"]') as started:
        yield started


@pytest.fixture(scope="session")
def api(governed: RunningServer) -> Api:
    """Its `/v1` API, with an administrator's key."""
    return Api.of(governed)


@pytest.fixture(scope="session")
def client(governed: RunningServer) -> Any:
    """A boto3 client of its other API, with the same key."""
    return governed.boto3_client()


@pytest.fixture(scope="session")
def collins(astronaut: Path) -> bytes:
    """Eileen Collins as JPEG, head and shoulders."""
    return pictures.jpeg(pictures.opened(astronaut.read_bytes()).crop((90, 0, 370, 300)))


@pytest.fixture(scope="session")
def hopper(grace_hopper: Path) -> bytes:
    """Grace Hopper as JPEG."""
    return grace_hopper.read_bytes()
