"""How each probe's scores lie against a whole gallery: all that is needed to know of every smaller one.

A gallery of N subjects drawn at random from M returns nobody to a non-mated probe exactly when none of the m
subjects who score the threshold or more is drawn: with the chance C(M − m, N) / C(M, N). So the expected
rates over all sub-galleries follow from counts. Drawing some of them would give the same with noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.evaluation.matrix import BLOCK_BYTES

if TYPE_CHECKING:
    from countenance.evaluation.comparisons import Floats, Numbers
    from countenance.evaluation.searches import Flags

Scores = Callable[[int, int], npt.NDArray[np.floating]]
"""Of the probes from one number up to another: (rows, references) scores, NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How probes' scores lie against a gallery; a subject's score is that of its best reference.

    Attributes:
        thresholds: (thresholds,) rising.
        above: (probes, thresholds) how many subjects other than the probe's score each threshold or more.
        rivals: (probes,) how many other subjects score as much as the mate, or more.
        mates: (probes,) the mate's score; −∞ where there is none.
        subjects: (probes,) the number of the probe's subject.
        mated: (probes,) whether that subject was to be enrolled.
        failures: how many of the probes gave no template.
        gallery: how many subjects were to be enrolled.
        not_enrolled: how many of them gave no template.
    """

    thresholds: Floats
    above: Numbers
    rivals: Numbers
    mates: Floats
    subjects: Numbers
    mated: Flags
    failures: int
    gallery: int
    not_enrolled: int

    def found_by(self, size: int, places: slice = slice(None)) -> Floats:
        """Return the chance that a search finds somebody other than the probe's own subject.

        Args:
            size: how many subjects are drawn for a gallery, other than the probe's own; where so many are not
                there, all are.
            places: which of the thresholds.

        Returns:
            (probes, thresholds) the chance of a candidate with the threshold or more.
        """
        above = self.above[:, places]
        chances = np.empty(above.shape)
        for kind, others in ((self.mated, self.gallery - 1), (~self.mated, self.gallery)):
            if kind.any():
                chances[kind] = 1 - none_drawn(min(size, others), others)[above[kind]]
        return chances

    def first_of(self, size: int) -> Floats:
        """Return the chance that a mate scores more than all others of a gallery.

        Args:
            size: how many subjects the gallery has, the mate among them.

        Returns:
            (mated probes,) the chance; 0 where there is no score.
        """
        chances = none_drawn(size - 1, self.gallery - 1)[self.rivals[self.mated]]
        return np.where(np.isfinite(self.mates[self.mated]), chances, 0.0)


def none_drawn(drawn: int, of: int) -> Floats:
    """Return the chance to draw none of the marked, by how many are marked.

    Args:
        drawn: how many are drawn, without putting any back.
        of: out of how many.

    Returns:
        (of + 1,) C(of − marked, drawn) / C(of, drawn) for 0, 1, … marked.
    """
    # With one more marked the chance is (left − drawn) / left of what it was, left being the unmarked before.
    left = of - np.arange(of)
    return np.concatenate([[1.0], np.cumprod(np.maximum(left - drawn, 0) / left)])


def tally(
    scores: Scores,
    probes: Numbers,
    references: Numbers,
    thresholds: Floats,
    *,
    failed: Numbers | None = None,
    not_enrolled: Numbers | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Tally:
    """Count how probes' scores lie against a gallery, block by block.

    Args:
        scores: gives the scores of some probes against all references, such as a product of vectors.
        probes: (probes,) the number of each probe's subject.
        references: (references,) that of each reference.
        thresholds: (thresholds,) rising.
        failed: the subjects of further probes, which gave no template: they find nobody.
        not_enrolled: the numbers of further subjects of the gallery, who gave none: nobody finds them.
        block_bytes: how large a block of scores may be; a few times this is needed.
    """
    without = np.empty(0, np.int32)
    lost, missing = without if failed is None else failed, without if not_enrolled is None else not_enrolled
    meant = np.union1d(references, missing)
    gallery = _Gallery(references, thresholds)
    rows = max(1, block_bytes // (8 * max(1, len(references))))
    parts = [
        gallery.count(scores(start, min(start + rows, len(probes))), probes[start : start + rows])
        for start in range(0, len(probes), rows)
    ]
    parts.append(gallery.nobody(len(lost)))
    subjects = np.concatenate([probes, lost]).astype(np.int32)
    return Tally(
        thresholds,
        np.concatenate([part.above for part in parts]),
        np.concatenate([part.rivals for part in parts]),
        np.concatenate([part.mates for part in parts]),
        subjects,
        np.isin(subjects, meant),
        len(lost),
        len(meant),
        len(meant) - len(np.unique(references)),
    )


def spread_thresholds(scores: Floats, count: int = 200) -> Floats:
    """Return rising thresholds for a tally: FMR falls from one to the next by about the same factor.

    Args:
        scores: the highest scores of different subjects, in any order, such as a matrix run lists them.
        count: about how many thresholds.

    Returns:
        Some of the scores, and last a threshold just above the highest.
    """
    if not len(scores):
        return np.empty(0)
    places = np.unique(np.geomspace(1, len(scores), count).astype(np.int64)) - 1
    chosen = np.unique(np.sort(scores)[::-1][places])
    return np.append(chosen, np.nextafter(chosen[-1], np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The counts of some probes, as in ``Tally``."""

    above: Numbers
    rivals: Numbers
    mates: Floats


class _Gallery:
    """The references of a gallery, sorted by subject."""

    def __init__(self, references: Numbers, thresholds: Floats) -> None:
        self._order = np.argsort(references, kind="stable")
        self._numbers, self._starts = np.unique(references[self._order], return_index=True)
        self._thresholds = thresholds

    def nobody(self, probes: int) -> _Part:
        """Return the counts of probes that find nobody."""
        return _Part(
            np.zeros((probes, len(self._thresholds)), np.int32),
            np.zeros(probes, np.int32),
            np.full(probes, -np.inf),
        )

    def count(self, scores: npt.NDArray[np.floating], probes: Numbers) -> _Part:
        """Return the counts of a block of probes."""
        if not len(self._numbers):
            return self.nobody(len(probes))
        best = np.take(scores, self._order, axis=1)
        if len(self._starts) < len(self._order):
            # fmax passes over NaN: a reference without a score does not hide the subject's others.
            best = np.fmax.reduceat(best, self._starts, axis=1)
        column = np.minimum(np.searchsorted(self._numbers, probes), len(self._numbers) - 1)
        row = np.flatnonzero(self._numbers[column] == probes)
        mates = np.full(len(probes), -np.inf, best.dtype)
        mates[row] = np.fmax(best[row, column[row]], -np.inf)
        best[row, column[row]] = np.nan
        rivals = (best >= mates[:, None]).sum(axis=1, dtype=np.int32)
        return _Part(self._above(best), rivals, mates.astype(np.float64))

    def _above(self, best: npt.NDArray[np.floating]) -> Numbers:
        """Return (rows, thresholds) how many scores reach each threshold."""
        steps = len(self._thresholds) + 1
        lowest = self._thresholds[0] if len(self._thresholds) else np.inf
        row, column = np.nonzero(best >= lowest)
        reached = np.searchsorted(self._thresholds, best[row, column], side="right")
        counts = np.bincount(row * steps + reached, minlength=len(best) * steps).reshape(len(best), steps)
        return np.cumsum(counts[:, ::-1], axis=1, dtype=np.int32)[:, -2::-1]
