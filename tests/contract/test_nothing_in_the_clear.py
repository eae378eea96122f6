"""No file of a database holds a template, a data key or a secret as it is."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from contract.databases import Database
from contract.erasing import tree_of
from contract.grouping import Album
from contract.offices import enrol, looking_like, office_on
from countenance.access import new_access_key
from countenance.faces import Vector
from countenance.gallery.index.segment import Segment
from countenance.store import FileKeyring, SqlStore
from new_faces import PACK, new_face, template

# So many consecutive bytes could not be in a file by chance.
RECOGNISABLE_BYTES = 16
FACES = range(1, 7)
PORTRAIT = b"a small picture of a face, " * 4


@pytest.fixture
def started_at() -> float:
    """When the test began: files that were not changed since hold nothing of it."""
    return time.time() - 1


def spellings(vector: Vector) -> list[bytes]:
    """Return a template as float32 and float16 in both byte orders, as float64 and as 8-bit codes."""
    codes = Segment(np.array([1, 2]), np.stack([vector, np.roll(vector, 1)])).code_bytes()[0]
    numbers = [vector.astype(kind).tobytes() for kind in ("<f4", ">f4", "<f2", ">f2", "<f8")]
    return [*numbers, codes.tobytes(), str(float(vector[5])).encode()]


def pieces(secret: bytes) -> list[bytes]:
    """Return the beginning and a piece from the middle, each of which would give it away."""
    middle = len(secret) // 2
    return [secret[:RECOGNISABLE_BYTES], secret[middle : middle + RECOGNISABLE_BYTES]]


def files_with_any(folder: Path, changed_since: float, secrets: list[bytes]) -> list[str]:
    """Return the files that hold a recognisable piece of any of the secrets."""
    wanted = [piece for secret in secrets for piece in pieces(secret) if len(piece) > RECOGNISABLE_BYTES // 2]
    files = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime > changed_since)
    return sorted(path.name for path in files if holds_any(path.read_bytes(), wanted))


def holds_any(content: bytes, wanted: list[bytes]) -> bool:
    return any(piece in content for piece in wanted)


def live(store: SqlStore) -> None:
    """Let faces come, go and change hands, and fail to."""
    with store.writing() as writer:
        staff = writer.create_collection("staff", PACK, {})
        new = [new_face(number, "x" if number % 2 else None) for number in FACES]
        added = writer.add_faces(staff, [replace(face, portrait=PORTRAIT) for face in new])
        keys = [face.key for face, _ in added]
        user = writer.create_user(staff, "ann")
        writer.associate(staff, user, keys[:4])
    with store.writing() as writer:
        writer.disassociate(staff, keys[:2])
        writer.delete_faces(staff, keys[4:])
        assert len(writer.templates(staff, keys).keys) == 4
    assert list(store.all_templates(staff))


def test_no_file_holds_a_template_however_it_is_spelled(database: Database, started_at: float) -> None:
    templates = [PORTRAIT, *(each for number in (1, 2, 6) for each in spellings(template(number)))]
    with database.opened() as store:
        live(store)
        flush(database)
        assert files_with_any(database.files, started_at, templates) == []
        (sealed,) = database.statement("SELECT template FROM faces ORDER BY key LIMIT 1")[0]
        assert files_with_any(database.files, started_at, [bytes(sealed)]), "the search finds what is there"
    assert files_with_any(database.files, started_at, templates) == []


def test_no_file_holds_a_secret_or_the_master_key(database: Database, started_at: float) -> None:
    access_key = new_access_key("one", datetime.now(UTC))
    with database.opened() as store:
        with store.writing() as writer:
            writer.add_key(access_key)
        live(store)
        secrets = [access_key.secret.encode(), store.secret("pagination"), store.secret("ledger")]
        master_key = FileKeyring(database.key_file).load().current.key
        secrets += [master_key, master_key.hex().encode()]
        tree = tree_of(database)
        secrets += [tree.seeds, *(tree.key(leaf) for leaf in range(20) if tree.is_live(leaf))]
        store.rotate_master_key(FileKeyring(database.key_file))
        secrets.append(FileKeyring(database.key_file).load().current.key)
        flush(database)
        assert files_with_any(database.files, started_at, secrets) == []
        assert files_with_any(database.files, started_at, [access_key.key_id.encode()])


def test_grouping_faces_leaves_no_template_in_any_file(database: Database, started_at: float) -> None:
    faces = [looking_like(number, 1, likeness=0.8) for number in (1, 2)]
    with database.opened() as store:
        album = Album.made(office_on(store))
        enrol(album.office, album.collection, *faces)
        album.group()
        assert album.people() == [{1, 2}]
        album.confirm(1)
        flush(database)
        templates = [each for face in faces for each in spellings(face.vector)]
        assert files_with_any(database.files, started_at, templates) == []


def flush(database: Database) -> None:
    """Let PostgreSQL write to its files what it keeps in memory."""
    if database.url.startswith("postgresql"):
        database.statement("CHECKPOINT")
