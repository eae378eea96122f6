"""The LFW data set (View 1) for the benchmarks: pairs, pictures, and the template of each picture's subject.

A picture's subject is the face nearest to its centre: LFW's pictures were cropped around their subject, and
other people in them may be larger.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from countenance.faces import Face, Pixels
    from countenance.vision import FaceAnalyzer

Vectors = dict[str, npt.NDArray[np.float32] | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, and whether they show the same person."""

    first: str
    second: str
    mated: bool


def data_folder() -> Path:
    """Return the folder of data sets that COUNTENANCE_SHARED names."""
    return Path(os.environ["COUNTENANCE_SHARED"]) / "data"


def read_pairs(split: str) -> list[Pair]:
    """Return the pairs of ``devtrain`` or ``devtest``."""
    with (data_folder() / "lfw" / f"pairs_{split}.csv").open() as file:
        return [Pair(row["file_a"], row["file_b"], row["same_person"] == "1") for row in csv.DictReader(file)]


def pictures_of(pairs: Iterable[Pair]) -> list[str]:
    """Return the names of all pictures, each once."""
    return sorted({name for pair in pairs for name in (pair.first, pair.second)})


def picture_path(name: str) -> Path:
    """Return where a picture lies."""
    return data_folder() / "lfw" / "images" / name


def central(faces: list[Face], width: float, height: float) -> Face | None:
    """Return the face nearest to the picture's centre."""

    def distance(face: Face) -> float:
        x, y = face.box.left + face.box.width / 2, face.box.top + face.box.height / 2
        return float(np.hypot(x - width / 2, y - height / 2))

    return min(faces, key=distance, default=None)


def subjects(
    analyzer: FaceAnalyzer,
    sources: Iterable[Pixels | Path],
    size: Callable[[int], tuple[int, int]],
    *,
    templates: bool = True,
) -> list[Face | None]:
    """Return the central face of each source; ``size`` tells a source's width and height by its number."""
    found = []
    for index, faces in enumerate(analyzer.faces_of_many(sources, templates=templates)):
        if isinstance(faces, Exception):
            raise faces
        found.append(central(faces, *size(index)))
    return found


def pair_scores(pairs: list[Pair], vectors: Vectors) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return each pair's score and whether it is mated; without a template the score is −1, a non-match."""
    scores = []
    for pair in pairs:
        first, second = vectors[pair.first], vectors[pair.second]
        scores.append(-1.0 if first is None or second is None else float(first @ second))
    return np.array(scores), np.array([pair.mated for pair in pairs])


def true_match_rate(scores: npt.NDArray[np.float64], mated: npt.NDArray[np.bool_], rate: float) -> float:
    """Return the share of mated pairs above the score that at most ``rate`` of the non-mated exceed."""
    others = np.sort(scores[~mated])[::-1]
    threshold = others[int(rate * len(others))]
    return float((scores[mated] > threshold).mean())


def area_under_curve(scores: npt.NDArray[np.float64], mated: npt.NDArray[np.bool_]) -> float:
    """Return the chance that a mated pair scores above a non-mated one; ties count half."""
    ordered = np.sort(scores[~mated])
    below = np.searchsorted(ordered, scores[mated], "left") + np.searchsorted(ordered, scores[mated], "right")
    return float(below.mean() / 2 / len(ordered))
