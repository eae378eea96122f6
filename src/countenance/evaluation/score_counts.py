"""How often all comparisons of a set score how much, counted block by block in bounded memory.

A calibration's ladder needs every score, the low ones as well, and to four decimals; `matrix` keeps only the
highest ones and a coarser histogram.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.evaluation.comparisons import Counts, Floats, Numbers

    Vectors = npt.NDArray[np.float32]
    Adjust = Callable[[npt.NDArray[np.floating], slice, slice], npt.NDArray[np.floating]]

_BINS_OF_1 = 500_000
_ROWS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCounts:
    """How many comparisons score how much: ``counts`` by bins of 1/500,000 from −1 on."""

    counts: Counts

    @classmethod
    def of(cls, scores: npt.ArrayLike) -> ScoreCounts:
        """Return the counts of scores (−1 to 1; what is beyond counts as the end)."""
        return cls(np.bincount(_bins(np.asarray(scores)).ravel(), minlength=2 * _BINS_OF_1 + 1))

    @property
    def total(self) -> int:
        """How many comparisons there are."""
        return int(self.counts.sum())

    @property
    def centres(self) -> Floats:
        """The scores that the bins stand for."""
        return (np.arange(len(self.counts)) + 0.5) / _BINS_OF_1 - 1.0

    def score_reached_by(self, count: int) -> float:
        """Return the highest score, to 1/500,000, that so many comparisons reach, or more."""
        reaching = np.cumsum(self.counts[::-1])[::-1]
        return float(self.centres[np.flatnonzero(reaching >= count)[-1]])


@dataclass(frozen=True, slots=True, eq=False)
class AllScores:
    """The scores of all comparisons of a set.

    Attributes:
        non_mated: those of different subjects, counted.
        mated: (n,) those of the same subject.
        mated_subjects: (n,) the numbers of these subjects.
    """

    non_mated: ScoreCounts
    mated: Floats
    mated_subjects: Numbers

    def mated_weights(self) -> Floats:
        """Return weights of the mated comparisons that sum to 1 and give each subject the same share."""
        _, places, counts = np.unique(self.mated_subjects, return_inverse=True, return_counts=True)
        return np.asarray(1.0 / (counts[places] * len(counts)), np.float64)


def all_scores(vectors: Vectors, subjects: Numbers, adjust: Adjust | None = None) -> AllScores:
    """Compare each two templates once.

    Args:
        vectors: (n, d) float32, L2-normalised.
        subjects: (n,) the number of each one's subject.
        adjust: given a block of scores, its rows and its columns, returns the block adjusted.
    """
    counts = ScoreCounts.of([]).counts
    mated: list[npt.NDArray[np.floating]] = [np.zeros(0)]
    of_whom: list[Numbers] = [np.zeros(0, np.int32)]
    for rows, columns, scores in blocks(vectors, adjust):
        same = subjects[rows, None] == subjects[None, columns]
        above = np.arange(columns.start, columns.stop)[None] > np.arange(rows.start, rows.stop)[:, None]
        counts = counts + ScoreCounts.of(scores[above & ~same]).counts
        row, column = np.nonzero(above & same)
        mated.append(scores[row, column])
        of_whom.append(subjects[rows][row].astype(np.int32))
    return AllScores(ScoreCounts(counts), np.concatenate(mated).astype(np.float64), np.concatenate(of_whom))


def blocks(
    vectors: Vectors, adjust: Adjust | None = None
) -> Iterator[tuple[slice, slice, npt.NDArray[np.floating]]]:
    """Yield blocks of scores that cover the upper triangle of the matrix: rows, columns and scores.

    Args:
        vectors: (n, d) float32, L2-normalised.
        adjust: as of ``all_scores``.
    """
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = slice(start, min(start + _ROWS_AT_ONCE, len(vectors)))
        columns = slice(start, len(vectors))
        scores: npt.NDArray[np.floating] = vectors[rows] @ vectors[columns].T
        yield rows, columns, scores if adjust is None else adjust(scores, rows, columns)


def _bins(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.intp]:
    return np.asarray((np.clip(scores, -1.0, 1.0) + 1.0) * _BINS_OF_1, np.intp)
