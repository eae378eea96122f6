"""What a gallery needs of a search engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Collection

Keys = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What a search found: keys and their comparison scores, best first, equal scores by ascending key."""

    keys: Keys
    scores: Scores


class SearchIndex(Protocol):
    """Vectors by key, safe to use from many threads; searching never waits for adding or removing."""

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add n × d L2-normalised vectors; one whose key is there takes its place."""

    def remove(self, keys: Keys) -> None:
        """Remove vectors; a key that is not there is passed over."""

    def search(
        self, queries: Vectors, most: int, at_least: float = -1.0, excluding: Collection[int] = ()
    ) -> list[Hits]:
        """Return, for each of m × d queries, the best ``most`` hits with a score of ``at_least`` or more."""

    def vectors(self, keys: Keys) -> Vectors:
        """Return the n × d vectors of keys, in their order; zeros for a key that is not there."""

    def __len__(self) -> int:
        """Return how many vectors there are."""

    def memory_bytes(self) -> int:
        """Return how much memory the index holds."""
