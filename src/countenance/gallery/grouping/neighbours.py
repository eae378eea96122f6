"""For each unit, those that are most like it: who could be joined, and how alike the strangers around are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import faiss
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.gallery.grouping.units import Units
    from countenance.gallery.grouping.values import Pairs, Rows, Scores, Vectors

_NEIGHBOURS = 48
# The most alike strangers of a unit are those that come third to tenth: the first two are often parts of the
# same person that are still to be joined. Some more are looked at, since adjusting changes their order.
_FIRST_STRANGER, _LAST_STRANGER, _LOOKED_AT = 2, 10, 16
# Up to here every unit is compared with every other (2 s on 2 cores); beyond, with those in the nearest cells
# of the space. benchmarks/grouping.py prints how many of the pairs that count are seen then.
_MOST_COMPARED = 20_000
_CELLS_LOOKED_AT = 32
_LEARNED_FROM, _ROUNDS = 64, 8
_AT_ONCE = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Which units are alike.

    Attributes:
        pairs: (m, 2) each pair of units once, the lower row first, ascending.
        seen_to: (u,) others that score less with a unit than this were not all seen; −1 where all were.
    """

    pairs: Pairs
    seen_to: Scores


def neighbours_of(units: Units, least: float) -> Neighbours:
    """Return pairs of units that score ``least`` or more; of each unit the 48 most alike are looked at.

    The mean of what two groups score reaches a limit only where two of their parts do, so no other pairs are
    needed, unless all 48 of a unit are above the limit.
    """
    # A pair is one number here, so that each is found once quickly.
    pairs, seen_to = [np.empty(0, np.int64)], np.full(len(units), -1.0)
    for rows, others, scores in _nearest(units, _NEIGHBOURS):
        first = np.broadcast_to(rows[:, None], others.shape)
        able = scores >= least
        lower, higher = np.minimum(first, others)[able], np.maximum(first, others)[able]
        pairs.append(lower * len(units) + higher)
        if others.shape[1] < len(units):
            seen_to[rows] = np.partition(scores, 1, axis=1)[:, 1]
    found = np.unique(np.concatenate(pairs))
    return Neighbours(np.stack(np.divmod(found, len(units)), axis=1), seen_to)


def strangers_of(units: Units) -> Scores:
    """Return, by unit, its mean score with its third to tenth most alike others; −1 where there are none."""
    strangers = np.full(len(units), -1.0)
    for rows, _, scores in _nearest(units, _LOOKED_AT):
        ranked = -np.sort(-scores, axis=1)[:, _FIRST_STRANGER:_LAST_STRANGER]
        there = ranked > -1.0
        some = there.any(axis=1)
        sums = np.where(there, ranked, 0.0).sum(axis=1)
        strangers[rows[some]] = sums[some] / there.sum(axis=1)[some]
    return strangers


def _nearest(units: Units, count: int) -> Iterator[tuple[Rows, Rows, Scores]]:
    """Yield rows, the rows of the units most alike to each, itself among them, and their scores.

    The score of a unit with itself, and of one that is not there (−1), is −1.
    """
    index = _index(units.means)
    for start in range(0, len(units), _AT_ONCE):
        part = units.means[start : start + _AT_ONCE]
        cosines, found = index.search(part, min(count + 1, len(units)))
        rows, others = np.arange(start, start + len(part)), found.astype(np.int64)
        first = np.broadcast_to(rows[:, None], others.shape)
        scores = units.adjusted(cosines.astype(np.float64), first, np.maximum(others, 0))
        scores[(others == first) | (others < 0)] = -1.0
        yield rows, others, scores


def _index(means: Vectors) -> faiss.Index:
    dimensions = means.shape[1]
    nearest_cell = faiss.IndexFlatIP(dimensions)
    if len(means) <= _MOST_COMPARED:
        nearest_cell.add(means)
        return nearest_cell
    cells = int(4 * len(means) ** 0.5)
    index = faiss.IndexIVFFlat(nearest_cell, dimensions, cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter, index.cp.max_points_per_centroid = _ROUNDS, _LEARNED_FROM
    index.nprobe = _CELLS_LOOKED_AT
    index.train(means)
    index.add(means)
    return index
