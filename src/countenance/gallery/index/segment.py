"""Parts of an exact index: sealed segments, scanned by their 8-bit codes, and the open tail of new vectors.

A part answers with every vector that could be among the best, scored in float64. How far a code's score can
be from the true one is known, so a scan is repeated with more candidates until nothing can have been missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.gallery.index.port import Keys, Scores, Vectors

    Codes = npt.NDArray[np.uint8]

# The float32 sums that faiss and BLAS compute are off by less than this for vectors of length 1 and up to
# 4,096 dimensions.
ROUNDING = 2e-5
_FEWEST_CANDIDATES = 32


class Segment:
    """Vectors that stay where they are; only removing changes a segment.

    A code has 8 bits per dimension, spread over the range that the dimension has here. By the inequality of
    Cauchy and Schwarz a code's score misses the true one by at most the length of what coding took away.
    """

    def __init__(self, keys: Keys, vectors: Vectors) -> None:
        order = np.argsort(keys, kind="stable")
        self.keys = keys[order]
        self.vectors = np.ascontiguousarray(vectors[order], np.float32)
        self.alive = np.ones(len(keys), np.bool_)
        self.dead = 0
        self._codes = faiss.IndexScalarQuantizer(
            self.vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        # Two vectors, the least and the greatest of each dimension, teach the ranges.
        self._codes.train(np.stack((self.vectors.min(axis=0), self.vectors.max(axis=0))))
        self._error = ROUNDING + self._encode()

    def candidates(self, query: Vectors, most: int, at_least: float) -> tuple[Keys, Scores]:
        """Return all rows that can be among the best ``most`` with a score of ``at_least`` or more."""
        asked = min(len(self.keys), max(2 * most, most + _FEWEST_CANDIDATES) + self.dead)
        while True:
            coded, rows = self._codes.search(query[None], asked)
            lowest = float(coded[0, -1]) + self._error
            near = rows[0][coded[0] + self._error >= at_least]
            near = near[self.alive[near]]
            scores = self.vectors[near].astype(np.float64) @ query.astype(np.float64)
            if asked == len(self.keys) or lowest < max(at_least, _rank(scores, most)):
                return self.keys[near], scores
            asked = min(len(self.keys), 4 * asked)

    def rows(self, keys: Keys) -> npt.NDArray[np.intp]:
        """Return the rows of those keys that are here."""
        places = np.searchsorted(self.keys, keys)
        places = places[places < len(self.keys)]
        places = places[np.isin(self.keys[places], keys)]
        return places[self.alive[places]]

    def remove(self, rows: npt.NDArray[np.intp]) -> None:
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

    def _encode(self) -> float:
        """Fill the codes and return the length of the longest difference between a vector and its code."""
        longest = 0.0
        for start in range(0, len(self.keys), 16_384):
            block = self.vectors[start : start + 16_384]
            codes = self._codes.sa_encode(block)
            self._codes.add_sa_codes(codes)
            difference = block - self._codes.sa_decode(codes)
            longest = max(longest, float(np.linalg.norm(difference, axis=1).max()))
        return longest


class Tail:
    """New vectors, few enough to be scanned as they are; a snapshot sees as many rows as it counts."""

    def __init__(self, dimensions: int, capacity: int) -> None:
        self.keys = np.zeros(capacity, np.int64)
        self.vectors = np.zeros((capacity, dimensions), np.float32)
        self.alive = np.zeros(capacity, np.bool_)
        self.count = 0

    def candidates(self, count: int, query: Vectors, most: int, at_least: float) -> tuple[Keys, Scores]:
        """Return all of the first ``count`` rows that can be among the best ``most``."""
        rough = self.vectors[:count] @ query
        rough[~self.alive[:count]] = -np.inf
        least = max(at_least, _rank(rough, most)) - 2 * ROUNDING
        near = np.flatnonzero(rough >= least)
        return self.keys[near], self.vectors[near].astype(np.float64) @ query.astype(np.float64)

    def append(self, keys: Keys, vectors: Vectors) -> None:
        """Put rows behind the others; they are seen when a snapshot counts them."""
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

    def rows(self, keys: Keys) -> npt.NDArray[np.intp]:
        """Return the rows of those keys that are here."""
        return np.flatnonzero(np.isin(self.keys[: self.count], keys) & self.alive[: self.count])

    def remove(self, rows: npt.NDArray[np.intp]) -> None:
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


def _rank(scores: npt.NDArray[np.floating], most: int) -> float:
    """Return the score of rank ``most``, minus infinity where there are fewer."""
    if len(scores) < most:
        return -np.inf
    return float(np.partition(scores, len(scores) - most)[len(scores) - most])
