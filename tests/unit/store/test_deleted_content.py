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
    return SqlStore.open(f"sqlite:///{folder / 'gallery.sqlite'}", FileKeyring(folder / "master.key"))


def sealed(folder: Path) -> dict[str, tuple[bytes, bytes]]:
    """Return, by the subject's name, its wrapped data key and its sealed template."""
    query = "SELECT name, wrapped_key, template FROM faces JOIN subjects ON faces.subject_key = subjects.key"
    with closing(sqlite3.connect(folder / "gallery.sqlite")) as database:
        return {name: (key, template) for name, key, template in database.execute(query)}


def files_with(folder: Path, content: bytes) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if content in path.read_bytes())


def test_a_deleted_faces_key_and_template_are_in_no_file_after_closing(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            writer.add_faces(staff, [new_face(number, f"person {number}") for number in range(50)])
        before = sealed(folder)
        gone = "external:person 7", "external:person 31"
        for secrets in before.values():
            assert all(files_with(folder, secret) for secret in secrets)
        with store.writing() as writer:
            faces = writer.faces(staff, after_key=0, most=100)
            writer.delete_faces(
                staff, [face.key for face in faces if f"external:{face.external_image_id}" in gone]
            )
    for name, secrets in before.items():
        found = [files_with(folder, secret) for secret in secrets]
        assert found == ([[], []] if name in gone else [["gallery.sqlite"]] * 2), name


def test_a_deleted_collections_keys_and_templates_are_in_no_file_after_closing(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            writer.add_faces(staff, [new_face(number) for number in range(50)])
        before = sealed(folder)
        with store.writing() as writer:
            writer.delete_collection(staff)
    assert [files_with(folder, secret) for secrets in before.values() for secret in secrets] == [[]] * 100


def test_a_reassociated_faces_earlier_key_is_in_no_file_after_closing(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            ((face, _),) = writer.add_faces(staff, [new_face(1)])
        ((_, before),) = sealed(folder).items()
        with store.writing() as writer:
            writer.associate(staff, writer.create_user(staff, "ann"), [face.key])
        ((_, after),) = sealed(folder).items()
    assert [files_with(folder, secret) for secret in before] == [[], []]
    assert [files_with(folder, secret) for secret in after] == [["gallery.sqlite"]] * 2


def test_a_deleted_faces_key_is_in_no_file_while_the_store_is_open(folder: Path) -> None:
    with closing(open_store(folder)) as store:
        with store.writing() as writer:
            staff = writer.create_collection("staff", PACK, {})
            ((face, _),) = writer.add_faces(staff, [new_face(1)])
        ((wrapped_key, _),) = sealed(folder).values()
        with store.writing() as writer:
            writer.delete_faces(staff, [face.key])
        assert files_with(folder, wrapped_key) == []
