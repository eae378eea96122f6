"""What an exact index must answer: every score in float64, sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery.index import Hits

Keys = np.ndarray[Any, np.dtype[np.int64]]
Vectors = np.ndarray[Any, np.dtype[np.float32]]
Found = list[tuple[int, float]]


def normalised(vectors: Any) -> Vectors:
    """Return rows of length 1, as templates are."""
    exact = np.asarray(vectors, np.float64)
    return np.asarray(exact / np.linalg.norm(exact, axis=1, keepdims=True), np.float32)


def best(
    keys: Keys,
    vectors: Vectors,
    probe: Vectors,
    most: int,
    at_least: float = -1.0,
    excluding: Sequence[int] = (),
) -> Found:
    """Return keys and scores, the best first, equal scores by ascending key."""
    scores = np.einsum("ij,j->i", vectors.astype(np.float64), probe.astype(np.float64))
    scores[np.isin(keys, excluding)] = -np.inf
    ranked = np.lexsort((keys, -scores))[:most]
    ranked = ranked[scores[ranked] >= at_least]
    return list(zip(keys[ranked].tolist(), scores[ranked].tolist(), strict=True))


def listed(hits: Hits) -> Found:
    """Return an index's answer in the same form."""
    return list(zip(hits.keys.tolist(), hits.scores.tolist(), strict=True))
