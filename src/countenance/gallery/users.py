"""One vector for a person of whom there are several faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from countenance.gallery.values import Vectors

# A face of quality 0 counts a tenth of one of quality 100, so that every face counts and none decides alone.
_LEAST_WEIGHT = 0.1


def user_vector(vectors: Vectors, qualities: Vectors) -> Vectors:
    """Return the quality-weighted mean of a user's templates, L2-normalised.

    Args:
        vectors: n × d templates, n at least 1.
        qualities: n quality scores, 0–100.
    """
    weights = _LEAST_WEIGHT + (1.0 - _LEAST_WEIGHT) * np.clip(qualities, 0.0, 100.0) / 100.0
    total = (vectors * weights[:, None]).sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    # Vectors that cancel each other out have no mean direction; the best face then stands for the user.
    mean = total / length if length > 1e-9 else vectors[int(np.argmax(weights))]
    return np.asarray(mean, np.float32)
