"""Templates: read back bit for bit, in blocks, and never one that was moved or altered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from contract.databases import Database
from countenance.errors import TemplateBroken
from countenance.faces import Vector
from countenance.gallery.values import Collection, TemplateBlock
from countenance.store import SqlStore
from countenance.store.bulk import BLOCK
from new_faces import PACK, face_id, new_face, new_faces, template

# Everything a float32 can be that rounding or a detour through text would lose.
ODD_VALUES = np.array(
    [0.0, -0.0, 1 / 3, np.float32(1e-45), -np.finfo(np.float32).tiny, np.finfo(np.float32).max, np.pi, -1.0],
    np.float32,
)


def enrolled_keys(store: SqlStore, collection: Collection, *numbers: int) -> list[int]:
    with store.writing() as writer:
        return [face.key for face, _ in writer.add_faces(collection, new_faces(*numbers))]


def everything(store: SqlStore, collection: Collection) -> TemplateBlock:
    blocks = list(store.all_templates(collection))
    return TemplateBlock(
        np.concatenate([block.keys for block in blocks]),
        np.concatenate([block.vectors for block in blocks]),
        np.concatenate([block.qualities for block in blocks]),
        np.concatenate([block.user_keys for block in blocks]),
    )


def bits(vectors: Vector) -> bytes:
    assert vectors.dtype == np.float32
    return vectors.astype(">f4").tobytes()


def test_a_template_is_read_back_bit_for_bit(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        ((face, _),) = writer.add_faces(staff, [replace(new_face(1), vector=ODD_VALUES)])
    with store.reading() as reader:
        assert bits(reader.templates(staff, [face.key]).vectors[0]) == bits(ODD_VALUES)
    assert bits(everything(store, staff).vectors[0]) == bits(ODD_VALUES)


def test_templates_are_told_by_ascending_key_whatever_the_order_asked_for(
    store: SqlStore, staff: Collection
) -> None:
    keys = enrolled_keys(store, staff, 1, 2, 3)
    with store.reading() as reader:
        block = reader.templates(staff, [keys[1], 10**9, keys[2], keys[0]])
        faces = reader.faces_by_key(staff, keys)
    assert block.keys.tolist() == sorted(keys)
    for key, vector, quality in zip(block.keys.tolist(), block.vectors, block.qualities, strict=True):
        number = int(faces[key].face_id[-12:], 16)
        assert bits(vector) == bits(template(number))
        assert quality == np.float32(faces[key].quality)


def test_no_templates_are_an_empty_block(store: SqlStore, staff: Collection) -> None:
    with store.reading() as reader:
        block = reader.templates(staff, [])
    assert (block.keys.shape, len(block.vectors), block.user_keys.shape) == ((0,), 0, (0,))


def test_all_templates_come_in_blocks_and_each_once(database: Database) -> None:
    numbers = range(BLOCK + 300)
    vectors = np.random.default_rng(0).standard_normal((len(numbers), 8)).astype(np.float32)
    with database.opened() as store, store.writing() as writer:
        staff = writer.create_collection("staff", PACK, {})
        faces = [
            replace(new_face(number, f"person {number % 50}"), vector=vectors[number]) for number in numbers
        ]
        added = writer.add_faces(staff, faces)
        user = writer.create_user(staff, "ann")
        writer.associate(staff, user, [face.key for face, _ in added[:3]])
    with database.opened() as store:
        blocks = list(store.all_templates(staff))
        assert len(blocks) == 2
        read = everything(store, staff)
    by_key = {face.key: number for number, (face, _) in enumerate(added)}
    assert np.all(np.diff(read.keys) > 0)
    order = [by_key[key] for key in read.keys.tolist()]
    assert sorted(order) == list(numbers)
    assert bits(read.vectors) == bits(vectors[order])
    assert {number for number, owner in zip(order, read.user_keys, strict=True) if owner} == {0, 1, 2}


def test_all_templates_are_those_of_one_moment(store: SqlStore, staff: Collection) -> None:
    with store.writing() as writer:
        faces = [replace(new_face(number, "one"), vector=ODD_VALUES) for number in range(BLOCK + 10)]
        writer.add_faces(staff, faces)
    blocks = store.all_templates(staff)
    first = next(blocks)
    with store.writing() as writer:
        last = writer.face(staff, face_id(BLOCK // 2)).key
        writer.delete_faces(staff, list(range(last, last + BLOCK)))
        writer.add_faces(staff, new_faces(99_999))
    assert len(first.keys) + sum(len(block.keys) for block in blocks) == BLOCK + 10


def test_sealing_one_template_twice_gives_different_bytes(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    with store.writing() as writer:
        writer.add_faces(
            staff, [replace(new_face(number, "one"), vector=template(7)) for number in range(1, 5)]
        )
    sealed = [bytes(row[0]) for row in database.statement("SELECT template FROM faces")]
    assert len({each[:12] for each in sealed}) == 4
    assert len({each[12:] for each in sealed}) == 4


DAMAGE = {
    "moved from another face of the same person": (
        "UPDATE faces SET template = (SELECT template FROM faces WHERE key = :twin) WHERE key = :face"
    ),
    "moved from another person": (
        "UPDATE faces SET template = (SELECT template FROM faces WHERE key = :other) WHERE key = :face"
    ),
    "given to another person": (
        "UPDATE faces SET subject_key = (SELECT subject_key FROM faces WHERE key = :other) WHERE key = :face"
    ),
    "moved with all that opens it": (
        "UPDATE faces SET template = (SELECT template FROM faces WHERE key = :other), "
        "subject_key = (SELECT subject_key FROM faces WHERE key = :other) WHERE key = :face"
    ),
    "renamed": "UPDATE faces SET face_id = 'another' WHERE key = :face",
    "emptied": "UPDATE faces SET template = :nothing WHERE key = :face",
    "cut off": "UPDATE faces SET template = substr(template, 1, 20) WHERE key = :face",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_template_that_was_moved_or_altered_is_not_read(
    store: SqlStore, staff: Collection, database: Database, damage: str
) -> None:
    with store.writing() as writer:
        face, twin, other = (
            writer.add_faces(staff, [new_face(number, name)])[0][0].key
            for number, name in ((1, "x"), (2, "x"), (3, "y"))
        )
    database.statement(DAMAGE[damage], face=face, twin=twin, other=other, nothing=b"")
    with store.reading() as reader:
        with pytest.raises(TemplateBroken):
            reader.templates(staff, [face])
        assert bits(reader.templates(staff, [twin, other]).vectors) == bits(
            np.stack([template(2), template(3)])
        )
    assert everything(store, staff).keys.tolist() == [twin, other]


def test_a_collection_whose_pack_was_renamed_opens_no_template(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    (key,) = enrolled_keys(store, staff, 1)
    database.statement("UPDATE collections SET pack = 'another-pack'")
    with store.reading() as reader:
        staff = reader.collection("staff")
        with pytest.raises(TemplateBroken):
            reader.templates(staff, [key])
    assert list(store.all_templates(staff)) == []


@pytest.mark.parametrize("table", ["subjects", "faces"])
def test_a_damaged_face_can_still_be_deleted(
    store: SqlStore, staff: Collection, database: Database, table: str
) -> None:
    (key,) = enrolled_keys(store, staff, 1)
    if table == "faces":
        database.statement("UPDATE faces SET template = :rubbish", rubbish=bytes(60))
    else:
        database.statement("UPDATE subjects SET leaf = leaf + 1")
    with store.writing() as writer:
        writer.delete_faces(staff, [key])
        assert writer.count_faces(staff) == 0


def test_a_user_with_a_damaged_face_can_still_be_deleted(
    store: SqlStore, staff: Collection, database: Database
) -> None:
    (key,) = enrolled_keys(store, staff, 1)
    with store.writing() as writer:
        writer.associate(staff, writer.create_user(staff, "ann"), [key])
    database.statement("UPDATE faces SET template = :rubbish", rubbish=bytes(60))
    with store.writing() as writer:
        writer.delete_user(staff, writer.user(staff, "ann"))
        writer.delete_faces(staff, [key])
        assert (writer.count_users(staff), writer.count_faces(staff)) == (0, 0)
