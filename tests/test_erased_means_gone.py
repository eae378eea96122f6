"""After an erasure: nothing of the template or its key in any file or in the index, nor in a backup."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from countenance.access import machine_operator
from countenance.faces import Vector
from countenance.gallery import Gallery
from countenance.gallery.index.segment import Segment
from countenance.operations.erase_subject import erase_subject
from countenance.settings import read_settings
from countenance.wiring import Office, open_office
from new_faces import PACK, new_face, new_faces, template

COLLINS, OTHERS = 1, range(2, 300)
DATABASE = "countenance.sqlite"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def office(data: Path) -> Iterator[Office]:
    """An office with three hundred faces that have been searched, one of them Collins'."""
    with open_office(read_settings(data_dir=data)) as office:
        with office.gallery.changing() as change:
            staff = change.writer.create_collection("staff", PACK, {})
            change.enrol(staff, [new_face(COLLINS, "collins"), *new_faces(*OTHERS)])
        assert found(office.gallery, COLLINS)
        yield office


def found(gallery: Gallery, number: int) -> bool:
    with gallery.reading() as reader:
        staff = reader.collection("staff")
    return bool(gallery.search_faces(staff, template(number), most=1, at_least=0.9))


def erase(office: Office) -> None:
    with office.register.act(machine_operator()) as act:
        assert erase_subject(office.gallery, act, "collins").faces == 1


def spellings(vector: Vector) -> dict[str, bytes]:
    """Return a template as float32, float16 and 8-bit code."""
    code = Segment(np.array([1, 2]), np.stack([vector, np.roll(vector, 1)])).code_bytes()[0]
    return {
        "float32": vector.astype("<f4").tobytes(),
        "float16": vector.astype("<f2").tobytes(),
        "code": code.tobytes(),
    }


def what_is_sealed(office: Office, data: Path) -> dict[str, bytes]:
    """Return the data key and the sealed template of Collins, as they are before the erasure."""
    with sqlite3.connect(data / DATABASE) as database:
        query = "SELECT leaf, template FROM subjects JOIN faces ON subject_key = subjects.key WHERE name = ?"
        ((leaf, sealed),) = database.execute(query, ("external:collins",)).fetchall()
    keys = office.store._subject_keys  # noqa: SLF001 - no other door leads to a data key
    return {"data key": keys.tree.key(leaf), "sealed template": sealed}


def files_with(folder: Path, secrets: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return each file that holds a piece of a secret, and which; also its free pages and journals."""
    return [
        (path.name, name)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for name, secret in secrets.items()
        if secret[:16] in path.read_bytes() or secret[-16:] in path.read_bytes()
    ]


def test_no_file_holds_the_template_or_its_key(office: Office, data: Path) -> None:
    secrets = spellings(template(COLLINS)) | what_is_sealed(office, data)
    assert {name for _, name in files_with(data, secrets)} == {"sealed template"}
    assert (data / f"{DATABASE}-wal").exists()
    erase(office)
    assert files_with(data, secrets) == []


def test_the_index_does_not_hold_the_template(office: Office) -> None:
    with office.gallery.reading() as reader:
        staff = reader.collection("staff")
    index = office.gallery._indexes.indexes(staff).faces  # noqa: SLF001 - there is no other way to look
    pieces = [secret[:16] for secret in spellings(template(COLLINS)).values()]
    assert held(index, pieces)
    erase(office)
    assert not held(index, pieces)


def held(thing: object, pieces: list[bytes]) -> bool:
    """Tell whether any array that can be reached from a thing holds any of the pieces."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        arrays: list[npt.NDArray[np.generic]] = [each] if isinstance(each, np.ndarray) else []
        if isinstance(each, Segment):
            arrays.append(each.code_bytes())
        if any(piece in array.tobytes() for array in arrays for piece in pieces):
            return True
        if isinstance(each, (list, tuple)):
            waiting += each
        elif type(each).__module__.startswith("countenance.gallery"):
            names = [*getattr(each, "__dict__", {}), *getattr(type(each), "__slots__", ())]
            waiting += [getattr(each, name) for name in names if hasattr(each, name)]
    return False


def test_a_backup_from_before_opens_for_everybody_else(office: Office, data: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    with sqlite3.connect(data / DATABASE) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    sealed = what_is_sealed(office, data)["sealed template"]
    assert sealed in backup.read_bytes()
    erase(office)
    office.store.close()
    for journal in data.glob(f"{DATABASE}-*"):
        journal.unlink()
    shutil.copy(backup, data / DATABASE)
    with open_office(read_settings(data_dir=data)) as restored:
        assert not found(restored.gallery, COLLINS)
        assert all(found(restored.gallery, number) for number in (2, 150, 299))
        with restored.gallery.reading() as reader:
            assert reader.faces_of_subject("collins") == []
    assert sealed not in (data / DATABASE).read_bytes()
