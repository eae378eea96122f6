"""What can be found in the files of a SQLite store after a face was deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from countenance.store import FileKeyring, SqlStore
from new_faces import PACK, new_face


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def open_store(folder: Path) -> SqlStore:
    keyring = FileKeyring(folder / "master.key")
    return SqlStore.open(f"sqlite:///{folder / 'gallery.sqlite'}", keyring, folder / "subject.keys")


def sealed(folder: Path) -> dict[str, bytes]:
    """Return, by the subject's name, its sealed template."""
    query = "SELECT name, template FROM faces JOIN subjects ON faces.subject_key = subjects.key"
    with closing(sqlite3.connect(folder / "gallery.sqlite")) as database:
        return dict(database.execute(query).fetchall())


def files_with(folder: Path, content: bytes) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if content in path.read_bytes())


def test_a_deleted_faces_template_is_in_no_file_after_closing(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            writer.add_faces(staff, [new_face(number, f"person {number}") for number in range(50)])
        before = sealed(folder)
        gone = "external:person 7", "external:person 31"
        assert all(files_with(folder, template) for template in before.values())
        with store.writing() as writer:
            faces = writer.faces(staff, after_key=0, most=100)
            writer.delete_faces(
                staff, [face.key for face in faces if f"external:{face.external_image_id}" in gone]
            )
    for name, template in before.items():
        assert files_with(folder, template) == ([] if name in gone else ["gallery.sqlite"]), name


def test_a_deleted_collections_templates_are_in_no_file_after_closing(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            writer.add_faces(staff, [new_face(number) for number in range(50)])
        before = sealed(folder)
        with store.writing() as writer:
            writer.delete_collection(staff)
    assert [files_with(folder, template) for template in before.values()] == [[]] * 50


def test_a_reassociated_faces_earlier_template_is_in_no_file_after_closing(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            ((face, _),) = writer.add_faces(staff, [new_face(1)])
        ((_, before),) = sealed(folder).items()
        with store.writing() as writer:
            writer.associate(staff, writer.create_user(staff, "ann"), [face.key])
        ((_, after),) = sealed(folder).items()
    assert files_with(folder, before) == []
    assert files_with(folder, after) == ["gallery.sqlite"]


def test_a_deleted_faces_template_is_in_no_file_while_the_store_is_open(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            ((face, _),) = writer.add_faces(staff, [new_face(1)])
        (template,) = sealed(folder).values()
        with store.writing() as writer:
            writer.delete_faces(staff, [face.key])
        assert files_with(folder, template) == []
