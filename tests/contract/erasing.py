"""Enrols, erases, and looks at what is left: in the database, in the subject keys and in the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from countenance.ledger import verify_ledger
from countenance.store import FileKeyring
from countenance.store.sealing import MasterKeys
from countenance.store.subject_keys import KeyState, SubjectKeyFile
from new_faces import new_face

if TYPE_CHECKING:
    from contract.databases import Database
    from countenance.gallery.values import Collection
    from countenance.store import SqlStore
    from countenance.store.key_tree import KeyTree

REQUEST = "5d2f0e7c"


def state_of(database: Database) -> KeyState:
    return SubjectKeyFile(database.subject_key_file).load(MasterKeys(FileKeyring(database.key_file)))


def tree_of(database: Database) -> KeyTree:
    return state_of(database).tree


def record(request: str = REQUEST) -> dict[str, Any]:
    return {"v": 1, "request": request, "key": "k", "operation": "delete_faces", "outcome": "done"}


def enrol(store: SqlStore, collection: Collection, *names: str) -> list[int]:
    """Enrol a face for each name, numbered from 1 on."""
    with store.writing() as writer:
        faces = [new_face(number, name) for number, name in enumerate(names, 1)]
        return [face.key for face, _ in writer.add_faces(collection, faces)]


def erase(store: SqlStore, collection: Collection, *keys: int, request: str = REQUEST) -> None:
    with store.writing() as writer:
        writer.delete_faces(collection, keys)
        writer.append_entry(record(request))


def leaf_of(database: Database, name: str) -> int:
    ((leaf,),) = database.statement("SELECT leaf FROM subjects WHERE name = :name", name=name)
    return int(leaf)


def names(database: Database) -> set[str]:
    return {name for (name,) in database.statement("SELECT name FROM subjects")}


def entries(store: SqlStore, *operations: str) -> list[dict[str, Any]]:
    """Return the ledger's entries about keys without their times, once the ledger was verified."""
    with store.reading_ledger() as ledger:
        verify_ledger(ledger, store.verifier_key)
        found = [json.loads(entry) for _, entry in ledger.entries()]
    return [
        {name: value for name, value in entry.items() if name != "time"}
        for entry in found
        if entry["operation"] in operations
    ]


def destroyed(generation: int, keys: int, request: str = REQUEST) -> dict[str, Any]:
    return {
        "v": 1,
        "request": request,
        "key": "system",
        "operation": "destroy_keys",
        "outcome": "done",
        "generation": generation,
        "keys": keys,
    }


def generation_of(database: Database) -> int:
    ((generation,),) = database.statement("SELECT key_generation FROM ledger_head")
    return int(generation)


def read(store: SqlStore, collection: Collection) -> dict[str, np.ndarray[Any, Any]]:
    """Return all templates by face id, as searches see them."""
    blocks = list(store.all_templates(collection))
    with store.reading() as reader:
        faces = reader.faces_by_key(collection, [key for block in blocks for key in block.keys.tolist()])
    return {
        faces[key].face_id: vector
        for block in blocks
        for key, vector in zip(block.keys.tolist(), block.vectors, strict=True)
    }
