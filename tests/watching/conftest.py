"""Films and the faces of those in them, made once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract.offices import vision
from countenance.images import open_image
from countenance.settings import read_settings
from countenance.wiring import open_office
from watching.films import Scene, film
from watching.watchers import enrol_collins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.faces import Vector
    from countenance.wiring import Office


@pytest.fixture(scope="session")
def collins_and_hopper(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """Nobody, Eileen Collins for 1.5 s, nobody, Grace Hopper for 1.5 s and, without a gap, Collins again."""
    scenes = (Scene(0.5), Scene(1.5, astronaut), Scene(2.5), Scene(1.5, grace_hopper), Scene(1.5, astronaut))
    return film(tmp_path_factory.mktemp("films") / "two.mp4", *scenes)


@pytest.fixture(scope="session")
def collins_vector(astronaut: Path) -> Vector:
    """The template of Eileen Collins's photograph."""
    face = vision().faces(open_image(astronaut))[0]
    assert face.template is not None
    return face.template.vector


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A database of its own, as a server or a command opens it."""
    with open_office(read_settings(data_dir=tmp_path / "data", index_memory_mb=100)) as opened:
        yield opened


@pytest.fixture
def staff(office: Office, collins_vector: Vector) -> Office:
    """The office, with a collection for a purpose."""
    enrol_collins(office, collins_vector, purpose="entry")
    return office


@pytest.fixture(scope="session")
def collins(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Path:
    """Eileen Collins, for half a second."""
    return film(tmp_path_factory.mktemp("films") / "collins.mp4", Scene(0.5, astronaut))


@pytest.fixture(scope="session")
def long_film(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Path:
    """Eileen Collins, for half a second, then nobody for twenty."""
    return film(tmp_path_factory.mktemp("films") / "long.mp4", Scene(0.5, astronaut), Scene(20))
