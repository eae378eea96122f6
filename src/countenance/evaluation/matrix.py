"""All comparisons of many templates, as products of matrices, in bounded memory.

Templates lie sorted by group and subject, so that each two groups are a rectangle of the matrix, which is
worked through in square blocks: product, histogram, and the few highest scores. Nothing is kept of a block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from countenance.evaluation.comparisons import Comparisons, Counts, Histogram, Numbers, Population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.evaluation.targets.port import Progress
    from countenance.faces import Vector

BINS = 8192
LISTED_SHARE = 0.03
"""Which share of the non-mated comparisons of each cell, the highest ones, is listed …"""
MOST_LISTED = 1_000_000
"""… and how many at most."""
BLOCK_BYTES = 16 * 2**20
"""How large a block of scores may be: two or three times this is what a run needs beside the templates."""

_SAMPLED = 200_000
_NOWHERE = np.float32(-4.0)
_NOTHING = -2.0
# Products of unit vectors are off by a rounding; the outermost bins take those in.
_EDGES = np.linspace(-1.0, 1.0, BINS + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """All comparisons of a set of templates, by group.

    Attributes:
        groups: the groups' names.
        mated: by group number, the comparisons of subjects of that group with themselves.
        non_mated: by two group numbers, the lower first, the comparisons of different subjects.
    """

    groups: tuple[str, ...]
    mated: dict[int, Comparisons]
    non_mated: dict[tuple[int, int], Comparisons]

    def filled(self) -> Cells:
        """Return the same with empty comparisons for groups of which there was nothing."""
        nothing = Comparisons.of([], [], [])
        groups = range(len(self.groups))
        return Cells(
            self.groups,
            {group: self.mated.get(group, nothing) for group in groups},
            {
                (one, other): self.non_mated.get((one, other), nothing)
                for one in groups
                for other in groups
                if one <= other
            },
        )


def all_comparisons(
    vectors: npt.NDArray[np.float32],
    subjects: Numbers,
    groups: Numbers | None = None,
    names: tuple[str, ...] = ("all",),
    *,
    people: int | None = None,
    listed_from: float = np.inf,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress | None = None,
) -> Cells:
    """Compare each two templates once.

    Args:
        vectors: (n, d) float32, L2-normalised.
        subjects: (n,) the number of each one's subject.
        groups: (n,) the number of each one's group; by default there is one group of all.
        names: the groups' names.
        people: how many subjects there are, where some have no template; by default as many as here.
        listed_from: from which score on comparisons are listed in any case.
        block_bytes: how large a block of scores may be.
        progress: told of blocks done.
    """
    groups = np.zeros(len(vectors), np.int32) if groups is None else groups
    order = np.lexsort((subjects, groups))
    count = int(subjects.max(initial=-1)) + 1 if people is None else people
    work = _Work(vectors[order], subjects[order], groups[order], count, listed_from)
    blocks = list(_blocks(work.bounds, max(64, int(np.sqrt(block_bytes / 4)))))
    for done, (cell, rows, columns) in enumerate(blocks, 1):
        work.add(cell, rows, columns)
        if progress is not None:
            progress(done, len(blocks))
    return Cells(
        names,
        {group: work.mated(group) for group in work.bounds},
        {cell: work.non_mated(cell) for cell in work.cells},
    )


class _Work:
    """The sums of one run."""

    def __init__(
        self,
        vectors: npt.NDArray[np.float32],
        subjects: Numbers,
        groups: Numbers,
        count: int,
        listed_from: float,
    ) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._subjects = subjects
        self._count = count
        numbers, starts, counts = np.unique(groups, return_index=True, return_counts=True)
        self.bounds = {
            int(number): (int(start), int(start + count))
            for number, start, count in zip(numbers, starts, counts, strict=True)
        }
        self.cells = [(one, other) for one in self.bounds for other in self.bounds if one <= other]
        self._floors = {cell: min(listed_from, self._floor(cell)) for cell in self.cells}
        self._histograms = {cell: np.zeros(BINS, np.float64) for cell in self.cells}
        self._listed: dict[tuple[int, int], list[tuple[Vector, Numbers, Numbers]]] = {
            cell: [] for cell in self.cells
        }
        self._mated: dict[int, list[tuple[Vector, Numbers]]] = {group: [] for group in self.bounds}

    def add(self, cell: tuple[int, int], rows: slice, columns: slice) -> None:
        """Compare a block of templates with another, or with itself."""
        scores = self._vectors[rows] @ self._vectors[columns].T
        if rows == columns:
            scores[np.tril_indices(len(scores))] = _NOWHERE
        ours, theirs = self._subjects[rows], self._subjects[columns]
        row, column = _same(ours, theirs)
        if len(row):
            values = scores[row, column]
            there = values > _NOWHERE
            self._mated[cell[0]].append((values[there], ours[row[there]]))
            scores[row, column] = _NOWHERE
        clipped = np.clip(scores, None, np.float32(1 - 1e-7), out=scores)
        self._histograms[cell] += cv2.calcHist([clipped], [0], None, [BINS], [-1.0, 1.0]).ravel()
        places = np.flatnonzero(scores.ravel() >= self._floors[cell])
        if len(places):
            self._listed[cell].append(
                (scores.ravel()[places], ours[places // len(theirs)], theirs[places % len(theirs)])
            )

    def mated(self, group: int) -> Comparisons:
        """Return the mated comparisons of a group."""
        parts = self._mated[group]
        scores = np.concatenate([part[0] for part in parts] or [np.zeros(0, np.float32)])
        subjects = np.concatenate([part[1] for part in parts] or [np.zeros(0, np.int32)])
        return Comparisons.of(scores, subjects, subjects)

    def non_mated(self, cell: tuple[int, int]) -> Comparisons:
        """Return the non-mated comparisons of a cell."""
        one, other = (self._pictures(group) for group in cell)
        population = Population(one, other, within=cell[0] == cell[1])
        total = int(population.total(np.ones((1, self._count)))[0])
        parts = self._listed[cell] or [
            (np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(0, np.int32))
        ]
        scores, first, second = (np.concatenate([part[place] for part in parts]) for place in range(3))
        order = np.argsort(-scores, kind="stable")
        histogram = None
        if len(scores) < total:
            histogram = Histogram(_EDGES, self._histograms[cell].astype(np.int64))
        return Comparisons(
            scores[order].astype(np.float64),
            first[order],
            second[order],
            total,
            histogram=histogram,
            population=population,
            listed_from=self._floors[cell],
        )

    def _pictures(self, group: int) -> Counts:
        start, end = self.bounds[group]
        return np.bincount(self._subjects[start:end], minlength=self._count).astype(np.int64)

    def _floor(self, cell: tuple[int, int]) -> float:
        """Return the score above which about the wanted share of a cell's comparisons lies, from a sample."""
        (start, end), (left, right) = (self.bounds[group] for group in cell)
        everything = (end - start) * (right - left)
        share = min(LISTED_SHARE, MOST_LISTED / everything)
        if everything <= _SAMPLED:
            return _NOTHING
        return self._sampled(cell, share)

    def _sampled(self, cell: tuple[int, int], share: float) -> float:
        (start, end), (left, right) = (self.bounds[group] for group in cell)
        draw = np.random.default_rng(0)
        one, other = draw.integers(start, end, _SAMPLED), draw.integers(left, right, _SAMPLED)
        different = self._subjects[one] != self._subjects[other]
        if not different.any():
            return _NOTHING
        scores = np.einsum("ij,ij->i", self._vectors[one[different]], self._vectors[other[different]])
        return float(np.quantile(scores, 1 - share))


def _blocks(bounds: dict[int, tuple[int, int]], side: int) -> Iterator[tuple[tuple[int, int], slice, slice]]:
    """Yield each cell's blocks: rows and columns, the columns never before the rows."""
    parts = {
        group: [slice(at, min(at + side, end)) for at in range(start, end, side)]
        for group, (start, end) in bounds.items()
    }
    for one in bounds:
        for other in bounds:
            if one > other:
                continue
            for rows in parts[one]:
                for columns in parts[other]:
                    if one != other or columns.start >= rows.start:
                        yield (one, other), rows, columns


def _same(ours: Numbers, theirs: Numbers) -> tuple[Counts, Counts]:
    """Return the places of a block at which both subjects are the same."""
    common = np.intersect1d(ours, theirs)
    if not len(common):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows, columns = np.flatnonzero(np.isin(ours, common)), np.flatnonzero(np.isin(theirs, common))
    one, other = np.nonzero(ours[rows][:, None] == theirs[columns][None])
    return rows[one], columns[other]
