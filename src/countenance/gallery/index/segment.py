"""Parts of an exact index: sealed segments, scanned by their 8-bit codes, and the open tail of new vectors.

A scan gives rough scores and says how far each can be from the true one; `exact` makes of that what is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import faiss
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.gallery.index.port import Keys, Scores, Vectors

    Codes = npt.NDArray[np.uint8]
    Rows = npt.NDArray[np.intp]

# The float32 sums that faiss and BLAS compute are off by less than this for vectors of length 1 and up to
# 4,096 dimensions.
ROUNDING = 2e-5
_ENCODED_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Rows of a part that scored best for one query, roughly.

    ``scores`` are at most ``part.error`` away from the true ones. Rows that are not here score at most
    ``others_at_most`` in truth; that is minus infinity where all rows are here.
    """

    part: Segment | Tail
    rows: Rows
    scores: Vectors
    others_at_most: float


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
        self.error = ROUNDING + self._encode()

    def scan(self, queries: Vectors, count: int) -> list[Scan]:
        """Return the roughly best ``count`` rows for each of m × d queries."""
        count = min(len(self.keys), count)
        scores, rows = self._codes.search(queries, count)
        lowest = scores[:, -1] + self.error if count < len(self.keys) else np.full(len(queries), -np.inf)
        scans = []
        for query, least in enumerate(lowest.tolist()):
            living = self.alive[rows[query]] if self.dead else slice(None)
            scans.append(Scan(self, rows[query][living], scores[query][living], least))
        return scans

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

    def _encode(self) -> float:
        """Fill the codes and return the length of the longest difference between a vector and its code."""
        longest = 0.0
        for start in range(0, len(self.keys), _ENCODED_AT_ONCE):
            block = self.vectors[start : start + _ENCODED_AT_ONCE]
            codes = self._codes.sa_encode(block)
            self._codes.add_sa_codes(codes)
            difference = block - self._codes.sa_decode(codes)
            longest = max(longest, float(np.linalg.norm(difference, axis=1).max()))
        return longest


class Tail:
    """New vectors, few enough to be scanned as they are; a snapshot sees as many rows as it counts."""

    error = ROUNDING

    def __init__(self, dimensions: int, capacity: int) -> None:
        self.keys = np.zeros(capacity, np.int64)
        self.vectors = np.zeros((capacity, dimensions), np.float32)
        self.alive = np.zeros(capacity, np.bool_)
        self.count = 0

    def scan(self, queries: Vectors, count: int) -> list[Scan]:
        """Return all living ones of the first ``count`` rows for each of m × d queries."""
        rows = np.flatnonzero(self.alive[:count])
        scores = queries @ self.vectors[:count].T
        return [Scan(self, rows, each[rows], -np.inf) for each in scores]

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

    def rows(self, keys: Keys) -> Rows:
        """Return the rows of those keys that are here."""
        return np.flatnonzero(np.isin(self.keys[: self.count], keys) & self.alive[: self.count])

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


def true_scores(
    scan: Scan, chosen: npt.NDArray[np.bool_], query: npt.NDArray[np.float64]
) -> tuple[Keys, Scores]:
    """Return the keys of the chosen rows of a scan that are still there, and their scores in float64."""
    rows = scan.rows[chosen]
    scores = scan.part.vectors[rows].astype(np.float64) @ query
    living = scan.part.alive[rows]  # asked last: what was removed meanwhile has been overwritten
    return scan.part.keys[rows][living], scores[living]
