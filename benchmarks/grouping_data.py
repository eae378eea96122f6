"""What grouping is measured on.

LFW's templates; pictures of which each shows another person; and people made up from LFW's statistics.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.cluster import KMeans

from countenance.vision import FaceAnalyzer
from lfw import data_folder, picture_path, pictures_of, read_pairs, subjects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]

# Kinds of people among whom strangers are more alike than among all. With these, strangers and pictures of
# one person score about as they do in LFW; `resemblance` in grouping.py prints how nearly.
KINDS, SHRINKAGE = 24, 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Templates, their qualities (0–100), the person whom each is of, and that person's kind, if any."""

    vectors: Vectors
    qualities: npt.NDArray[np.float32]
    people: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.str_]

    def part(self, rows: npt.NDArray[np.bool_]) -> Faces:
        """Return some of them."""
        return Faces(self.vectors[rows], self.qualities[rows], self.people[rows], self.kinds[rows])


def lfw_faces(pack: str, kept: Path) -> Faces:
    """Return LFW View 1, of each picture its subject; the kind says of which split."""
    splits = {name: split for split in ("devtrain", "devtest") for name in pictures_of(read_pairs(split))}
    names = sorted(splits)
    files = [picture_path(name) for name in names]
    return _seen(pack, "lfw", files, [name.split("/")[0] for name in names], [splits[n] for n in names], kept)


def fairface(pack: str, kept: Path) -> Faces:
    """Return FairFace, of whose pictures each is of another person; the kind is the age."""
    folder = data_folder() / "fairface"
    with (folder / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = [row["file"] for row in rows]
    ages = ["child" if row["age"] in ("0-2", "3-9") else "older" for row in rows]
    return _seen(pack, "fairface", [folder / name for name in names], names, ages, kept)


def utkface(pack: str, kept: Path) -> Faces:
    """Return UTKFace, likewise: a few people are there twice and count as different ones."""
    files = sorted((data_folder() / "utkface").iterdir())
    ages = ["child" if int(file.name.split("_")[0]) < 10 else "older" for file in files]
    return _seen(pack, "utkface", files, [file.name for file in files], ages, kept)


def _seen(
    pack: str, name: str, files: Sequence[Path], people: list[str], kinds: list[str], kept: Path
) -> Faces:
    """Return the central face of each picture that has one, kept from an earlier run where there was one."""
    place = kept / f"grouping-{pack}-{name}.npz"
    if place.exists():
        stored = np.load(place)
        vectors, qualities = stored["vectors"], stored["qualities"]
    else:
        sizes = [Image.open(file).size for file in files]
        found = subjects(FaceAnalyzer.load(pack), files, lambda index: sizes[index])
        dimension = next(len(face.template.vector) for face in found if face and face.template)
        vectors = np.full((len(files), dimension), np.nan, np.float32)
        qualities = np.zeros(len(files), np.float32)
        for row, face in enumerate(found):
            if face is not None and face.template is not None:
                vectors[row], qualities[row] = face.template.vector, face.quality.unified_score
        kept.mkdir(parents=True, exist_ok=True)
        np.savez(place, vectors=vectors, qualities=qualities)
    numbers = np.unique(people, return_inverse=True)[1].astype(np.int64)
    return Faces(vectors, qualities, numbers, np.array(kinds)).part(~np.isnan(vectors[:, 0]))


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """How people and their pictures are spread in template space, as measured on real ones.

    Attributes:
        shares: by kind of people, its share of all.
        centres: (kinds, d) the mean of the people of each.
        between: (kinds, d, d) roots of the covariances of people within their kind.
        within: (d, d) a root of the covariance of pictures of one person.
        scales: how far single pictures lie from their person, relative to the root mean square.
        counts: how many pictures people have.
    """

    shares: Floats
    centres: Floats
    between: Floats
    within: Floats
    scales: Floats
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, faces: Faces) -> Population:
        """Measure it."""
        _, numbers, counts = np.unique(faces.people, return_inverse=True, return_counts=True)
        means = np.zeros((len(counts), faces.vectors.shape[1]))
        np.add.at(means, numbers, faces.vectors)
        means /= counts[:, None]
        several = counts[numbers] > 1
        apart = (faces.vectors - means[numbers])[several]
        # A picture is nearer to the mean that it is a part of than to the person.
        apart *= np.sqrt(counts[numbers[several]] / (counts[numbers[several]] - 1.0))[:, None]
        within = apart.T @ apart / len(apart)
        kinds = KMeans(KINDS, n_init=4, random_state=0).fit(means)
        covariances = np.stack([np.cov(means[kinds.labels_ == kind].T) for kind in range(KINDS)])
        shares = np.bincount(kinds.labels_) / len(means)
        typical = np.einsum("k,kij->ij", shares, covariances)
        sizes = np.trace(covariances, axis1=1, axis2=2) / np.trace(typical)
        shrunk = (1 - SHRINKAGE) * covariances + SHRINKAGE * sizes[:, None, None] * typical
        return cls(
            shares,
            kinds.cluster_centers_,
            # The mean of few pictures of a person is itself spread.
            np.stack([_root(each - within * np.mean(1 / counts)) for each in shrunk]),
            _root(within),
            np.linalg.norm(apart, axis=1) / np.sqrt((apart**2).sum(axis=1).mean()),
            counts,
        )

    def drawn(self, count: int, seed: int) -> Faces:
        """Return so many faces of people, each with as many pictures as somebody measured has."""
        draw = np.random.default_rng(seed)
        sizes = draw.choice(self.counts, count)
        people = np.repeat(np.arange(count), sizes)[:count]
        kinds = draw.choice(len(self.shares), people[-1] + 1, p=self.shares)
        dimension = self.centres.shape[1]
        centres = np.empty((len(kinds), dimension))
        for kind, root in enumerate(self.between):
            of_kind = kinds == kind
            centres[of_kind] = self.centres[kind] + draw.normal(size=(of_kind.sum(), dimension)) @ root.T
        spread = draw.normal(size=(count, dimension)) @ self.within.T * draw.choice(self.scales, (count, 1))
        vectors = centres[people] + spread
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        nothing = np.full(count, "")
        return Faces(vectors.astype(np.float32), np.full(count, 70, np.float32), people, nothing)


def _root(covariance: Floats) -> Floats:
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(axes * np.sqrt(np.maximum(values, 0.0)))
