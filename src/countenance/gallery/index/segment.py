"""Parts of an exact index: sealed segments, scanned by their 8-bit codes, and the open tail of new vectors.

A scan names rows that probably score best and says what all other rows score at most; `exact` makes of that
what is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import faiss
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from countenance.gallery.index.port import Keys, Scores, Vectors

    Codes = npt.NDArray[np.uint8]
    Rows = npt.NDArray[np.intp]

# The float32 sums that faiss and BLAS compute are off by less than this for vectors of length 1 and up to
# 4,096 dimensions.
ROUNDING = 2e-5
_ENCODED_AT_ONCE = 16_384
# For dimensions in which all vectors are the same.
_LEAST_WEIGHT = np.float32(1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Rows of a part that are probably best for one query, in any order.

    Rows that are not here score at most ``others_at_most``; that is minus infinity where all rows are here.
    """

    part: Segment | Recent
    rows: Rows
    others_at_most: float


class Segment:
    """Vectors that stay where they are; only removing changes a segment.

    A code has 8 bits per dimension, spread over the range that the dimension has here. Before coding, vectors
    are reflected so that their mean lies on the first axis: what all faces share, most of each template, then
    has a small range and is coded finely. With e the difference that coding made to a vector, q the query and
    w any weights, a code's score is off by |Σ qᵢeᵢ| ≤ |qw| |e/w| (the inequality of Cauchy and Schwarz).
    """

    def __init__(self, keys: Keys, vectors: Vectors) -> None:
        order = np.argsort(keys, kind="stable")
        self.keys = keys[order]
        self.vectors = np.ascontiguousarray(vectors[order], np.float32)
        self.alive = np.ones(len(keys), np.bool_)
        self.dead = 0
        self._axis = _reflecting(self.vectors.mean(axis=0))
        self._codes = faiss.IndexScalarQuantizer(
            self.vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        # Two vectors, the least and the greatest of each dimension, teach the ranges.
        extremes = [(block.min(axis=0), block.max(axis=0)) for block in self._reflected_blocks()]
        least, greatest = np.min(extremes, axis=(0, 1)), np.max(extremes, axis=(0, 1))
        self._codes.train(np.stack((least, greatest)))
        self._weights = np.maximum(greatest - least, _LEAST_WEIGHT)
        self._longest = max(self._encode(block) for block in self._reflected_blocks())

    def scan(self, queries: Vectors, count: int) -> list[Scan]:
        """Return the probably best ``count`` rows for each of m × d queries."""
        reflected = self._reflected(queries)
        if count >= len(self.keys):
            return [Scan(self, np.flatnonzero(self.alive), -np.inf) for _ in queries]
        scores, rows = self._codes.search(reflected, count)
        errors = self._longest * np.linalg.norm(reflected * self._weights, axis=1) + ROUNDING
        others = (scores[:, -1] + errors).tolist()
        return [Scan(self, *of_query) for of_query in zip(rows, others, strict=True)]

    def rows(self, keys: Keys) -> Rows:
        """Return the rows of those keys that are here."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found: Rows = places[(self.keys[places] == keys) & self.alive[places]]
        return found

    def remove(self, rows: Rows) -> None:
        """Remove rows and overwrite what was in them."""
        self.alive[rows] = False
        self.dead += len(rows)
        self.vectors[rows] = 0.0
        self.code_bytes()[rows] = 0

    def code_bytes(self) -> Codes:
        """Return a view of the codes, n × d bytes."""
        content = faiss.rev_swig_ptr(self._codes.codes.data(), self.vectors.size)
        view: Codes = content.reshape(self.vectors.shape)
        return view

    def memory_bytes(self) -> int:
        """Return how much memory the segment holds."""
        return self.keys.nbytes + self.vectors.nbytes + self.alive.nbytes + self.vectors.size

    def _reflected_blocks(self) -> Iterator[Vectors]:
        for start in range(0, len(self.keys), _ENCODED_AT_ONCE):
            yield self._reflected(self.vectors[start : start + _ENCODED_AT_ONCE])

    def _reflected(self, vectors: Vectors) -> Vectors:
        mirrored: Vectors = vectors - np.outer(2.0 * (vectors @ self._axis), self._axis)
        return mirrored

    def _encode(self, block: Vectors) -> float:
        """Add codes and return the greatest weighted length of what coding took away."""
        codes = self._codes.sa_encode(block)
        self._codes.add_sa_codes(codes)
        differences = (block - self._codes.sa_decode(codes)) / self._weights
        return float(np.linalg.norm(differences, axis=1).max())


@dataclass(frozen=True, slots=True, eq=False)
class Recent:
    """The rows of a tail that a snapshot sees; they are scanned as they are."""

    keys: Keys
    vectors: Vectors
    alive: npt.NDArray[np.bool_]

    def rows(self, keys: Keys) -> Rows:
        """Return the rows of those keys that are here."""
        return np.flatnonzero(np.isin(self.keys, keys) & self.alive)

    def scan(self, queries: Vectors, count: int) -> list[Scan]:
        """Return the probably best ``count`` rows for each of m × d queries."""
        rows = len(self.keys)
        if count >= rows:
            return [Scan(self, np.flatnonzero(self.alive), -np.inf) for _ in queries]
        scores = queries @ self.vectors.T
        best = np.argpartition(scores, rows - count, axis=1)[:, rows - count :]
        return [
            Scan(self, chosen, float(of_query[chosen[0]]) + ROUNDING)
            for chosen, of_query in zip(best, scores, strict=True)
        ]


class Tail:
    """New vectors, few enough to be scanned as they are; whoever searches sees those there were then."""

    def __init__(self, dimensions: int, capacity: int) -> None:
        self.keys = np.zeros(capacity, np.int64)
        self.vectors = np.zeros((capacity, dimensions), np.float32)
        self.alive = np.zeros(capacity, np.bool_)
        self.count = 0

    def recent(self) -> Recent:
        """Return the rows that there are now."""
        rows = slice(0, self.count)
        return Recent(self.keys[rows], self.vectors[rows], self.alive[rows])

    def append(self, keys: Keys, vectors: Vectors) -> None:
        """Put rows behind the others."""
        rows = slice(self.count, self.count + len(keys))
        self.keys[rows], self.vectors[rows], self.alive[rows] = keys, vectors, True
        self.count += len(keys)

    def grown(self, capacity: int) -> Tail:
        """Return a copy with room for more; whoever reads this one is not disturbed."""
        tail = Tail(self.vectors.shape[1], capacity)
        rows = slice(0, self.count)
        tail.append(self.keys[rows], self.vectors[rows])
        tail.alive[rows] = self.alive[rows]
        return tail

    def rows(self, keys: Keys) -> Rows:
        """Return the rows of those keys that are here."""
        return self.recent().rows(keys)

    def remove(self, rows: Rows) -> None:
        """Remove rows and overwrite what was in them."""
        self.alive[rows] = False
        self.vectors[rows] = 0.0

    def living(self) -> tuple[Keys, Vectors]:
        """Return copies of what is in the tail."""
        rows = np.flatnonzero(self.alive[: self.count])
        return self.keys[rows], self.vectors[rows]

    def memory_bytes(self) -> int:
        """Return how much memory the tail holds."""
        return self.keys.nbytes + self.vectors.nbytes + self.alive.nbytes


def true_scores(scan: Scan, query: npt.NDArray[np.float64]) -> tuple[Keys, Scores]:
    """Return the keys of a scan's rows that are still there, and their scores in float64."""
    part, rows = scan.part, scan.rows
    # Unlike a product with BLAS this gives the same score for the same vector, wherever its row is.
    scores = np.einsum("ij,j->i", part.vectors[rows].astype(np.float64), query)
    living = part.alive[rows]  # asked last: what was removed meanwhile has been overwritten
    return part.keys[rows][living], scores[living]


def _reflecting(mean: Vectors) -> Vectors:
    """Return the unit vector along which reflecting brings the mean onto the first axis (Householder)."""
    axis = mean.astype(np.float64)
    # Away from the nearer end of the axis, so that nothing cancels out.
    axis[0] += np.copysign(np.linalg.norm(axis), axis[0])
    length = np.linalg.norm(axis)
    return np.asarray(axis / length if length > 0 else axis, np.float32)
