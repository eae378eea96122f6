"""What is joined: single faces and whole groups, each the weighted sum of its templates.

The mean score of all comparisons between two groups is the product of their mean templates, so a sum and a
weight are all that has to be kept of a group, however many faces it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.gallery.grouping.values import Rows, Scores, Surroundings, Vectors

_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Groups of one face or more, each a row.

    Attributes:
        means: (u, d) the mean of its templates, weighted by quality; not normalised.
        weights: (u,) the sum of the weights of its faces, above 0.
        distances: (u,) the mean of its faces' distances from the strangers around them; zeros where scores
            are not adjusted.
        surroundings: how scores are adjusted, None where they are not.
    """

    means: Vectors
    weights: Scores
    distances: Scores
    surroundings: Surroundings | None

    @classmethod
    def of_faces(
        cls, vectors: Vectors, qualities: npt.NDArray[np.float32], surroundings: Surroundings | None
    ) -> Units:
        """Return each face as a unit of its own.

        A face weighs as much as its quality (0–100), and 1 at least: with the mean of blurred and turned
        faces as good as that of the others, fewer faces come to the groups of their people.
        """
        weights = np.maximum(qualities, 1.0).astype(np.float64)
        if surroundings is None:
            return cls(vectors, weights, np.zeros(len(vectors)), None)
        parts = [
            surroundings.distances(vectors[start : start + _AT_ONCE])
            for start in range(0, len(vectors), _AT_ONCE)
        ]
        return cls(vectors, weights, np.concatenate([np.zeros(0), *parts]), surroundings)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.weights)

    def joined(self, owners: Rows, count: int) -> Units:
        """Return ``count`` units; ``owners`` says, by unit, of which new one it becomes a part."""
        weights = np.bincount(owners, self.weights, count).astype(np.float64)
        share = self.weights / weights[owners]
        order = np.argsort(owners, kind="stable")
        starts = np.searchsorted(owners[order], np.arange(count))
        parts = self.means[order] * share[order, None].astype(np.float32)
        means = np.add.reduceat(parts, starts)
        distances = np.bincount(owners, self.distances * share, count).astype(np.float64)
        return Units(means, weights, distances, self.surroundings)

    def scores(self, first: Rows, second: Rows) -> Scores:
        """Return the mean scores between the faces of one unit and of another, pair by pair."""
        cosines = np.empty(len(first))
        for start in range(0, len(first), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            cosines[part] = np.einsum("ij,ij->i", self.means[first[part]], self.means[second[part]])
        return self.adjusted(cosines, first, second)

    def adjusted(self, cosines: Scores, first: Rows, second: Rows) -> Scores:
        """Return the scores of pairs of units whose mean cosines are known."""
        if self.surroundings is None:
            return cosines
        return self.surroundings.adjusted(cosines, self.distances[first], self.distances[second])
