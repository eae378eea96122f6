"""What the conformance tests share: checked clients of one server, and pictures."""

from __future__ import annotations

import contextlib
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures
from conformance.busy import BusyServer
from conformance.clients import checked_client
from conformance.keys import create_key
from serving import running_server

# What executes a page of the documentation is among the documentation's own tests.
sys.path.append(str(Path(__file__).parents[1] / "docs"))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from serving import RunningServer


@pytest.fixture(scope="session")
def collins(astronaut: Path) -> bytes:
    """Eileen Collins as JPEG, head and shoulders."""
    return pictures.jpeg(pictures.opened(astronaut.read_bytes()).crop((90, 0, 370, 300)))


@pytest.fixture(scope="session")
def hopper(grace_hopper: Path) -> bytes:
    """Grace Hopper as JPEG."""
    return grace_hopper.read_bytes()


@pytest.fixture(scope="session")
def both(collins: bytes, hopper: bytes) -> bytes:
    """Eileen Collins, and smaller beside her Grace Hopper."""
    return pictures.side_by_side((collins, 512), (hopper, 300))


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[Any]:
    """A boto3 client, every response of which is checked, with the administrator's key."""
    made = checked_client(server.endpoint_url, server.access_key_id, server.secret_access_key)
    yield made
    made.close()


@pytest.fixture(scope="session")
def lax_client(server: RunningServer) -> Iterator[Any]:
    """The same, but it sends whatever it is given."""
    made = checked_client(
        server.endpoint_url, server.access_key_id, server.secret_access_key, parameter_validation=False
    )
    yield made
    made.close()


@pytest.fixture
def new_collection(client: Any) -> Iterator[Callable[..., str]]:
    """What makes an empty collection and tells its name; they are deleted in the end."""
    names: list[str] = []

    def create(prefix: str = "test") -> str:
        names.append(f"{prefix}-{uuid.uuid4()}")
        client.create_collection(CollectionId=names[-1])
        return names[-1]

    yield create
    for name in names:
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):
            client.delete_collection(CollectionId=name)


@pytest.fixture
def collection(new_collection: Callable[..., str]) -> str:
    """An empty collection."""
    return new_collection()


@pytest.fixture(scope="session")
def buckets(server: RunningServer) -> Path:
    """The folder that the server reads as the bucket pictures."""
    return server.data_dir / "pictures"


@pytest.fixture(scope="session")
def limited_client(server: RunningServer) -> Iterator[Callable[..., Any]]:
    """What makes a client with a key that may do some operations in some collections only."""
    made: dict[tuple[str, ...], Any] = {}

    def create(operations: Sequence[str], collections: Sequence[str] = ("*",)) -> Any:
        limits = (*operations, "in", *collections)
        if limits not in made:
            key = create_key(server, operations, collections)
            made[limits] = checked_client(
                server.endpoint_url, key.key_id, key.secret, parameter_validation=False
            )
        return made[limits]

    yield create
    for each in made.values():
        each.close()


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyServer]:
    """A server with one worker and no queue."""
    with running_server(tmp_path_factory.mktemp("busy"), workers=1, most_waiting=0) as server:
        yield BusyServer(server)
