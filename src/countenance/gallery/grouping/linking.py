"""Joining units, the most alike first: average linkage, done in rounds.

In a round every unit looks at the one with which it is most above what is needed, and those that look at each
other are joined. That gives the same groups as joining the single best pair again and again, since a joined
unit is no more like a third than the better of its parts was (reducibility; Murtagh, "A survey of recent
advances in hierarchical clustering algorithms", The Computer Journal 26, 1983), but it takes a dozen rounds
instead of thousands of steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.gallery.grouping.units import Units

if TYPE_CHECKING:
    from countenance.gallery.grouping.keeping_apart import Tags
    from countenance.gallery.grouping.values import Pairs, Rows, Scores


def link(units: Units, pairs: Pairs, tags: Tags, least: float, crowding: Scores) -> Rows:
    """Join units; return, for each, the row of the unit (the lowest of those joined) that it is part of.

    Args:
        units: who is there.
        pairs: (m, 2) who could be joined, the lower row first, ascending, each pair once.
        tags: which units must not come together; they follow what is joined.
        least: the mean score from which on two are joined …
        crowding: … and by how much (u,) more it must be around each; of a pair the mean counts.
    """
    work = _Linking(units, least, crowding)
    edges = _Edges(pairs, work.margins(pairs))
    edges = edges.part(edges.margins >= 0)
    while (edges.margins >= 0).any():
        chosen = edges.mutual(len(units))
        refused = tags.conflicts(edges.pairs[chosen])
        together = edges.pairs[chosen[~refused]]
        work.join(together)
        tags.join(together)
        edges = edges.without(chosen[refused]).renamed(together, len(units))
        again = np.isin(edges.pairs, together[:, 0]).any(axis=1)
        edges.margins[again] = work.margins(edges.pairs[again])
    return work.owners()


class _Linking:
    """Units while they are joined: the lowest row of those joined stands for all."""

    def __init__(self, units: Units, least: float, crowding: Scores) -> None:
        copies = (units.means.copy(), units.weights.copy(), units.distances.copy())
        self._units = Units(*copies, units.surroundings)
        self._crowding = crowding.copy()
        self._least = least
        self._parents = np.arange(len(units))

    def margins(self, pairs: Pairs) -> Scores:
        """Return how much more pairs score than they need."""
        first, second = pairs[:, 0], pairs[:, 1]
        crowding = (self._crowding[first] + self._crowding[second]) / 2.0
        return self._units.scores(first, second) - self._least - crowding

    def join(self, pairs: Pairs) -> None:
        """Make each pair one; no row is in two pairs."""
        first, second = pairs[:, 0], pairs[:, 1]
        units = self._units
        share = units.weights[second] / (units.weights[first] + units.weights[second])
        for values, part in (
            (units.means, share[:, None].astype(np.float32)),
            (units.distances, share),
            (self._crowding, share),
        ):
            values[first] += part * (values[second] - values[first])
        units.weights[first] += units.weights[second]
        self._parents[second] = first

    def owners(self) -> Rows:
        """Return, by row, the row that stands for it."""
        owners = self._parents
        while (owners[owners] != owners).any():
            owners = owners[owners]
        return owners


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Pairs that could be joined, ascending, and how much more each scores than it needs."""

    pairs: Pairs
    margins: Scores

    def part(self, rows: npt.NDArray[np.bool_]) -> _Edges:
        return _Edges(self.pairs[rows], self.margins[rows])

    def without(self, numbers: Rows) -> _Edges:
        kept = np.ones(len(self.pairs), np.bool_)
        kept[numbers] = False
        return self.part(kept)

    def mutual(self, count: int) -> Rows:
        """Return the numbers of the edges that are the best of both their units; equal ones by their rows."""
        able = np.flatnonzero(self.margins >= 0)
        ranked = able[np.argsort(-self.margins[able], kind="stable")]
        ranks, first, second = np.arange(len(ranked)), self.pairs[ranked, 0], self.pairs[ranked, 1]
        best = np.full(count, len(ranked))
        np.minimum.at(best, first, ranks)
        np.minimum.at(best, second, ranks)
        both = (best[first] == ranks) & (best[second] == ranks)
        return np.asarray(ranked[both], np.int64)

    def renamed(self, together: Pairs, count: int) -> _Edges:
        """Return the edges after pairs have become one: each once, none within one."""
        names = np.arange(count)
        names[together[:, 1]] = together[:, 0]
        pairs = np.sort(names[self.pairs], axis=1)
        keys = pairs[:, 0] * count + pairs[:, 1]
        _, kept = np.unique(keys, return_index=True)
        kept = kept[pairs[kept, 0] != pairs[kept, 1]]
        return _Edges(pairs[kept], self.margins[kept])
