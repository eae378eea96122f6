"""Large galleries for benchmarks: templates that lie like those of faces, and a store full of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.faces import RelativeBox
from countenance.gallery.values import NewFace
from countenance.store import FileKeyring, SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.gallery.values import Collection

Vectors = npt.NDArray[np.float32]

# dlib's templates: strangers score about 0.78 on average with a deviation of 0.06, because all share a large
# common part; pictures of one person score about 0.95. The numbers are rounded from LFW.
COMMON_PART, SPREAD, NOISE = 1.0, 0.53, 0.02
_BATCH = 20_000


def people(count: int, dimensions: int = 128, seed: int = 0) -> Vectors:
    """Return one L2-normalised template for each of so many people."""
    random = np.random.default_rng(seed)
    common = random.normal(size=dimensions).astype(np.float32)
    common *= COMMON_PART / np.linalg.norm(common)
    # A few dozen directions hold most of what tells people apart.
    scales = np.exp(-np.arange(dimensions) / 40).astype(np.float32)
    scales *= SPREAD / np.linalg.norm(scales)
    vectors = np.empty((count, dimensions), np.float32)
    for start in range(0, count, _BATCH):
        part = random.normal(size=(min(_BATCH, count - start), dimensions)).astype(np.float32)
        vectors[start : start + len(part)] = part * scales + common
    return normalised(vectors)


def other_pictures(of: Vectors, seed: int = 1) -> Vectors:
    """Return templates of other pictures of the same people."""
    noise = np.random.default_rng(seed).normal(size=of.shape).astype(np.float32)
    return normalised(of + NOISE * noise)


def normalised(vectors: Vectors) -> Vectors:
    """Return the vectors at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def open_store(folder: Path) -> SqlStore:
    """Open the SQLite store in a folder as `countenance serve` would."""
    keyring = FileKeyring(folder / "master.key")
    return SqlStore.open(f"sqlite:///{folder / 'countenance.sqlite'}", keyring, folder / "subject.keys")


def fill(
    store: SqlStore, collection_id: str, pack: str, vectors: Vectors, *, named: bool = False
) -> Collection:
    """Enrol templates in a new collection, each with a data key of its own: the dearest case.

    Args:
        store: where to.
        collection_id: the new collection's.
        pack: what made the templates.
        vectors: the templates.
        named: whether each face has the name of a person, ``person-0`` and so on.
    """
    with store.writing() as writer:
        collection = writer.create_collection(collection_id, pack, {})
    for batch in _faces(vectors, named=named):
        with store.writing() as writer:
            writer.add_faces(collection, batch)
    return collection


def _faces(vectors: Vectors, *, named: bool) -> Iterator[list[NewFace]]:
    box = RelativeBox(0.3, 0.2, 0.2, 0.3)
    for start in range(0, len(vectors), _BATCH):
        yield [
            NewFace(
                str(uuid.uuid4()),
                str(uuid.uuid4()),
                f"person-{number}" if named else None,
                box,
                99.9,
                80.0,
                vector,
            )
            for number, vector in enumerate(vectors[start : start + _BATCH], start)
        ]
